"""A simulated etcd node: it serves clients, and talks with the other nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.histories.locks.etcd_requests import (
    LeaseGrant,
    LeaseKeepAlive,
    Range,
    WaitForDelete,
)
from holdfast.histories.outcome import NoAnswer
from holdfast.histories.simulation.etcd_leases import LeaderLeases
from holdfast.histories.simulation.etcd_raft import Entry, Raft
from holdfast.histories.simulation.etcd_reads import ConfirmedReads
from holdfast.histories.simulation.etcd_store import NO_LEASE, Change
from holdfast.histories.simulation.server import Message, Server
from holdfast.histories.simulation.virtual_time import Action

if TYPE_CHECKING:
    from holdfast.histories.simulation.etcd_cluster import SimulatedEtcd

LATE_LETTERS_NS = 1_000_000
"""By how much clients may be served before the other nodes are heard, after a pause."""

READS = (Range, WaitForDelete)


class EtcdNode:
    """One node: its clients, its letters to the others, and its parts.

    Args:
        server: the node.
        cluster: what it belongs to.

    Attributes:
        name: its name.
        raft: its log, and whom it takes for the leader.
        reads: as a leader, what must be confirmed by a majority before it is answered.
        leases: as a leader, when leases end.
        watches: whether a client waits here for a deletion.
    """

    def __init__(self, server: Server, cluster: SimulatedEtcd) -> None:
        self.server = server
        self.name = server.name
        self.raft = Raft(self, cluster)
        self.reads = ConfirmedReads(self, cluster)
        self.leases = LeaderLeases(self, cluster)
        self._cluster = cluster
        self._network = cluster.network
        self._serving: dict[int, Message] = {}
        self._watches: dict[int, tuple[WaitForDelete, Message]] = {}
        self._letters: list[tuple[Action, Any]] = []

    # Clients

    def serve(self, message: Message) -> None:
        """Do what a client asks, or have the leader do it."""
        self._serving[id(message)] = message
        if isinstance(message[0], WaitForDelete):
            self._watches[id(message)] = (message[0], message)
        if self.raft.leads:
            self._handle((self, message))
        else:
            leader = self.raft.leader
            self.tell(leader, leader._handle, (self, message))

    def _handle(self, question: tuple[EtcdNode, Message]) -> None:
        if not self.raft.leads:
            return  # as etcd drops what it is asked while it knows no leader
        origin, message = question
        request = message[0]
        if isinstance(request, LeaseKeepAlive):
            # The leader answers that alone, even one that others have replaced already.
            self.answer(origin, message, self.leases.renewed(request.lease))
        elif isinstance(request, READS):
            self.reads.ask(origin, message, request)
        else:
            lease = self._cluster.new_lease() if isinstance(request, LeaseGrant) else NO_LEASE
            self.raft.append(Entry(self.raft.term, Change(request, lease), (origin, message)))

    def answer(self, origin: EtcdNode, message: Message, reply: Any) -> None:
        """Have ``origin``, whose client sent ``message``, reply to it."""
        if origin is self:
            self._respond((message, reply))
        else:
            self.tell(origin, origin._respond, (message, reply))

    def _respond(self, answer: tuple[Message, Any]) -> None:
        """Reply to a client, unless that was done already or it has lost its connection."""
        message, reply = answer
        if self._serving.pop(id(message), None) is not None:
            self._watches.pop(id(message), None)
            self.server.wires.reply(self.server, message, reply)

    def look(self, _: Any = None) -> None:
        """Reply to the clients whose wait is over."""
        store = self._cluster.store
        for request, message in tuple(self._watches.values()):
            if store.is_gone(request):
                self._respond((message, store.read(request)))

    @property
    def watches(self) -> bool:
        """Whether a client waits here for a deletion."""
        return bool(self._watches)

    # Other nodes

    def tell(self, other: EtcdNode, action: Action, argument: Any) -> None:
        """Have ``other`` do ``action(argument)`` when the message arrives there."""
        self._network.send(self.name, other.name, other._hear, (action, argument))

    def _hear(self, letter: tuple[Action, Any]) -> None:
        server = self.server
        if server.paused:
            self._letters.append(letter)
        elif server.alive:
            action, argument = letter
            action(argument)

    # Faults

    def crash(self) -> None:
        """Keep the log, which is on disk, and nothing else; clients lose their connections."""
        self.raft.leads = False
        self._letters.clear()
        for message in tuple(self._serving.values()):
            self._respond((message, NoAnswer(f"{self.name}: the connection was broken")))

    def recover(self, *, keep_data: bool) -> None:
        """Begin as a follower, with the log or as a new member that the others have agreed to."""
        if not keep_data:
            self._cluster.replace_member(self)

    def wake(self) -> None:
        """Hear, soon, what the other nodes have sent meanwhile."""
        letters, self._letters = self._letters, []
        time = self._cluster.time
        late = int(LATE_LETTERS_NS * self._cluster.chance.random())
        for letter in letters:
            time.at(time.now + late, self._hear, letter)
