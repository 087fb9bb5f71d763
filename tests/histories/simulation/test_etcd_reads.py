"""Linearizable reads: a leader answers them only when a majority has said that it still leads."""

from __future__ import annotations

import pytest
from tests.histories.simulation.etcd_scene import Etcd, values

from holdfast.histories.locks.etcd_requests import PutIfAbsent, Range
from holdfast.histories.outcome import NoAnswer


def test_a_leader_that_nobody_hears_answers_no_read(etcd: Etcd) -> None:
    etcd.put("a")
    leader = etcd.leader
    etcd.silence()
    with pytest.raises(NoAnswer):
        etcd.ask(Range("p/"), leader, timeout=0.1)
    assert etcd.leader == leader, "it has not given up yet"


def test_one_follower_is_enough_to_confirm_it(etcd: Etcd) -> None:
    etcd.put("a")
    etcd.strike("kill", etcd.follower)
    assert values(etcd.ask(Range("p/"))) == ["a"]


def test_a_new_leader_reads_only_once_an_entry_of_its_own_counts(etcd: Etcd) -> None:
    leader, follower = etcd.leader, etcd.follower
    etcd.silence()
    with pytest.raises(NoAnswer):
        etcd.ask(PutIfAbsent("p/a", "a", 0, "p/"), leader, timeout=0.1)
    node = next(one for one in etcd.cluster.nodes if one.name == leader)
    node.raft.lead(2)
    read = etcd.scene.begin(etcd.transport, etcd.transport.call(leader, Range("p/"), 1.0))
    etcd.scene.wait(0.01)
    # What the follower would say, said for it.
    node.reads._vouched((follower, 2, 1))
    etcd.scene.wait(0.01)
    assert not read.done
    node.raft._stored((follower, 2, 2))
    node.reads._vouched((follower, 2, 1))
    etcd.scene.wait(0.01)
    assert values(read.value()) == ["a"]
