"""Simulated etcd: a store that a majority agrees on, behind a leader that is replaced when it is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.simulation.cluster import Stage
from holdfast.histories.simulation.etcd_leases import EXPIRY_NS
from holdfast.histories.simulation.etcd_node import EtcdNode
from holdfast.histories.simulation.etcd_raft import ELECTION_NS, Entry
from holdfast.histories.simulation.etcd_store import Change, EtcdStore
from holdfast.histories.simulation.server import NotYet, Server

HEARTBEAT_NS = 25_000_000

ELECTION_PATIENCE_NS = 3_000_000_000
"""How long a fault that is meant for the leader waits for one."""

FIRST_LEASE = 7_000_000_000_000_000_000
"""Leases are numbers of 63 bits, as etcd's."""


class SimulatedEtcd:
    """Etcd nodes.

    Entries are replicated and agreed on by messages, as in raft. Elections are decided at one
    instant by what raft would let happen: a leader that has no majority to talk to is replaced
    after an election timeout or two by a node that has one and whose log is not behind. Nothing is
    sent while nothing happens: a heartbeat is sent when a fault has changed something.

    After D. Ongaro and J. Ousterhout, *In Search of an Understandable Consensus Algorithm*, USENIX
    ATC 2014, and etcd's ``server/lease`` (lessor.go).

    Args:
        stage: what they are built from.
        names: the nodes' names.

    Attributes:
        store: what is agreed on.
        majority: how many nodes are one.
        applied: how long the part of the log is that the store has taken in.
    """

    def __init__(self, stage: Stage, names: Sequence[str] = ("n1", "n2", "n3")) -> None:
        self.time = stage.time
        self.network = stage.network
        self.chance = stage.chance
        self.store = EtcdStore()
        self.majority = len(names) // 2 + 1
        self.servers: Mapping[str, Server] = {name: stage.server(name) for name in names}
        self.replicas: Sequence[str] = ()
        self.nodes: list[EtcdNode] = []
        for server in self.servers.values():
            node = EtcdNode(server, self)
            server.store = node
            server.monotonic = True
            self.nodes.append(node)
        self.applied = 0
        self._leases = FIRST_LEASE
        self._ttls: dict[int, int] = {}
        self._doubts = 0
        self._doubted = False
        self._leader = self.nodes[int(self.chance.random() * len(self.nodes))]
        for node in self.nodes:
            node.raft.follow(self._leader, node.raft.term)
        # Nothing has happened yet, so there is nothing to agree on at first.
        self._leader.leases.look_after(
            int(EXPIRY_NS * self.chance.random()), self._leader.raft.term
        )

    # What faults see

    def links(self) -> Sequence[tuple[str, str]]:
        """Return every pair of nodes, both ways."""
        return [
            (one.name, other.name) for one in self.nodes for other in self.nodes if one is not other
        ]

    def leader(self) -> str:
        """Return the node that leads now."""
        if not (self._leader.raft.leads and self._leader.server.alive):
            raise NotYet("no node leads, and none was elected", ELECTION_PATIENCE_NS)
        return self._leader.name

    def promote(self, node: str) -> None:
        """Raise ``CannotStrike``: the nodes elect their leader themselves."""
        raise CannotStrike(f"{node} has no master to replace: etcd elects its leader itself")

    def changed(self) -> None:
        """See whether the leader still has a majority, and let it be heard."""
        if self._has_majority(self._leader):
            self._doubts += self._doubted
            self._doubted = False
            late = int(HEARTBEAT_NS * self.chance.random())
            self.time.at(self.time.now + late, self._leader.raft.announce)
        elif not self._doubted:
            self._doubted = True
            self._doubts += 1
            self._doubt()

    # What nodes ask

    def others(self, node: EtcdNode) -> list[EtcdNode]:
        """Return all nodes but ``node``."""
        return [other for other in self.nodes if other is not node]

    def watching(self) -> list[EtcdNode]:
        """Return the nodes at which clients wait for a deletion."""
        return [node for node in self.nodes if node.watches]

    def new_lease(self) -> int:
        """Return a number that no lease has."""
        self._leases += 1
        return self._leases

    def ttl_of(self, lease: int) -> int:
        """Return the time to live that ``lease`` was granted, in seconds."""
        return self._ttls[lease]

    def commit(self, log: Sequence[Entry], agreed: int) -> list[tuple[Entry, Any]]:
        """Apply the log up to the length ``agreed`` and return what was new, with the replies."""
        done: list[tuple[Entry, Any]] = []
        for entry in log[self.applied : agreed]:
            reply = None if entry.change is None else self._apply(entry.change)
            done.append((entry, reply))
        self.applied = max(self.applied, agreed)
        return done

    def replace_member(self, node: EtcdNode) -> None:
        """Let ``node`` come back as a new member, with what the leader has.

        Raises:
            CannotStrike: there is no leader with a majority to agree to it.
        """
        if not self._has_majority(self._leader):
            raise CannotStrike(f"the other nodes did not agree to replace the member {node.name}")
        node.raft.log = self._leader.raft.log[:]
        node.raft.follow(self._leader, self._leader.raft.term)

    # Elections

    def _apply(self, change: Change) -> Any:
        reply = self.store.apply(change)
        self._ttls.update(self.store.leases)
        return reply

    def _has_majority(self, node: EtcdNode) -> bool:
        return node.raft.leads and len(self._within_reach(node)) + 1 >= self.majority

    def _within_reach(self, node: EtcdNode) -> list[EtcdNode]:
        """Return the other nodes that ``node`` can talk with; none if it is down itself."""
        if not _up(node):
            return []
        is_open = self.network.is_open
        return [
            other
            for other in self.others(node)
            if _up(other) and is_open(node.name, other.name) and is_open(other.name, node.name)
        ]

    def _doubt(self) -> None:
        """Plan what comes of a leader without a majority."""
        leader = self._leader
        timeout = self._timeout()
        heard = [
            other
            for other in self.others(leader)
            if _up(other) and self.network.is_open(leader.name, other.name)
        ]
        if _up(leader):
            self.time.at(self.time.now + timeout, self._step_down, (self._doubts, leader))
            if len(heard) + 1 >= self.majority:
                # It is deaf but not mute: until it gives up, nobody misses it.
                timeout += self._timeout()
        self.time.at(self.time.now + timeout, self._elect, self._doubts)

    def _timeout(self) -> int:
        return int(ELECTION_NS * (1 + self.chance.random()))

    def _step_down(self, planned: tuple[int, EtcdNode]) -> None:
        doubts, leader = planned
        if self._doubted and doubts == self._doubts and leader is self._leader and _up(leader):
            leader.raft.leads = False

    def _elect(self, doubts: int) -> None:
        if not self._doubted or doubts != self._doubts:
            return
        candidates = [node for node in self.nodes if self._wins(node)]
        if not candidates:
            self.time.at(self.time.now + self._timeout(), self._elect, doubts)
            return
        winner = candidates[int(self.chance.random() * len(candidates))]
        term = 1 + max(node.raft.term for node in self.nodes)
        for voter in self._voters(winner):
            # From here on a majority refuses what the old leader still sends.
            voter.raft.term = term
            voter.raft.leads = False
        self._doubted = False
        self._leader = winner
        winner.raft.lead(term)

    def _wins(self, node: EtcdNode) -> bool:
        return _up(node) and len(self._voters(node)) + 1 >= self.majority

    def _voters(self, node: EtcdNode) -> list[EtcdNode]:
        """Return the other nodes that would vote for ``node``: those whose logs are not ahead."""
        return [other for other in self._within_reach(node) if _progress(other) <= _progress(node)]


def _up(node: EtcdNode) -> bool:
    return node.server.alive and not node.server.paused


def _progress(node: EtcdNode) -> tuple[int, int]:
    log = node.raft.log
    return (log[-1].term if log else 0, len(log))
