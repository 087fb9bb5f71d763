"""The leases of a simulated etcd cluster: they end by the leader's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.histories.locks.etcd_requests import Lease, LeaseRevoke
from holdfast.histories.simulation.etcd_raft import ELECTION_NS, Entry
from holdfast.histories.simulation.etcd_store import NO_LEASE, Change
from holdfast.histories.simulation.virtual_time import NS_PER_S

if TYPE_CHECKING:
    from holdfast.histories.simulation.etcd_cluster import SimulatedEtcd
    from holdfast.histories.simulation.etcd_node import EtcdNode

EXPIRY_NS = 500_000_000
"""How often a leader looks for leases that have ended."""


class LeaderLeases:
    """When leases end, as a leader sees it.

    After etcd's ``server/lease`` (lessor.go): the leader renews alone, looks now and then for what has
    ended, and has it revoked through the log; a new leader lets every lease begin anew.

    Args:
        node: the node.
        cluster: what it belongs to.
    """

    def __init__(self, node: EtcdNode, cluster: SimulatedEtcd) -> None:
        self._node = node
        self._cluster = cluster
        self._clock = node.server.clock
        self._ends: dict[int, int] = {}
        self._revoking: set[int] = set()

    def begin(self, term: int) -> None:
        """As the new leader of ``term``, let every lease begin anew."""
        now = self._clock.now_ns()
        self._revoking = set()
        self._ends = {
            lease: now + ELECTION_NS + ttl * NS_PER_S
            for lease, ttl in self._cluster.store.leases.items()
        }
        self.look_after(EXPIRY_NS, term)

    def look_after(self, nanoseconds: int, term: int) -> None:
        """Look for leases that have ended, after so long and from then on, as the leader of ``term``."""
        time = self._cluster.time
        time.at(time.now + nanoseconds, self._look, term)

    def note(self, change: Change) -> None:
        """Take note of a change that was agreed on."""
        if isinstance(change.request, LeaseRevoke):
            self._ends.pop(change.request.lease, None)
        elif change.lease != NO_LEASE:
            self._ends[change.lease] = self._end_of(change.lease)

    def renewed(self, lease: int) -> Lease:
        """Let ``lease`` begin anew, unless it has ended, and return what is left of it."""
        if self._ends.get(lease, 0) <= self._clock.now_ns():
            return Lease(lease, 0)
        self._ends[lease] = self._end_of(lease)
        return Lease(lease, self._cluster.ttl_of(lease))

    def _end_of(self, lease: int) -> int:
        return self._clock.now_ns() + self._cluster.ttl_of(lease) * NS_PER_S

    def _look(self, term: int) -> None:
        raft = self._node.raft
        if not raft.leads or raft.term != term:
            return
        self.look_after(EXPIRY_NS, term)
        if self._node.server.paused:
            return
        now = self._clock.now_ns()
        for lease, end in tuple(self._ends.items()):
            if end <= now and lease not in self._revoking:
                self._revoking.add(lease)
                raft.append(Entry(term, Change(LeaseRevoke(lease)), None))
