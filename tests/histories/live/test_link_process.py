"""The process that keeps the links: its start, its end, and real servers behind the links."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tests.histories.etcd_client import eventually

from holdfast.histories.faults.world import CannotStrike, CutMode
from holdfast.histories.live.etcd_api import EtcdApi, EtcdApiError
from holdfast.histories.live.etcd_cluster import EtcdCluster
from holdfast.histories.live.network import SOCKET_PATH_BYTES_MAX, Network
from holdfast.histories.live.process import ServerProcess
from holdfast.histories.live.programs import find_redis
from holdfast.histories.systems.system import Link, Settings

PATIENCE_S = 10.0


def test_the_entrances_go_with_the_network(run_directory: Path) -> None:
    network = Network(run_directory)
    network.stop()
    network.start([Link("n1", "n2", run_directory / "n1" / "n2:1", run_directory / "n2" / "n2:1")])
    assert (run_directory / "n1" / "n2:1").is_socket()
    with pytest.raises(RuntimeError, match="started before"):
        network.start([])
    network.stop()
    assert not (run_directory / "n1" / "n2:1").exists()
    network.stop()


@pytest.mark.parametrize("which", ["entrance", "exit"])
def test_a_path_too_long_for_a_socket_is_refused(run_directory: Path, which: str) -> None:
    room = SOCKET_PATH_BYTES_MAX - len(os.fsencode(run_directory)) - 1
    paths = {"entrance": run_directory / "in", "exit": run_directory / "out"}
    longest = Link("c1", "n1", **{**paths, which: run_directory / ("x" * room)})
    too_long = Link("c1", "n1", **{**paths, which: run_directory / ("ä" + "x" * (room - 1))})
    with pytest.raises(ValueError, match=f"of {room + len(str(run_directory)) + 2} bytes.*shorter"):
        Network(run_directory).start([too_long])
    network = Network(run_directory)
    network.start([longest])
    network.stop()


def test_an_entrance_is_one_links_own(run_directory: Path) -> None:
    one = Link("c1", "n1", run_directory / "in", run_directory / "out1")
    other = Link("c1", "n2", run_directory / "in", run_directory / "out2")
    with pytest.raises(ValueError, match="c1→n1 and c1→n2 have one entrance"):
        Network(run_directory).start([one, other])
    (run_directory / "in").write_text("mine")
    with pytest.raises(FileExistsError, match="something is there"):
        Network(run_directory).start([one])
    assert (run_directory / "in").read_text() == "mine"


def test_the_death_of_the_process_is_noticed(run_directory: Path) -> None:
    network = Network(run_directory)
    with pytest.raises(CannotStrike):
        network.cut("c1", "n1")
    network.start([Link("c1", "n1", run_directory / "in", run_directory / "out")])
    for _ in range(3):
        with socket.socket(socket.AF_UNIX) as near:
            near.settimeout(PATIENCE_S)
            near.connect(str(run_directory / "in"))
            assert near.recv(1) == b""
    os.kill(network.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="gone or stuck") as caught:
        network.cut("c1", "n1")
    assert str(caught.value).count("c1 does not reach n1: ") == 1, "said once, not three times"
    with pytest.raises(RuntimeError, match="gone or stuck"):
        network.heal("c1", "n1")
    assert network.cuts() == ()
    network.stop()


HARNESS = """
import sys, time
from pathlib import Path
from holdfast.histories.live.network import Network
from holdfast.histories.systems.system import Link, Settings
directory = Path(sys.argv[1])
network = Network(directory)
network.start([Link("c1", "n1", directory / "in", directory / "out")])
print(network.pid, flush=True)
time.sleep(600)
"""


def test_no_process_is_left_when_the_harness_is_killed(run_directory: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HARNESS, run_directory], stdout=subprocess.PIPE
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
def test_a_write_whose_reply_is_held_was_applied(run_directory: Path) -> None:
    server = ServerProcess(
        "n1",
        [find_redis({}).server.path, "--port", "0", "--unixsocket", "n1.socket", "--save", ""],
        run_directory,
    )
    network = Network(run_directory)
    link = Link("c1", "n1", run_directory / "in", run_directory / "n1.socket")
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


@pytest.mark.live
@pytest.mark.parametrize(
    ("deaf", "mode"),
    [
        pytest.param(False, "hold", id="mute, what it says is held"),
        pytest.param(False, "reset", id="mute, its connections break"),
        pytest.param(True, "hold", id="deaf, what it is told is held"),
    ],
)
def test_a_raft_leader_cut_off_one_way_is_replaced(
    run_directory: Path, deaf: bool, mode: CutMode
) -> None:
    nodes = run_directory / "nodes"
    nodes.mkdir()
    cluster, network = EtcdCluster(Settings(nodes, linked=True)), Network(run_directory)

    def writes(node: str) -> bool:
        try:
            EtcdApi(cluster.socket(node), timeout=1.0).write()
        except EtcdApiError:
            return False
        return True

    try:
        network.start(cluster.links())
        cluster.start()
        leader = cluster.leader()
        others = [node for node in cluster.nodes if node != leader]
        for other in others:
            network.cut(*((other, leader) if deaf else (leader, other)), mode=mode)
        assert eventually(lambda: cluster.leader() in others)
        assert eventually(lambda: all(map(writes, others)))
        assert not writes(leader)
        for source, destination in network.cuts():
            network.heal(source, destination)
        assert eventually(lambda: writes(leader))
    finally:
        cluster.stop()
        network.stop()
