"""Real etcd nodes as a cluster: started, killed, restarted, paused, cut off, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.histories.etcd_client import etcd_clients, etcd_cluster, eventually

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.live import vdso_clock
from holdfast.histories.live.etcd_api import EtcdApi, EtcdApiError, NodeStatus
from holdfast.histories.live.etcd_cluster import EtcdCluster
from holdfast.histories.live.network import Network
from holdfast.histories.systems.system import ServerMissing, Settings

NODES = ("n1", "n2", "n3")


@pytest.fixture
def cluster(run_directory: Path) -> Iterator[EtcdCluster]:
    with etcd_cluster(run_directory) as cluster:
        yield cluster


def serves(cluster: EtcdCluster, node: str) -> bool:
    try:
        EtcdApi(cluster.socket(node), timeout=2).write()
    except EtcdApiError:
        return False
    return True


def member(cluster: EtcdCluster, node: str) -> int:
    return EtcdApi(cluster.socket(node), timeout=2).status().member


def put(cluster: EtcdCluster, node: str, key: str) -> None:
    with etcd_clients(cluster) as (client,):
        client.ask(node, "PutIfAbsent", key=f"p/{key}", value=key, lease=0, prefix="p/")


def values(cluster: EtcdCluster, node: str) -> list[str]:
    with etcd_clients(cluster) as (client,):
        return [entry["value"] for entry in client.ask(node, "Range", prefix="p/")["keys"]]


@pytest.mark.live
def test_a_started_cluster_has_a_leader_and_serves(cluster: EtcdCluster) -> None:
    assert cluster.nodes == NODES
    assert cluster.leader() in NODES
    assert all(serves(cluster, node) for node in NODES)
    assert cluster.links() == ()


@pytest.mark.live
@pytest.mark.parametrize("durable", [False, True])
def test_a_killed_leader_is_replaced_and_comes_back_with_its_data(
    run_directory: Path, durable: bool
) -> None:
    with etcd_cluster(run_directory, durable=durable) as cluster:
        killed = cluster.leader()
        put(cluster, killed, "before")
        before = member(cluster, killed)
        cluster.kill(killed)
        assert not serves(cluster, killed)
        other = cluster.leader()
        assert other != killed
        put(cluster, other, "meanwhile")
        cluster.restart(killed, keep_data=True)
        assert member(cluster, killed) == before
        assert values(cluster, killed) == ["before", "meanwhile"]


@pytest.mark.live
def test_data_outlives_all_nodes(cluster: EtcdCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.histories.live.etcd_cluster.ELECTION_S", 0.5)
    put(cluster, "n1", "k")
    for node in NODES:
        cluster.kill(node)
    with pytest.raises(CannotStrike, match="no etcd node leads"):
        cluster.leader()
    monkeypatch.undo()
    for node in NODES:
        cluster.restart(node, keep_data=True)
    assert eventually(lambda: all(serves(cluster, node) for node in NODES))
    assert values(cluster, "n2") == ["k"]


@pytest.mark.live
def test_a_node_that_lost_its_data_comes_back_as_a_new_member(cluster: EtcdCluster) -> None:
    put(cluster, "n1", "k")
    for _ in range(2):
        lost = cluster.leader()
        before = member(cluster, lost)
        cluster.kill(lost)
        cluster.restart(lost, keep_data=False)
        assert member(cluster, lost) != before
        assert values(cluster, lost) == ["k"]
    # It counts: with it and one more node there is a majority.
    cluster.kill(next(node for node in NODES if node != lost))
    assert cluster.leader()
    assert eventually(lambda: serves(cluster, lost))
    # And it can be restarted like any other.
    cluster.kill(lost)
    cluster.restart(lost, keep_data=True)
    assert eventually(lambda: values(cluster, lost) == ["k"])


@pytest.mark.live
def test_without_a_majority_no_member_can_be_replaced(
    cluster: EtcdCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.histories.live.etcd_cluster.READMISSION_S", 1.0)
    put(cluster, "n1", "k")
    cluster.kill("n1")
    cluster.kill("n2")
    with pytest.raises(CannotStrike, match="n1 cannot come back without its data"):
        cluster.restart("n1", keep_data=False)
    # Nothing was thrown away.
    cluster.restart("n1", keep_data=True)
    assert eventually(lambda: serves(cluster, "n1"))
    assert values(cluster, "n1") == ["k"]


@pytest.mark.live
def test_a_paused_leader_is_replaced_and_follows_when_it_is_resumed(cluster: EtcdCluster) -> None:
    paused = cluster.leader()
    cluster.pause(paused)
    other = cluster.leader()
    assert other != paused
    put(cluster, other, "meanwhile")
    cluster.resume(paused)
    assert eventually(lambda: serves(cluster, paused))
    assert values(cluster, paused) == ["meanwhile"]


@pytest.mark.live
def test_nodes_reach_each_other_through_the_links(run_directory: Path) -> None:
    nodes = run_directory / "nodes"
    nodes.mkdir()
    cluster = EtcdCluster(Settings(nodes, linked=True))
    network = Network(run_directory)
    links = cluster.links()
    pairs = {(link.source, link.destination) for link in links}
    assert pairs == {(a, b) for a in NODES for b in NODES if a != b}
    try:
        network.start(links)
        cluster.start()
        cut_off = cluster.leader()
        others = [node for node in NODES if node != cut_off]
        for other in others:
            network.cut(cut_off, other)
            network.cut(other, cut_off)
        assert eventually(lambda: cluster.leader() in others)
        assert not serves(cluster, cut_off)
        assert all(serves(cluster, other) for other in others)
        for other in others:
            network.heal(cut_off, other)
            network.heal(other, cut_off)
        assert eventually(lambda: serves(cluster, cut_off))
    finally:
        cluster.stop()
        network.stop()


@pytest.mark.live
def test_without_an_entrance_there_is_no_way(run_directory: Path) -> None:
    cluster = EtcdCluster(Settings(run_directory, linked=True))
    links = cluster.links()
    for link in links:
        link.entrance.symlink_to(link.exit)
    try:
        cluster.start()
        cluster.kill("n3")
        of_n3 = [link for link in links if "n3" in (link.source, link.destination)]
        for link in of_n3:
            link.entrance.unlink()
        cluster.restart("n3", keep_data=True)
        assert not serves(cluster, "n3")
        assert serves(cluster, "n1")
        for link in of_n3:
            link.entrance.symlink_to(link.exit)
        assert eventually(lambda: serves(cluster, "n3"))
    finally:
        cluster.stop()


@pytest.mark.live
def test_nothing_is_left_after_the_harness_was_killed(run_directory: Path) -> None:
    script = (
        "import pathlib, sys, time\n"
        "from holdfast.histories.live.etcd_cluster import EtcdCluster\n"
        "from holdfast.histories.systems.system import Settings\n"
        "cluster = EtcdCluster(Settings(pathlib.Path(sys.argv[1])))\n"
        "cluster.start()\n"
        "print('started', flush=True)\n"
        "time.sleep(600)\n"
    )
    harness = subprocess.Popen(
        [sys.executable, "-c", script, str(run_directory)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert harness.stdout is not None
    assert harness.stdout.readline() == "started\n"
    assert len(working_below(run_directory)) == 3
    harness.send_signal(signal.SIGKILL)
    harness.wait()
    harness.stdout.close()
    assert eventually(lambda: working_below(run_directory) == [])


def working_below(directory: Path) -> list[str]:
    """Return the ids of the processes that have a working directory below ``directory``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            place = (process / "cwd").readlink()
        except OSError:  # it ended, or is another user's
            continue
        if place.is_relative_to(directory):
            found.append(process.name)
    return found


