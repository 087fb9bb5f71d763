"""What a simulated system under test is: its nodes, and how they belong together."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import frozen

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.simulation.network import Network
from holdfast.histories.simulation.redis_node import RedisNode
from holdfast.histories.simulation.server import Server
from holdfast.histories.simulation.virtual_time import VirtualTime


@frozen
class Stage:
    """What a simulated cluster is built from.

    Args:
        time: the time that it lives in.
        network: what lies between its nodes.
        chance: the nodes' source of chance.
        durable: whether nodes keep their data over a kill.
    """

    time: VirtualTime
    network: Network
    chance: random.Random
    durable: bool = False

    def server(self, name: str) -> Server:
        """Return a new server of that name, which still needs its store."""
        server = Server(name, self.time, self.network)
        self.network.servers[name] = server
        return server


class SimulatedCluster(Protocol):
    """Simulated nodes.

    Attributes:
        servers: the nodes that clients reach and faults strike, by name.
    """

    servers: Mapping[str, Server]

    @property
    def replicas(self) -> Sequence[str]:
        """The nodes that may be promoted to masters."""
        ...

    def links(self) -> Sequence[tuple[str, str]]:
        """Return the (source, destination) pairs of nodes that talk to each other."""
        ...

    def leader(self) -> str:
        """Return the node that leads now.

        Raises:
            CannotStrike: this kind of cluster has no leader.
            NotYet: it has none now.
        """
        ...

    def promote(self, node: str) -> None:
        """Make ``node``, a replica, the master.

        Raises:
            CannotStrike: this kind of cluster has no replicas, or the node is none.
        """
        ...

    def changed(self) -> None:
        """Take note that a fault has changed which nodes are up and who reaches whom."""
        ...


class Simulable(Protocol):
    """A system that can be simulated; ``holdfast.histories.systems.System`` says the rest."""

    def simulated(self, stage: Stage) -> SimulatedCluster:
        """Return its nodes, up and ready."""
        ...


class IndependentRedis:
    """Redis nodes that know nothing of each other.

    Args:
        stage: what they are built from.
        names: their names.
    """

    def __init__(self, stage: Stage, names: Sequence[str]) -> None:
        self.servers: Mapping[str, Server] = {name: stage.server(name) for name in names}
        for server in self.servers.values():
            server.store = RedisNode(server, durable=stage.durable)
        self.replicas: Sequence[str] = ()

    def links(self) -> Sequence[tuple[str, str]]:
        """Return no pair: the nodes do not talk to each other."""
        return ()

    def leader(self) -> str:
        """Raise ``CannotStrike``: all nodes are equal."""
        raise CannotStrike("independent Redis nodes have no leader; name a node, such as n1")

    def promote(self, node: str) -> None:
        """Raise ``CannotStrike``: every node is a master."""
        raise CannotStrike(f"{node} has no master to replace: the nodes are independent")

    def changed(self) -> None:
        """Have nothing to do: each node is on its own."""
