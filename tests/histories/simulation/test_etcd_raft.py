"""What a majority of logs comes to: which entries count, and from when on."""

from __future__ import annotations

import pytest
from tests.histories.simulation.etcd_scene import NODES, Etcd, values

from holdfast.histories.locks.etcd_requests import PutIfAbsent, Range
from holdfast.histories.outcome import NoAnswer
from holdfast.histories.simulation.etcd_node import EtcdNode


def node(etcd: Etcd, name: str) -> EtcdNode:
    return next(one for one in etcd.cluster.nodes if one.name == name)


def test_a_majority_is_enough_and_less_is_not(etcd: Etcd) -> None:
    one, other = (name for name in NODES if name != etcd.leader)
    etcd.strike("kill", one)
    assert values(etcd.put("a")) == ["a"]
    etcd.strike("pause", other)
    with pytest.raises(NoAnswer):
        etcd.put("b")


def test_what_a_majority_has_stored_outlives_a_leader_that_never_knew(etcd: Etcd) -> None:
    """The followers store the entry, and their words on that never arrive."""
    old = etcd.leader
    for other in NODES:
        if other != old:
            etcd.scene.network.cut(other, old, "hold")
    etcd.cluster.changed()
    with pytest.raises(NoAnswer):
        etcd.ask(PutIfAbsent("p/a", "a", 0, "p/"), old, timeout=0.1)
    assert etcd.cluster.applied == 0
    etcd.strike("kill", old)
    etcd.scene.wait(1)
    assert values(etcd.ask(Range("p/"))) == ["a"]


def test_what_only_a_dead_leader_had_is_gone_when_it_comes_back(etcd: Etcd) -> None:
    old = etcd.leader
    etcd.isolate(old)
    with pytest.raises(NoAnswer):
        etcd.ask(PutIfAbsent("p/lost", "lost", 0, "p/"), old, timeout=0.1)
    etcd.strike("kill", old)
    etcd.scene.wait(1)
    etcd.put("kept")
    etcd.heal()
    etcd.restart(old)
    etcd.scene.wait(0.2)
    assert node(etcd, old).raft.log == node(etcd, etcd.leader).raft.log
    assert values(etcd.ask(Range("p/"), old)) == ["kept"]


def test_an_entry_of_an_earlier_term_counts_only_with_one_of_the_leaders_own(etcd: Etcd) -> None:
    """Else a later leader without it could undo it: figure 8 of the paper."""
    old = etcd.leader
    # What the followers say is said for them below.
    etcd.silence()
    with pytest.raises(NoAnswer):
        etcd.ask(PutIfAbsent("p/a", "a", 0, "p/"), old, timeout=0.1)
    leader = node(etcd, old).raft
    (entry,) = leader.log
    assert entry.term == 1
    leader.lead(2)
    follower = etcd.follower
    leader._stored((follower, 2, 1))
    assert etcd.cluster.applied == 0
    leader._stored((follower, 2, 2))
    assert etcd.cluster.applied == 2


def test_what_was_said_in_an_earlier_term_does_not_count(etcd: Etcd) -> None:
    leader = node(etcd, etcd.leader).raft
    leader.lead(2)
    leader._stored((etcd.follower, 1, 1))
    assert etcd.cluster.applied == 0
