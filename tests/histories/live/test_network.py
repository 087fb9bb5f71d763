"""Links over real sockets, with the test at both ends of them."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.histories.faults.world import CannotStrike, CutMode
from holdfast.histories.live.network import SOCKET_PATH_BYTES_MAX, Network
from holdfast.histories.live.process import ServerProcess
from holdfast.histories.live.programs import find_redis
from holdfast.histories.systems.system import Link

PATIENCE_S = 10.0
NEAR, FAR = 0, 1

PAIRS = [("c1", "n1"), ("n1", "n2"), ("n2", "n1"), ("fence", "fence-post")]

Ends = tuple[socket.socket, socket.socket]


class Site:
    """A network with a listening socket at every exit, where the test dials and accepts."""

    def __init__(self, directory: Path) -> None:
        self.links = {
            (source, destination): Link(
                source,
                destination,
                entrance=directory / f"{source}-{destination}",
                exit=directory / f"{source}-{destination}.exit",
            )
            for source, destination in PAIRS
        }
        self.network = Network(directory)
        self.network.start(list(self.links.values()))
        self.open: list[socket.socket] = []
        self.exits: dict[tuple[str, str], socket.socket] = {}
        self._fence: Ends | None = None

    def set_up(self) -> None:
        for pair in self.links:
            self.listen(pair)
        self._fence = self.connect("fence", "fence-post")

    def tear_down(self) -> None:
        for source, destination in self.network.cuts():
            self.network.heal(source, destination)
        for end in [*self.open, *self.exits.values()]:
            end.close()
        self.open.clear()

    def listen(self, pair: tuple[str, str], backlog: int = 300) -> socket.socket:
        path = self.links[pair].exit
        path.unlink(missing_ok=True)
        self.exits[pair] = socket.socket(socket.AF_UNIX)
        self.exits[pair].settimeout(PATIENCE_S)
        self.exits[pair].bind(str(path))
        self.exits[pair].listen(backlog)
        return self.exits[pair]

    def dial(self, source: str, destination: str) -> socket.socket:
        near = socket.socket(socket.AF_UNIX)
        near.settimeout(PATIENCE_S)
        self.open.append(near)
        near.connect(str(self.links[source, destination].entrance))
        return near

    def accept(self, source: str, destination: str) -> socket.socket:
        far, _ = self.exits[source, destination].accept()
        far.settimeout(PATIENCE_S)
        self.open.append(far)
        return far

    def connect(self, source: str, destination: str) -> Ends:
        near = self.dial(source, destination)
        return near, self.accept(source, destination)

    def fence(self) -> None:
        """Return when the network has dealt with all that was sent to it before.

        One process serves all links, in the order in which they have work for it, so that what came
        before these bytes was forwarded before them, or is held.
        """
        assert self._fence is not None
        near, far = self._fence
        for sender, receiver in ((near, far), (far, near), (near, far)):
            sender.sendall(b".")
            assert receiver.recv(1) == b"."

    def arrived(self, end: socket.socket) -> bytes:
        """Return the bytes that have arrived at ``end``; the connection has not ended."""
        self.fence()
        end.settimeout(0)
        try:
            received = end.recv(1 << 20)
        except BlockingIOError:
            return b""
        finally:
            end.settimeout(PATIENCE_S)
        assert received, "the connection has ended"
        return received

    def nobody_dialled(self, source: str, destination: str) -> bool:
        self.fence()
        self.exits[source, destination].settimeout(0)
        with contextlib.suppress(BlockingIOError):
            self.exits[source, destination].accept()[0].close()
            return False
        self.exits[source, destination].settimeout(PATIENCE_S)
        return True


@pytest.fixture
def short_path() -> Iterator[Path]:
    # The paths of unix sockets are limited, and those of tmp_path are long.
    with tempfile.TemporaryDirectory(prefix="links-") as path:
        yield Path(path)


@pytest.fixture(scope="module")
def shared_site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="links-") as path:
        site = Site(Path(path))
        yield site
        site.network.stop()


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    shared_site.set_up()
    yield shared_site
    shared_site.tear_down()


def ended(end: socket.socket) -> bool:
    """Wait for bytes or the end of the connection, and return whether it was the end."""
    try:
        return end.recv(1) == b""
    except ConnectionResetError:
        return True


def receive(end: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        part = end.recv(1 << 20)
        assert part, f"ended after {len(received)} bytes"
        received += part
    return bytes(received)


def fill(end: socket.socket, letters: bytes) -> bytes:
    """Send ``letters`` over and over until no more go in, and return all that did."""
    end.setblocking(False)
    sent = bytearray()
    with contextlib.suppress(BlockingIOError):
        while len(sent) < 1 << 26:
            sent += letters[: end.send(letters)]
    end.settimeout(PATIENCE_S)
    return bytes(sent)


def test_bytes_pass_both_ways(site: Site) -> None:
    near, far = site.connect("c1", "n1")
    near.sendall(b"request")
    assert far.recv(100) == b"request"
    far.sendall(b"reply")
    assert near.recv(100) == b"reply"


@pytest.mark.parametrize(
    ("cut", "dialled", "sender"),
    [
        pytest.param(("c1", "n1"), ("c1", "n1"), NEAR, id="requests of a client"),
        pytest.param(("n1", "c1"), ("c1", "n1"), FAR, id="replies to a client"),
        pytest.param(("n1", "n2"), ("n1", "n2"), NEAR, id="requests of a node to its peer"),
        pytest.param(("n1", "n2"), ("n2", "n1"), FAR, id="replies of a node to its peer"),
    ],
)
def test_a_cut_holds_one_direction_until_healed(
    site: Site, cut: tuple[str, str], dialled: tuple[str, str], sender: int
) -> None:
    ends = site.connect(*dialled)
    site.network.cut(*cut)
    ends[sender].sendall(b"held ")
    ends[1 - sender].sendall(b"free")
    assert site.arrived(ends[sender]) == b"free"
    assert site.arrived(ends[1 - sender]) == b""
    site.network.heal(*cut)
    ends[sender].sendall(b"and late")
    assert receive(ends[1 - sender], 13) == b"held and late"


@pytest.mark.parametrize(
    "end_of",
    [
        pytest.param(lambda end: end.shutdown(socket.SHUT_WR), id="half"),
        pytest.param(lambda end: end.close(), id="altogether"),
    ],
)
def test_what_was_sent_before_the_sender_closed_arrives_late(
    site: Site, end_of: Callable[[socket.socket], None]
) -> None:
    near, far = site.connect("c1", "n1")
    site.network.cut("c1", "n1")
    near.sendall(b"last words")
    end_of(near)
    assert site.arrived(far) == b""
    site.network.heal("c1", "n1")
    assert receive(far, 10) == b"last words"
    assert ended(far)


def test_a_half_closed_connection_still_brings_replies(site: Site) -> None:
    near, far = site.connect("c1", "n1")
    near.shutdown(socket.SHUT_WR)
    assert ended(far)
    far.sendall(b"reply")
    assert receive(near, 5) == b"reply"
    far.close()
    assert ended(near)


def test_a_connection_opened_over_held_requests_waits_for_the_heal(site: Site) -> None:
    site.network.cut("c1", "n1")
    near = site.dial("c1", "n1")
    near.sendall(b"hello")
    assert site.nobody_dialled("c1", "n1")
    site.network.heal("c1", "n1")
    assert receive(site.accept("c1", "n1"), 5) == b"hello"


def test_a_connection_given_up_before_the_heal_never_comes_about(site: Site) -> None:
    site.network.cut("c1", "n1")
    near = site.dial("c1", "n1")
    near.sendall(b"hello")
    site.fence()
    near.close()
    site.network.heal("c1", "n1")
    assert site.nobody_dialled("c1", "n1")


def test_a_connection_opened_over_held_replies_brings_the_request(site: Site) -> None:
    site.network.cut("n1", "c1")
    near, far = site.connect("c1", "n1")
    near.sendall(b"request")
    assert receive(far, 7) == b"request"
    far.sendall(b"reply")
    assert site.arrived(near) == b""
    site.network.heal("n1", "c1")
    assert receive(near, 5) == b"reply"


def test_a_reset_breaks_connections_and_refuses_new_ones(site: Site) -> None:
    near, far = site.connect("c1", "n1")
    other_near, other_far = site.connect("n1", "n2")
    site.network.cut("c1", "n1", mode="reset")
    assert ended(near)
    assert ended(far)
    with pytest.raises(ConnectionRefusedError):
        site.dial("c1", "n1")
    other_near.sendall(b"elsewhere")
    assert receive(other_far, 9) == b"elsewhere"
    site.network.heal("c1", "n1")
    near, far = site.connect("c1", "n1")
    near.sendall(b"again")
    assert receive(far, 5) == b"again"


def test_a_reset_of_replies_breaks_a_connection_when_it_is_answered(site: Site) -> None:
    near, far = site.connect("c1", "n1")
    site.network.cut("n1", "c1", mode="reset")
    assert ended(near)
    assert ended(far)
    near, far = site.connect("c1", "n1")
    near.sendall(b"request")
    assert receive(far, 7) == b"request"
    far.sendall(b"reply")
    assert ended(near)
    assert ended(far)


@pytest.mark.parametrize(("mode", "other"), [("hold", "reset"), ("reset", "hold")])
def test_the_mode_of_a_cut_can_change(site: Site, mode: CutMode, other: CutMode) -> None:
    site.network.cut("c1", "n1", mode=mode)
    site.network.cut("c1", "n1", mode=other)
    assert site.network.cuts() == (("c1", "n1"),)
    if other == "reset":
        with pytest.raises(ConnectionRefusedError):
            site.dial("c1", "n1")
    else:
        site.dial("c1", "n1").sendall(b"hello")
        assert site.nobody_dialled("c1", "n1")


def test_cuts_and_directions_are_known(site: Site) -> None:
    assert site.network.directions()[:4] == (("c1", "n1"), ("n1", "c1"), ("n1", "n2"), ("n2", "n1"))
    site.network.cut("n1", "c1")
    site.network.cut("n1", "n2", mode="reset")
    assert site.network.cuts() == (("n1", "c1"), ("n1", "n2"))
    site.network.heal("n1", "c1")
    site.network.heal("n2", "n1")  # was never cut
    assert site.network.cuts() == (("n1", "n2"),)


def test_a_refused_exit_ends_the_connection(site: Site) -> None:
    site.exits["c1", "n1"].close()
    assert ended(site.dial("c1", "n1"))
    site.listen(("c1", "n1"))
    near, far = site.connect("c1", "n1")
    near.sendall(b"back")
    assert receive(far, 4) == b"back"


def test_over_held_replies_no_news_of_a_dead_node_comes_back(site: Site) -> None:
    near, far = site.connect("c1", "n1")
    site.network.cut("n1", "c1")
    far.close()
    site.exits["c1", "n1"].close()
    late = site.dial("c1", "n1")
    for end in (near, late):
        end.sendall(b"anybody there?")
        site.fence()
        end.sendall(b"hello?")
        assert site.arrived(end) == b""
    site.network.heal("n1", "c1")
    assert ended(near)
    assert ended(late)


def test_over_held_requests_the_end_of_a_node_is_known_at_once(site: Site) -> None:
    near, far = site.connect("c1", "n1")
    site.network.cut("c1", "n1")
    near.sendall(b"too late")
    far.close()
    assert ended(near)


def test_a_node_with_a_full_backlog_is_dialled_until_it_accepts(site: Site) -> None:
    site.exits["c1", "n1"].close()
    site.listen(("c1", "n1"), backlog=0)
    nears = [site.dial("c1", "n1") for _ in range(5)]
    for number, near in enumerate(nears):
        near.sendall(b"%d" % number)
    site.fence()
    assert sorted(receive(site.accept("c1", "n1"), 1) for _ in nears) == [
        b"0",
        b"1",
        b"2",
        b"3",
        b"4",
    ]


def test_many_connections_do_not_mix(site: Site) -> None:
    ends = [site.connect("c1", "n1") for _ in range(200)]
    for number, (near, far) in enumerate(ends):
        near.sendall(b"request %03d" % number)
        far.sendall(b"reply %03d" % number)
    for number, (near, far) in enumerate(ends):
        assert receive(far, 11) == b"request %03d" % number
        assert receive(near, 9) == b"reply %03d" % number


@pytest.mark.parametrize("sender", [NEAR, FAR])
def test_a_big_payload_arrives_whole(site: Site, sender: int) -> None:
    ends = site.connect("c1", "n1")
    payload = os.urandom(1 << 20) * 3
    sending = threading.Thread(target=ends[sender].sendall, args=(payload,))
    sending.start()
    assert receive(ends[1 - sender], len(payload)) == payload
    sending.join()


@pytest.mark.parametrize("cut", [True, False], ids=["cut", "nobody receives"])
def test_a_sender_that_is_not_heard_is_made_to_wait(site: Site, cut: bool) -> None:
    near, far = site.connect("c1", "n1")
    if cut:
        site.network.cut("c1", "n1")
    sent = b""
    # After the last bytes that go in the network has had time to take more, if it wanted.
    while more := fill(near, os.urandom(10007)):
        sent += more
        site.fence()
    assert len(sent) < 1 << 21
    if cut:
        assert site.arrived(far) == b""
        site.network.heal("c1", "n1")
    assert receive(far, len(sent)) == sent


def test_a_cut_comes_into_force_in_the_middle_of_a_stream(site: Site) -> None:
    near, far = site.connect("c1", "n1")
    sent = fill(near, os.urandom(10007))
    site.network.cut("c1", "n1")
    before = site.arrived(far)
    while more := site.arrived(far):
        before += more
    assert 0 < len(before) < len(sent)
    site.network.heal("c1", "n1")
    assert before + receive(far, len(sent) - len(before)) == sent


STREAMS = [
    # (dialled link, sender, direction)
    (("c1", "n1"), NEAR, ("c1", "n1")),
    (("c1", "n1"), FAR, ("n1", "c1")),
    (("n1", "n2"), NEAR, ("n1", "n2")),
    (("n1", "n2"), FAR, ("n2", "n1")),
    (("n2", "n1"), NEAR, ("n2", "n1")),
    (("n2", "n1"), FAR, ("n1", "n2")),
]
DIRECTIONS = sorted({direction for _, _, direction in STREAMS})
STEPS = st.one_of(
    st.tuples(st.just("send"), st.integers(0, len(STREAMS) - 1)),
    st.tuples(st.sampled_from(["cut", "heal"]), st.sampled_from(DIRECTIONS)),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEPS, max_size=25))
def test_what_arrives_is_what_was_sent_and_is_not_held(
    shared_site: Site, steps: list[tuple[str, int | tuple[str, str]]]
) -> None:
    site = shared_site
    site.set_up()
    try:
        ends = {pair: site.connect(*pair) for pair in PAIRS[:3]}
        held = {stream: b"" for stream in range(len(STREAMS))}
        cut: set[tuple[str, str]] = set()
        for number, (what, where) in enumerate(steps):
            if what == "cut":
                assert isinstance(where, tuple)
                site.network.cut(*where)
                cut.add(where)
            elif what == "heal":
                assert isinstance(where, tuple)
                site.network.heal(*where)
                cut.discard(where)
            else:
                assert isinstance(where, int)
                dialled, sender, _ = STREAMS[where]
                ends[dialled][sender].sendall(b"%d;" % number)
                held[where] += b"%d;" % number
            for stream, (dialled, sender, direction) in enumerate(STREAMS):
                expected = b"" if direction in cut else held[stream]
                assert site.arrived(ends[dialled][1 - sender]) == expected
                held[stream] = held[stream] if direction in cut else b""
    finally:
        site.tear_down()


def test_no_link_no_cut(site: Site) -> None:
    with pytest.raises(CannotStrike, match="no link carries anything from c1 to n2"):
        site.network.cut("c1", "n2")
    with pytest.raises(CannotStrike, match="from n9 to n1"):
        site.network.heal("n9", "n1")


def test_the_entrances_go_with_the_network(short_path: Path) -> None:
    network = Network(short_path)
    network.stop()
    network.start([Link("n1", "n2", short_path / "n1" / "n2:1", short_path / "n2" / "n2:1")])
    assert (short_path / "n1" / "n2:1").is_socket()
    with pytest.raises(RuntimeError, match="started before"):
        network.start([])
    network.stop()
    assert not (short_path / "n1" / "n2:1").exists()
    network.stop()


@pytest.mark.parametrize("which", ["entrance", "exit"])
def test_a_path_too_long_for_a_socket_is_refused(short_path: Path, which: str) -> None:
    room = SOCKET_PATH_BYTES_MAX - len(os.fsencode(short_path)) - 1
    paths = {"entrance": short_path / "in", "exit": short_path / "out"}
    longest = Link("c1", "n1", **{**paths, which: short_path / ("x" * room)})
    too_long = Link("c1", "n1", **{**paths, which: short_path / ("ä" + "x" * (room - 1))})
    with pytest.raises(ValueError, match=f"of {room + len(str(short_path)) + 2} bytes.*shorter"):
        Network(short_path).start([too_long])
    network = Network(short_path)
    network.start([longest])
    network.stop()


def test_an_entrance_is_one_links_own(short_path: Path) -> None:
    one = Link("c1", "n1", short_path / "in", short_path / "out1")
    other = Link("c1", "n2", short_path / "in", short_path / "out2")
    with pytest.raises(ValueError, match="c1→n1 and c1→n2 have one entrance"):
        Network(short_path).start([one, other])
    (short_path / "in").write_text("mine")
    with pytest.raises(FileExistsError, match="something is there"):
        Network(short_path).start([one])
    assert (short_path / "in").read_text() == "mine"


def test_the_death_of_the_process_is_noticed(short_path: Path) -> None:
    network = Network(short_path)
    with pytest.raises(CannotStrike):
        network.cut("c1", "n1")
    network.start([Link("c1", "n1", short_path / "in", short_path / "out")])
    near = socket.socket(socket.AF_UNIX)
    near.connect(str(short_path / "in"))
    assert ended(near)
    os.kill(network.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="(?s)gone or stuck.*c1 does not reach n1"):
        network.cut("c1", "n1")
    with pytest.raises(RuntimeError, match="gone or stuck"):
        network.heal("c1", "n1")
    assert network.cuts() == ()
    network.stop()


HARNESS = """
import sys, time
from pathlib import Path
from holdfast.histories.live.network import Network
from holdfast.histories.systems.system import Link
directory = Path(sys.argv[1])
network = Network(directory)
network.start([Link("c1", "n1", directory / "in", directory / "out")])
print(network.pid, flush=True)
time.sleep(600)
"""


def test_no_process_is_left_when_the_harness_is_killed(short_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HARNESS, short_path], stdout=subprocess.PIPE
    ) as harness:
        assert harness.stdout is not None
        links = os.pidfd_open(int(harness.stdout.readline()))
        harness.kill()
    # A pidfd is readable once its process has ended.
    poll = select.poll()
    poll.register(links, select.POLLIN)
    assert poll.poll(PATIENCE_S * 1000)
    os.close(links)


@pytest.mark.live
def test_a_write_whose_reply_is_held_was_applied(short_path: Path) -> None:
    server = ServerProcess(
        "n1",
        [find_redis({}).server.path, "--port", "0", "--unixsocket", "n1.socket", "--save", ""],
        short_path,
    )
    network = Network(short_path)
    link = Link("c1", "n1", short_path / "in", short_path / "n1.socket")
    try:
        server.start()
        server.wait_ready(link.exit.exists, PATIENCE_S)
        network.start([link])
        client = redis.Redis(unix_socket_path=str(link.entrance), socket_timeout=0.2, retry=None)
        witness = redis.Redis(unix_socket_path=str(link.exit))
        client.set("key", "first")
        network.cut("n1", "c1")
        with pytest.raises(redis.TimeoutError):
            client.set("key", "second")
        assert witness.get("key") == b"second"
        network.cut("c1", "n1")
        with pytest.raises(redis.TimeoutError):
            client.set("key", "third")
        assert witness.get("key") == b"second"
        network.heal("n1", "c1")
        network.heal("c1", "n1")
        assert client.get("key") == b"second"
        network.cut("c1", "n1", mode="reset")
        with pytest.raises(redis.ConnectionError):
            client.set("key", "fourth")
        assert witness.get("key") == b"second"
    finally:
        network.stop()
        server.kill()
