"""Simulated etcd: agreement and elections under faults."""

from __future__ import annotations

import pytest
from tests.histories.simulation.etcd_scene import NODES, Etcd, values

from holdfast.histories.locks.etcd_requests import PutIfAbsent, Range
from holdfast.histories.outcome import NoAnswer
from holdfast.histories.simulation.server import NotYet


@pytest.mark.parametrize("act", ["kill", "pause"])
def test_a_new_leader_knows_all_and_serves(etcd: Etcd, act: str) -> None:
    etcd.put("a")
    old = etcd.leader
    etcd.strike(act, old)
    etcd.scene.wait(1)
    assert etcd.leader != old
    assert values(etcd.put("b")) == ["a", "b"]


def test_an_isolated_leader_agrees_to_nothing_and_follows_when_healed(etcd: Etcd) -> None:
    old = etcd.leader
    etcd.isolate(old)
    with pytest.raises(NoAnswer):
        etcd.ask(PutIfAbsent("p/lost", "lost", 0, "p/"), old)
    with pytest.raises(NoAnswer):
        etcd.ask(Range("p/"), old)
    assert etcd.leader != old
    etcd.put("kept")
    etcd.heal()
    etcd.scene.wait(0.2)
    assert values(etcd.ask(Range("p/"), old)) == ["kept"]
    assert values(etcd.put("more", node=old)) == ["kept", "more"]


@pytest.mark.parametrize("way", ["mute", "deaf"])
def test_a_leader_that_is_heard_or_hears_one_way_only_is_replaced(etcd: Etcd, way: str) -> None:
    old = etcd.leader
    for other in NODES:
        if other != old:
            direction = (old, other) if way == "mute" else (other, old)
            etcd.scene.network.cut(*direction, "hold")
    etcd.cluster.changed()
    etcd.scene.wait(1.5)
    assert etcd.leader != old
    assert values(etcd.put("a")) == ["a"]


def test_without_a_majority_there_is_no_answer_and_then_there_is(etcd: Etcd) -> None:
    leader, other = etcd.leader, etcd.follower
    rest = next(node for node in NODES if node not in (leader, other))
    etcd.strike("kill", leader)
    etcd.strike("kill", other)
    with pytest.raises(NotYet):
        etcd.cluster.leader()
    with pytest.raises(NoAnswer):
        etcd.ask(Range("p/"), rest)
    etcd.restart(other)
    etcd.scene.wait(1.5)
    assert values(etcd.put("a", node=rest)) == ["a"]


def test_a_node_that_comes_back_empty_undoes_nothing(etcd: Etcd) -> None:
    etcd.put("a")
    empty = etcd.follower
    etcd.strike("kill", empty)
    etcd.restart(empty, keep_data=False)
    etcd.scene.wait(0.2)
    etcd.strike("kill", etcd.leader)
    etcd.scene.wait(1)
    assert values(etcd.ask(Range("p/"), empty)) == ["a"]
