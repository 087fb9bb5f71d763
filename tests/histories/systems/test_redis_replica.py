"""The system ``redis-replica`` from its registration to a grant, and past a fail-over."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.histories.simulation.scene import Scene

from holdfast.histories.locks.transport import run
from holdfast.histories.outcome import NotAcquired
from holdfast.histories.simulation.redis_replication import ReplicatedRedis
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.systems.system import Settings
from holdfast.models import MODELS


def test_what_it_says_of_itself() -> None:
    system = SYSTEMS["redis-replica"]()
    assert "no replica that missed" in system.claim
    assert not system.fenced
    assert system.lock_model in MODELS.names()


@pytest.mark.parametrize("lost", [False, True], ids=["in step", "cut off"])
def test_a_client_follows_the_master_and_finds_what_the_replica_has(lost: bool) -> None:
    system = SYSTEMS["redis-replica"]()
    scene = Scene()
    cluster = ReplicatedRedis(scene.stage)
    first, second = scene.transport("c1"), scene.transport("c2")
    if lost:
        scene.network.cut("n1", "n2", "hold")
    scene.run(first, system.lock(first, "lock", 60.0).acquire("a", 0))
    scene.wait(0.1)
    cluster.servers["n1"].kill()
    cluster.promote("n2")
    lock = system.lock(second, "lock", 60.0)
    if lost:
        assert scene.run(second, lock.acquire("b", 1)).token == "b"
    else:
        with pytest.raises(NotAcquired):
            scene.run(second, lock.acquire("b", 1))


@pytest.mark.live
def test_two_clients_and_one_lock(run_directory: Path) -> None:
    system = SYSTEMS["redis-replica"]()
    cluster = system.cluster(Settings(run_directory))
    try:
        cluster.start()
        sockets = {node: cluster.socket(node) for node in cluster.nodes}
        first, second = (
            system.lock(system.connect(sockets, f"client {number}"), "lock", 60.0)
            for number in range(2)
        )
        grant = run(first.acquire("a", 5))
        with pytest.raises(NotAcquired):
            run(second.acquire("b", 0))
        run(first.release(grant))
        run(second.release(run(second.acquire("c", 5))))
    finally:
        cluster.stop()
