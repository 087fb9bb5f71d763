"""An etcd node and the clients that wait at it."""

from __future__ import annotations

import pytest
from tests.histories.simulation.etcd_scene import NODES, Etcd, values

from holdfast.histories.locks.etcd_requests import Deleted, DeleteIf, Range, WaitForDelete
from holdfast.histories.outcome import NoAnswer


def test_every_node_serves_the_same(etcd: Etcd) -> None:
    etcd.put("b", node=etcd.follower)
    etcd.put("a")
    for node in NODES:
        assert values(etcd.ask(Range("p/"), node)) == ["b", "a"]


@pytest.mark.parametrize("at", ["leader", "follower"])
def test_a_watch_ends_with_the_key(etcd: Etcd, at: str) -> None:
    revision = etcd.put("k").keys[0].create_revision
    node = etcd.leader if at == "leader" else etcd.follower
    waiting = etcd.scene.begin(
        etcd.transport, etcd.transport.call(node, WaitForDelete("p/k", revision), 10.0)
    )
    etcd.scene.wait(1)
    assert not waiting.done
    other = etcd.scene.transport("c2")
    assert etcd.scene.ask(other, etcd.leader, DeleteIf("p/k", revision)) == Deleted(True)
    etcd.scene.wait(0.1)
    assert waiting.value() == Deleted(True)


def test_a_watch_for_what_is_gone_ends_at_once(etcd: Etcd) -> None:
    assert etcd.ask(WaitForDelete("p/k", 7), etcd.follower) == Deleted(True)


def test_a_node_that_is_cut_off_sees_no_deletion_before_it_is_healed(etcd: Etcd) -> None:
    revision = etcd.put("k").keys[0].create_revision
    node = etcd.follower
    waiting = etcd.scene.begin(
        etcd.transport, etcd.transport.call(node, WaitForDelete("p/k", revision), 60.0)
    )
    etcd.scene.wait(0.1)
    etcd.isolate(node)
    other = etcd.scene.transport("c2")
    etcd.scene.ask(other, etcd.leader, DeleteIf("p/k", revision))
    etcd.scene.wait(1)
    assert not waiting.done
    etcd.heal()
    etcd.scene.wait(0.5)
    assert waiting.value() == Deleted(True)


def test_a_killed_node_drops_the_clients_that_wait_at_it(etcd: Etcd) -> None:
    revision = etcd.put("k").keys[0].create_revision
    waiting = etcd.scene.begin(
        etcd.transport,
        etcd.transport.call(etcd.follower, WaitForDelete("p/k", revision), 60.0),
    )
    etcd.scene.wait(0.1)
    etcd.strike("kill", etcd.follower)
    etcd.scene.wait(0.1)
    with pytest.raises(NoAnswer):
        waiting.value()
