"""Linearizable reads of a simulated etcd cluster: a majority must say that the leader still leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from holdfast.histories.locks.etcd_requests import Range, WaitForDelete
from holdfast.histories.simulation.server import Message

if TYPE_CHECKING:
    from holdfast.histories.simulation.etcd_cluster import SimulatedEtcd
    from holdfast.histories.simulation.etcd_node import EtcdNode


class ConfirmedReads:
    """What a leader is asked to read, and what it asks the others about that.

    After section 6.4 of D. Ongaro, *Consensus: Bridging Theory and Practice*, 2014 (ReadIndex).

    Args:
        node: whose reads they are.
        cluster: what the node belongs to.
    """

    def __init__(self, node: EtcdNode, cluster: SimulatedEtcd) -> None:
        self._node = node
        self._cluster = cluster
        self._confirmed: dict[int, tuple[set[str], Callable[[], None]]] = {}
        self._questions = 0
        self._waiting: list[Callable[[], None]] | None = None

    def begin(self) -> None:
        """As a new leader, wait until it is known what is agreed on."""
        self._confirmed = {}
        self._waiting = []

    def agreed(self) -> None:
        """Go on with what has waited until an entry of the leader's own was agreed on."""
        waiting, self._waiting = self._waiting, None
        for ask in waiting or ():
            ask()

    def ask(self, origin: EtcdNode, message: Message, request: Range | WaitForDelete) -> None:
        """Have ``origin`` reply to ``message`` with what is read, once a majority has confirmed it."""

        def reply() -> None:
            store = self._cluster.store
            if isinstance(request, Range) or store.is_gone(request):
                self._node.answer(origin, message, store.read(request))

        def ask() -> None:
            self._confirm(reply)

        if self._waiting is None:
            ask()
        else:
            self._waiting.append(ask)

    def _confirm(self, then: Callable[[], None]) -> None:
        """Do ``then`` once a majority has said that this is still the leader."""
        node = self._node
        self._questions += 1
        self._confirmed[self._questions] = (set(), then)
        question = (node, node.raft.term, self._questions)
        for other in self._cluster.others(node):
            node.tell(other, other.reads._vouch, question)

    def _vouch(self, question: tuple[EtcdNode, int, int]) -> None:
        leader, term, number = question
        node = self._node
        if term >= node.raft.term:
            node.raft.follow(leader, term)
            node.tell(leader, leader.reads._vouched, (node.name, term, number))

    def _vouched(self, answer: tuple[str, int, int]) -> None:
        name, term, number = answer
        raft = self._node.raft
        if number not in self._confirmed or not raft.leads or term != raft.term:
            return
        names, then = self._confirmed[number]
        names.add(name)
        if len(names) + 1 >= self._cluster.majority:
            del self._confirmed[number]
            then()
