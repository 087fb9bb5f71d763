"""One connection over real sockets, with the test at both ends and the selector in its hands."""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import socket
import tempfile
import termios
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.histories.live.link_connection import HOLD, RESET, Connection, Direction, Flow

NEAR, FAR = 0, 1
REQUEST: Direction = ("c1", "n1")
REPLY: Direction = ("n1", "c1")
# No network may take in more than this for a receiver that does not receive.
TAKEN_IN_BYTES_MAX = 1 << 21


class Site:
    """An exit to dial, and the loop that serves the connections."""

    def __init__(self, directory: Path) -> None:
        self.exit = directory / "exit"
        self.selector = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.exit))
        self.listener.listen(100)
        self.open: list[socket.socket | Connection] = []

    def close(self) -> None:
        for thing in [*self.open, self.listener]:
            thing.close()

    def connect(self, request: str | None = None, reply: str | None = None) -> Link:
        return Link(self, request, reply)

    def settle(self) -> None:
        """Serve until nothing is left to do."""
        while ready := self.selector.select(0):
            for key, mask in ready:
                key.data(mask)


class Link:
    """A connection and its two ends: the dialler's and the listener's."""

    def __init__(self, site: Site, request: str | None, reply: str | None) -> None:
        self.site = site
        near, dialler = socket.socketpair()
        self.closed = 0
        self.connection = Connection(
            site.selector,
            dialler,
            Flow(REQUEST, request),
            Flow(REPLY, reply),
            on_close=self._count_close,
        )
        assert self.connection.dial(str(site.exit))
        far, _ = site.listener.accept()
        self.ends = (near, far)
        for end in self.ends:
            end.setblocking(False)
        site.open += [near, far, self.connection]

    def _count_close(self, connection: Connection) -> None:
        self.closed += 1

    def arrived(self, side: int) -> bytes:
        """Return all that has arrived at one end; the connection has not ended there."""
        received = bytearray()
        self.site.settle()
        with contextlib.suppress(BlockingIOError):
            while True:
                part = self.ends[side].recv(1 << 20)
                assert part, f"ended after {len(received)} bytes"
                received += part
                self.site.settle()
        return bytes(received)

    def ended(self, side: int) -> bool:
        """Return whether the connection has ended at one end, with nothing more to receive."""
        self.site.settle()
        try:
            return self.ends[side].recv(1, socket.MSG_PEEK) == b""
        except ConnectionResetError:
            return True
        except BlockingIOError:
            return False

    def fill(self, side: int) -> bytes:
        """Send from one end until no more goes in, and return all that did."""
        letters, sent = os.urandom(10007), bytearray()
        while len(sent) < 1 << 26:
            try:
                sent += letters[: self.ends[side].send(letters)]
            except BlockingIOError:
                before = self.room(side)
                self.site.settle()
                if self.room(side) == before:
                    break
        return bytes(sent)

    def room(self, side: int) -> int:
        """Return how many bytes that were sent from one end are not yet taken from its socket."""
        count = array("i", [0])
        fcntl.ioctl(self.ends[side], termios.TIOCOUTQ, count)
        return count[0]

    def unread(self, side: int) -> int:
        """Return how many bytes lie in the socket of one end."""
        count = array("i", [0])
        fcntl.ioctl(self.ends[side], termios.FIONREAD, count)
        return count[0]


@contextlib.contextmanager
def a_site() -> Iterator[Site]:
    # The paths of unix sockets are limited, and those of tmp_path are long.
    with tempfile.TemporaryDirectory(prefix="links-") as path:
        site = Site(Path(path))
        try:
            yield site
        finally:
            site.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with a_site() as site:
        yield site


def half(end: socket.socket) -> None:
    end.shutdown(socket.SHUT_WR)


def altogether(end: socket.socket) -> None:
    end.close()


@pytest.mark.parametrize("end_of", [half, altogether])
@pytest.mark.parametrize(("sender", "direction"), [(NEAR, REQUEST), (FAR, REPLY)])
def test_what_was_sent_before_the_sender_closed_arrives_late(
    site: Site, sender: int, direction: Direction, end_of: Callable[[socket.socket], None]
) -> None:
    link = site.connect()
    link.connection.set_mode(direction, HOLD)
    link.ends[sender].send(b"last words")
    end_of(link.ends[sender])
    assert link.arrived(1 - sender) == b""
    link.connection.set_mode(direction, None)
    site.settle()
    assert link.ends[1 - sender].recv(100) == b"last words"
    assert link.ended(1 - sender)


@pytest.mark.parametrize("first", [NEAR, FAR])
def test_after_one_end_has_closed_its_half_the_other_still_sends(site: Site, first: int) -> None:
    link = site.connect()
    half(link.ends[first])
    assert link.ended(1 - first)
    link.ends[1 - first].send(b"more")
    assert link.arrived(first) == b"more"
    half(link.ends[1 - first])
    assert link.ended(first)
    assert link.closed == 1


def test_a_node_that_dies_while_requests_are_held_is_known_to_be_dead(site: Site) -> None:
    link = site.connect()
    link.connection.set_mode(REQUEST, HOLD)
    link.ends[NEAR].send(b"too late")
    link.ends[FAR].close()
    assert link.ended(NEAR)
    assert link.closed == 1


def test_a_node_that_dies_while_replies_are_held_seems_alive(site: Site) -> None:
    link = site.connect()
    link.connection.set_mode(REPLY, HOLD)
    link.ends[FAR].close()
    for _ in range(3):
        link.ends[NEAR].send(b"anybody there?")
        assert link.arrived(NEAR) == b""
    link.connection.set_mode(REPLY, None)
    assert link.ended(NEAR)
    assert link.closed == 1