@pytest.mark.live
def test_a_stopped_cluster_can_be_stopped_again(cluster: EtcdCluster) -> None:
    cluster.stop()
    assert not any(serves(cluster, node) for node in NODES)
    cluster.stop()


@pytest.mark.live
@pytest.mark.parametrize("keep_data", [True, False])
def test_a_running_node_is_not_restarted(cluster: EtcdCluster, keep_data: bool) -> None:
    with pytest.raises(RuntimeError, match="n1 is running; kill it"):
        cluster.restart("n1", keep_data=keep_data)
    assert all(serves(cluster, node) for node in NODES)


@pytest.mark.live
def test_a_node_that_does_not_come_up_shows_its_log(run_directory: Path) -> None:
    (run_directory / "n2").mkdir()
    (run_directory / "n2" / "data").write_text("not a directory")
    cluster = EtcdCluster(Settings(run_directory))
    with pytest.raises(RuntimeError, match=r"(?s)n2 ended with code 1 .*not a directory"):
        cluster.start()
    cluster.stop()


def test_of_two_nodes_that_take_themselves_for_the_leader_the_later_one_is(
    run_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = {
        "n1": NodeStatus(member=11, leader=11, term=2),
        "n2": NodeStatus(member=12, leader=12, term=10),
        "n3": NodeStatus(member=13, leader=12, term=10),
    }
    cluster = EtcdCluster(Settings(run_directory))
    monkeypatch.setattr(cluster, "_running", lambda: list(says))
    monkeypatch.setattr(cluster, "_status", says.get)
    assert cluster.leader() == "n2"


def test_a_program_that_is_not_there_is_missing(run_directory: Path) -> None:
    cluster = EtcdCluster(Settings(run_directory, programs={"etcd": run_directory / "none"}))
    with pytest.raises(ServerMissing, match="none"):
        cluster.start()
    cluster.stop()


def test_leases_end_by_the_leaders_clock_and_by_no_other(run_directory: Path) -> None:
    with etcd_cluster(run_directory) as cluster, etcd_clients(cluster) as (client,):
        leader = cluster.leader()
        (follower, _) = [node for node in cluster.nodes if node != leader]
        lease = client.ask(leader, "LeaseGrant", ttl=60)["id"]
        client.ask(leader, "PutIfAbsent", key="k", value="v", lease=lease, prefix="k")
        cluster.set_clock(follower, offset=90.0, rate=1.0)
        time.sleep(1.0)
        assert client.ask(leader, "Range", prefix="k")["keys"]
        cluster.set_clock(leader, offset=90.0, rate=1.0)
        assert cluster.clock(leader) == (90.0, 1.0)
        assert eventually(lambda: not client.ask(leader, "Range", prefix="k")["keys"], 5.0)


def test_a_node_that_starts_again_has_its_clocks_as_they_would_have_been(
    run_directory: Path,
) -> None:
    with etcd_cluster(run_directory) as cluster:
        for node in cluster.nodes:
            cluster.set_clock(node, offset=90.0, rate=1.0)
        leader = cluster.leader()
        cluster.kill(leader)
        cluster.restart(leader, keep_data=True)
        assert cluster.clock(leader) == (90.0, 1.0)
        code = vdso_clock._code(90 * vdso_clock.NS_PER_S)
        pid = cluster._processes[leader].pid
        with Path(f"/proc/{pid}/mem").open("rb") as memory:
            memory.seek(vdso_clock._vdso(pid)[0] + vdso_clock._function()[0])
            assert memory.read(len(code)) == code


def test_what_its_clocks_cannot_do(run_directory: Path) -> None:
    with etcd_cluster(run_directory) as cluster:
        with pytest.raises(CannotStrike, match="never set back"):
            cluster.set_clock("n1", offset=-1.0, rate=1.0)
        with pytest.raises(CannotStrike, match="not drift"):
            cluster.set_clock("n1", offset=1.0, rate=2.0)
        cluster.kill("n1")
        with pytest.raises(CannotStrike, match="not running"):
            cluster.set_clock("n1", offset=1.0, rate=1.0)


def test_a_directory_with_too_long_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter path"):
        EtcdCluster(Settings(tmp_path / ("long" * 20)))
