"""A replica follows its master late, and takes its place with what it has."""

from __future__ import annotations

import pytest
from tests.histories.simulation.scene import Scene

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.outcome import ServerRefused
from holdfast.histories.simulation.network import Conditions, Slow
from holdfast.histories.simulation.redis_replication import ReplicatedRedis

SET = ("SET", "k", "v", "NX", "PX", 60_000)


def fail_over(scene: Scene, cluster: ReplicatedRedis) -> None:
    cluster.servers["n1"].kill()
    cluster.promote("n2")


def test_the_replica_refuses_writes_and_has_what_the_master_has() -> None:
    scene = Scene()
    cluster = ReplicatedRedis(scene.stage)
    transport = scene.transport()
    with pytest.raises(ServerRefused, match="READONLY"):
        scene.ask(transport, "n2", SET)
    assert scene.ask(transport, "n1", SET) == "OK"
    scene.wait(0.01)
    fail_over(scene, cluster)
    assert scene.ask(transport, "n2", SET) is None


def test_the_master_does_not_wait_for_its_replica() -> None:
    scene = Scene(Conditions(slow=(Slow("n1", "n2", 1000),)))
    ReplicatedRedis(scene.stage)
    transport = scene.transport()
    assert scene.ask(transport, "n1", SET, timeout=0.1) == "OK"
    assert scene.ask(transport, "n2", ("GET", "k")) is None
    scene.wait(1.1)
    assert scene.ask(transport, "n2", ("GET", "k")) == "v"


@pytest.mark.parametrize("mode", ["hold", "reset"])
def test_what_did_not_reach_the_replica_is_lost(mode: str) -> None:
    scene = Scene()
    cluster = ReplicatedRedis(scene.stage)
    transport = scene.transport()
    scene.network.cut("n1", "n2", mode)  # type: ignore[arg-type]
    scene.ask(transport, "n1", SET)
    fail_over(scene, cluster)
    assert scene.ask(transport, "n2", ("SET", "k", "new", "NX")) == "OK"
    scene.network.heal("n1", "n2")
    cluster.changed()
    scene.wait(1)
    # A master follows nobody: what was held does not undo what it has.
    assert scene.ask(transport, "n2", ("GET", "k")) == "new"


def test_a_replica_catches_up_after_a_cut() -> None:
    scene = Scene()
    cluster = ReplicatedRedis(scene.stage)
    transport = scene.transport()
    scene.network.cut("n1", "n2", "reset")
    scene.ask(transport, "n1", SET)
    scene.network.heal("n1", "n2")
    cluster.changed()
    scene.wait(0.01)
    assert scene.ask(transport, "n2", ("GET", "k")) == "v"


def test_what_cannot_be_promoted() -> None:
    cluster = ReplicatedRedis(Scene().stage)
    with pytest.raises(CannotStrike, match="a master already"):
        cluster.promote("n1")
    cluster.servers["n2"].kill()
    with pytest.raises(CannotStrike, match="not running"):
        cluster.promote("n2")