def test_a_client_that_gives_up_while_replies_are_held_is_gone_for_good(site: Site) -> None:
    link = site.connect()
    link.connection.set_mode(REPLY, HOLD)
    link.ends[FAR].send(b"reply")
    link.ends[NEAR].close()
    assert link.ended(FAR)
    with pytest.raises(BrokenPipeError):
        link.ends[FAR].send(b"to nobody")
    assert link.closed == 1


@pytest.mark.parametrize("direction", [REQUEST, REPLY])
def test_a_reset_loses_what_is_under_way(site: Site, direction: Direction) -> None:
    link = site.connect()
    link.connection.set_mode(direction, HOLD)
    for end in link.ends:
        end.send(b"under way")
    link.connection.set_mode(direction, RESET)
    assert link.ended(NEAR)
    assert link.ended(FAR)
    assert link.closed == 1


def test_other_directions_are_none_of_its_business(site: Site) -> None:
    link = site.connect()
    for direction in [("c1", "n2"), ("n2", "c1"), ("n1", "n1")]:
        link.connection.set_mode(direction, RESET)
    link.ends[NEAR].send(b"request")
    assert link.arrived(FAR) == b"request"


def test_a_listener_that_is_not_there(site: Site) -> None:
    site.listener.close()
    near, dialler = socket.socketpair()
    site.open += [near, dialler]
    flows = Flow(REQUEST, None), Flow(REPLY, HOLD)
    connection = Connection(site.selector, dialler, *flows, on_close=lambda connection: None)
    assert not connection.dial(str(site.exit)), "the refusal is held"
    connection.set_mode(REPLY, None)
    with pytest.raises(ConnectionRefusedError):
        connection.dial(str(site.exit))


@pytest.mark.parametrize("mode", [HOLD, RESET])
def test_a_cut_is_obeyed_by_what_is_served_after_it_in_the_same_round(
    site: Site, mode: str
) -> None:
    link = site.connect()
    link.ends[NEAR].send(b"request")
    link.ends[FAR].send(b"reply")
    round_of_both = site.selector.select(0)
    assert len(round_of_both) == 2
    link.connection.set_mode(REQUEST, mode)
    for key, mask in round_of_both:
        key.data(mask)
    assert link.unread(FAR) == 0
    assert link.unread(NEAR) == (5 if mode == HOLD else 0)


@pytest.mark.parametrize("sender", [NEAR, FAR])
def test_a_big_payload_arrives_whole(site: Site, sender: int) -> None:
    link = site.connect()
    payload, received, sent = os.urandom(3 << 20), b"", 0
    while sent < len(payload):
        with contextlib.suppress(BlockingIOError):
            sent += link.ends[sender].send(payload[sent:])
        received += link.arrived(1 - sender)
    assert received == payload


@pytest.mark.parametrize("sender", [NEAR, FAR])
@pytest.mark.parametrize("cut", [None, HOLD], ids=["nobody receives", "held"])
def test_a_sender_that_is_not_heard_is_made_to_wait(
    site: Site, sender: int, cut: str | None
) -> None:
    link = site.connect(request=cut, reply=cut)
    sent = link.fill(sender)
    assert len(sent) < TAKEN_IN_BYTES_MAX
    for direction in (REQUEST, REPLY):
        link.connection.set_mode(direction, None)
    assert link.arrived(1 - sender) == sent


@pytest.mark.parametrize("end_of", [half, altogether])
def test_a_sender_may_close_before_it_was_heard(
    site: Site, end_of: Callable[[socket.socket], None]
) -> None:
    link = site.connect()
    sent = link.fill(NEAR)
    end_of(link.ends[NEAR])
    received = b""
    while not link.ended(FAR):
        received += link.ends[FAR].recv(1 << 20)
    assert received == sent


def test_a_cut_stops_a_stream_where_it_is(site: Site) -> None:
    link = site.connect()
    sent = link.fill(NEAR)
    link.connection.set_mode(REQUEST, HOLD)
    count = link.unread(FAR)
    assert 0 < count < len(sent)
    assert link.arrived(FAR) == sent[:count]
    link.connection.set_mode(REQUEST, None)
    assert link.arrived(FAR) == sent[count:]


STEPS = st.one_of(
    st.tuples(st.just("send"), st.sampled_from([NEAR, FAR])),
    st.tuples(st.just("hold"), st.sampled_from([NEAR, FAR])),
    st.tuples(st.just("heal"), st.sampled_from([NEAR, FAR])),
)


@settings(deadline=None)
@given(st.lists(STEPS))
def test_what_arrives_is_what_was_sent_and_is_not_held(steps: list[tuple[str, int]]) -> None:
    held = {NEAR: b"", FAR: b""}
    cut: set[int] = set()
    with a_site() as site:
        link = site.connect()
        for number, (what, sender) in enumerate(steps):
            match what:
                case "send":
                    link.ends[sender].send(b"%d;" % number)
                    held[sender] += b"%d;" % number
                case "hold":
                    link.connection.set_mode((REQUEST, REPLY)[sender], HOLD)
                    cut.add(sender)
                case "heal":
                    link.connection.set_mode((REQUEST, REPLY)[sender], None)
                    cut.discard(sender)
            for side in (NEAR, FAR):
                assert link.arrived(1 - side) == (b"" if side in cut else held[side])
                held[side] = held[side] if side in cut else b""
