"""A simulated Redis master with a replica that follows it asynchronously."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.outcome import ServerRefused
from holdfast.histories.simulation.cluster import Stage
from holdfast.histories.simulation.redis_node import RedisNode, Snapshot
from holdfast.histories.simulation.server import Message, Server

MASTER, REPLICA = "n1", "n2"
READ_ONLY = "READONLY You can't write against a read only replica."
WRITES = ("SET", "DEL", "EVAL", "HSET")


class _ReplicatedNode:
    """A node that sends what it has to its replica after every write, once it has answered.

    What is sent is all its data, numbered: Redis sends the commands in order over one connection,
    which leads to the same states in the same order.
    """

    def __init__(self, server: Server, cluster: ReplicatedRedis, *, durable: bool) -> None:
        self.master = False
        self.redis = RedisNode(server, durable=durable)
        self._server = server
        self._cluster = cluster
        self._sent = 0
        self._taken = 0

    def serve(self, message: Message) -> None:
        command = message[0]
        if command[0] in WRITES and not self.master:
            # A script is taken for a write, as both that are sent here write.
            self._server.wires.reply(self._server, message, ServerRefused(READ_ONLY))
            return
        self.redis.serve(message)
        if command[0] in WRITES:
            self.send()

    def send(self) -> None:
        """Send all data to the replica."""
        if self.master and self._server.alive and not self._server.paused:
            self._sent += 1
            self._cluster.replicate(self._server.name, (self._sent, self.redis.snapshot()))

    def take(self, sent: tuple[int, Snapshot]) -> None:
        """Take what the master has sent, unless something newer came before."""
        number, snapshot = sent
        if self.master or not self._server.alive or number <= self._taken:
            return
        self._taken = number
        self.redis.restore(snapshot)

    def crash(self) -> None:
        self.redis.crash()

    def recover(self, *, keep_data: bool) -> None:
        self.redis.recover(keep_data=keep_data)

    def wake(self) -> None:
        self.send()


class ReplicatedRedis:
    """A master ``n1`` and its replica ``n2``.

    A replica that is promoted follows nobody any more. The old master stays one, if it lives.

    Args:
        stage: what they are built from.
    """

    def __init__(self, stage: Stage) -> None:
        self._network = stage.network
        self.servers: Mapping[str, Server] = {
            name: stage.server(name) for name in (MASTER, REPLICA)
        }
        self._nodes: dict[str, _ReplicatedNode] = {}
        for name, server in self.servers.items():
            node = _ReplicatedNode(server, self, durable=stage.durable)
            server.store = node
            self._nodes[name] = node
        self._nodes[MASTER].master = True

    @property
    def replicas(self) -> Sequence[str]:
        """The nodes that may be promoted."""
        return (REPLICA,)

    def links(self) -> Sequence[tuple[str, str]]:
        """Return the way of the data and that of its acknowledgement."""
        return ((MASTER, REPLICA), (REPLICA, MASTER))

    def leader(self) -> str:
        """Raise ``CannotStrike``: the master is ``n1`` until it is replaced."""
        raise CannotStrike(f"Redis has a master and no leader; name a node, such as {MASTER}")

    def promote(self, node: str) -> None:
        """Make the replica a master."""
        if not self.servers[node].alive:
            raise CannotStrike(f"{node} is not running; restart it first")
        if self._nodes[node].master:
            raise CannotStrike(f"{node} is a master already")
        self._nodes[node].master = True

    def changed(self) -> None:
        """Let the replica catch up: it connects again as soon as it can."""
        self._nodes[MASTER].send()

    def replicate(self, source: str, sent: tuple[int, Snapshot]) -> None:
        """Send data from the master to the replica."""
        if source == MASTER:
            self._network.send(MASTER, REPLICA, self._nodes[REPLICA].take, sent)
