"""Links over real sockets, with the test at both ends of them."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.histories.faults.world import CannotStrike, CutMode
from holdfast.histories.live.network import Network
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


def test_no_link_no_cut(site: Site) -> None:
    with pytest.raises(CannotStrike, match="no link carries anything from c1 to n2"):
        site.network.cut("c1", "n2")
    with pytest.raises(CannotStrike, match="from n9 to n1"):
        site.network.heal("n9", "n1")
