"""Leases: by whose clock they end, and who renews them."""

from __future__ import annotations

import pytest
from tests.histories.simulation.etcd_scene import Etcd, values

from holdfast.histories.locks.etcd_requests import (
    Lease,
    LeaseGrant,
    LeaseKeepAlive,
    LeaseNotFound,
    LeaseRevoke,
    Range,
)


def test_a_lease_that_is_not_renewed_ends_with_its_keys(etcd: Etcd) -> None:
    lease: Lease = etcd.ask(LeaseGrant(1))
    etcd.put("k", lease.id)
    etcd.scene.wait(0.8)
    assert etcd.ask(LeaseKeepAlive(lease.id)) == Lease(lease.id, 1)
    etcd.scene.wait(0.8)
    assert values(etcd.ask(Range("p/"))) == ["k"]
    etcd.scene.wait(0.8)
    assert values(etcd.ask(Range("p/"))) == []
    assert etcd.ask(LeaseKeepAlive(lease.id)) == Lease(lease.id, 0)
    with pytest.raises(LeaseNotFound):
        etcd.put("again", lease.id)


def test_a_lease_ends_by_the_leaders_clock_and_by_no_other(etcd: Etcd) -> None:
    lease: Lease = etcd.ask(LeaseGrant(60))
    etcd.put("k", lease.id)
    for node, left in ((etcd.follower, ["k"]), (etcd.leader, [])):
        etcd.cluster.servers[node].clock.set(offset=61, rate=1)
        etcd.cluster.changed()
        etcd.scene.wait(1)
        assert values(etcd.ask(Range("p/"))) == left


def test_a_new_leader_lets_every_lease_begin_anew(etcd: Etcd) -> None:
    lease: Lease = etcd.ask(LeaseGrant(2))
    etcd.put("k", lease.id)
    etcd.scene.wait(1.8)
    etcd.strike("kill", etcd.leader)
    etcd.scene.wait(1.8)
    assert values(etcd.ask(Range("p/"))) == ["k"]
    etcd.scene.wait(1.5)
    assert values(etcd.ask(Range("p/"))) == []


def test_a_leader_that_was_paused_past_a_lease_does_not_end_it(etcd: Etcd) -> None:
    lease: Lease = etcd.ask(LeaseGrant(1))
    etcd.put("k", lease.id)
    old = etcd.leader
    etcd.strike("pause", old)
    etcd.scene.wait(1.2)
    other = etcd.leader
    etcd.ask(LeaseKeepAlive(lease.id), other)
    etcd.strike("resume", old)
    etcd.scene.wait(0.3)
    assert values(etcd.ask(Range("p/"), old)) == ["k"]


def test_revoking_deletes_the_keys_and_may_be_repeated(etcd: Etcd) -> None:
    lease: Lease = etcd.ask(LeaseGrant(60))
    etcd.put("k", lease.id)
    for _ in range(2):
        assert etcd.ask(LeaseRevoke(lease.id)) == Lease(lease.id, 0)
    assert values(etcd.ask(Range("p/"))) == []


def test_a_paused_leader_ends_no_lease_before_it_goes_on(etcd: Etcd) -> None:
    lease: Lease = etcd.ask(LeaseGrant(1))
    etcd.put("k", lease.id)
    server = etcd.cluster.servers[etcd.leader]
    server.pause()  # and nobody misses it
    etcd.scene.wait(3)
    assert [len(node.raft.log) for node in etcd.cluster.nodes] == [2, 2, 2]
    server.resume()
    etcd.scene.wait(0.6)
    assert values(etcd.ask(Range("p/"))) == []
