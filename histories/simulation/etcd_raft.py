"""A simulated etcd node's part in raft: its log, and what a majority has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from holdfast.histories.simulation.etcd_store import Change
from holdfast.histories.simulation.server import Message

if TYPE_CHECKING:
    from holdfast.histories.simulation.etcd_cluster import SimulatedEtcd
    from holdfast.histories.simulation.etcd_node import EtcdNode

ELECTION_NS = 250_000_000
"""The election timeout of the clusters that live runs start."""


@frozen(eq=False)
class Entry:
    """One place of the log.

    Args:
        term: of the leader that put it there.
        change: what is to be done, or ``None`` for the first entry of a leader.
        asked_by: the node whose client asked for it, with the request; ``None`` for the leader's own.
    """

    term: int
    change: Change | None
    asked_by: tuple[EtcdNode, Message] | None


class Raft:
    """One node's log, and whom it takes for the leader.

    A leader's appends carry the log up to the new entry, in one message: raft's matching of
    prefixes comes to the same. A node's log is on disk before it says so.

    After D. Ongaro and J. Ousterhout, *In Search of an Understandable Consensus Algorithm*, USENIX
    ATC 2014; who becomes leader is decided by ``SimulatedEtcd``.

    Args:
        node: whose part it is.
        cluster: what the node belongs to.

    Attributes:
        term: the highest that it has heard of.
        log: the entries that it has.
        leads: whether it takes itself for the leader.
        leader: whom it follows.
    """

    def __init__(self, node: EtcdNode, cluster: SimulatedEtcd) -> None:
        self.term = 1
        self.log: list[Entry] = []
        self.leads = False
        self.leader: EtcdNode
        self._node = node
        self._cluster = cluster
        self._matched: dict[str, int] = {}

    def lead(self, term: int) -> None:
        """Become the leader of ``term``."""
        self.term = term
        self.leads = True
        self.leader = self._node
        self._matched = {}
        self._node.reads.begin()
        self._node.leases.begin(term)
        self.append(Entry(term, None, None))

    def append(self, entry: Entry) -> None:
        """As a leader, add ``entry`` to the log and send it to the followers."""
        self.log.append(entry)
        self.announce()

    def announce(self, _: Any = None) -> None:
        """Send the log to the followers, if this node leads."""
        if self.leads:
            append = (self._node, self.term, self.log, len(self.log))
            for other in self._cluster.others(self._node):
                self._node.tell(other, other.raft._take, append)

    def _take(self, append: tuple[EtcdNode, int, list[Entry], int]) -> None:
        leader, term, log, length = append
        node = self._node
        if term < self.term:
            node.tell(leader, leader.raft._outdated, self.term)
            return
        if term > self.term or length > len(self.log) or self.leader is not leader:
            self.log = log[:length]
        self.follow(leader, term)
        if node.watches:
            node.look()
        node.tell(leader, leader.raft._stored, (node.name, term, length))

    def follow(self, leader: EtcdNode, term: int) -> None:
        """Take ``leader``, this node or another, for the leader of ``term``."""
        self.term = term
        self.leader = leader
        self.leads = self._node is leader

    def _outdated(self, term: int) -> None:
        if term > self.term:
            self.leads = False

    def _stored(self, stored: tuple[str, int, int]) -> None:
        name, term, length = stored
        if not self.leads or term != self.term:
            return
        if length > self._matched.get(name, 0):
            self._matched[name] = length
        if length <= self._cluster.applied:
            return  # a majority has it already
        lengths = sorted((*self._matched.values(), len(self.log)), reverse=True)
        if len(lengths) >= self._cluster.majority:
            agreed = lengths[self._cluster.majority - 1]
            # Entries of earlier terms are agreed on only together with one of the leader's own.
            if agreed > self._cluster.applied and self.log[agreed - 1].term == self.term:
                self._agree(agreed)

    def _agree(self, agreed: int) -> None:
        node = self._node
        for entry, reply in self._cluster.commit(self.log, agreed):
            if entry.change is not None:
                node.leases.note(entry.change)
            if entry.asked_by is not None:
                origin, message = entry.asked_by
                node.answer(origin, message, reply)
        node.reads.agreed()
        for other in self._cluster.watching():
            if other is node:
                node.look()
            else:
                node.tell(other, other.look, None)
