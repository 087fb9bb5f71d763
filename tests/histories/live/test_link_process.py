"""The process that keeps the links: its start, its end, and a real server behind a link."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.live.network import SOCKET_PATH_BYTES_MAX, Network
from holdfast.histories.live.process import ServerProcess
from holdfast.histories.live.programs import find_redis
from holdfast.histories.systems.system import Link

PATIENCE_S = 10.0


@pytest.fixture
def short_path() -> Iterator[Path]:
    # The paths of unix sockets are limited, and those of tmp_path are long.
    with tempfile.TemporaryDirectory(prefix="links-") as path:
        yield Path(path)


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
    near.settimeout(PATIENCE_S)
    assert near.recv(1) == b""
    os.kill(network.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match=r"(?s)gone or stuck.*c1 does not reach n1"):
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
        client = redis.Redis(
            unix_socket_path=str(link.entrance),
            socket_timeout=0.2,
            retry=Retry(NoBackoff(), 0),
        )
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
