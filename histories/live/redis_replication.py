"""A real Redis master and its replica, started as children of this process."""

from __future__ import annotations

import time
from collections.abc import Sequence

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.live.redis_cluster import RedisCluster
from holdfast.histories.live.redis_connection import RedisConnection
from holdfast.histories.live.tcp_entrance import TcpEntrance
from holdfast.histories.systems.system import Link, Settings

MASTER, REPLICA = "n1", "n2"
ANSWER_S = 2.0
SYNCHRONIZED_S = 20.0
POLL_S = 0.01


class ReplicatedRedis(RedisCluster):
    """A master ``n1`` with a replica ``n2``.

    Redis dials its master over TCP alone. So the replica dials a port of the loopback that leads to
    the master's unix socket, over a link that can be cut where there are links.

    Args:
        settings: how they are started.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, names=(MASTER, REPLICA))
        self._way = settings.directory / "replication"
        self._linked = settings.linked
        self._entrance: TcpEntrance | None = None
        self._promoted = False

    def start(self) -> None:
        """Start both, and return once the replica has what the master has."""
        super().start()
        self._ask(MASTER, "CONFIG", "SET", "repl-diskless-sync-delay", 0)
        self._entrance = TcpEntrance(self._way if self._linked else self.socket(MASTER))
        self._follow()

    def stop(self) -> None:
        """End both."""
        super().stop()
        if self._entrance is not None:
            self._entrance.close()
            self._entrance = None

    def links(self) -> Sequence[Link]:
        """Return the way on which the replica dials its master, if it can be cut."""
        if not self._linked:
            return ()
        return (Link(REPLICA, MASTER, self._way, self.socket(MASTER)),)

    def promote(self, node: str) -> None:
        """Make the replica a master."""
        if not self._running(node).process.alive:
            raise CannotStrike(f"{node} is not running; restart it first")
        if node == MASTER or self._promoted:
            raise CannotStrike(f"{node} is a master already")
        self._ask(node, "REPLICAOF", "NO", "ONE")
        self._promoted = True

    def restart(self, node: str, *, keep_data: bool) -> None:
        """Start a killed node again, as what it was."""
        super().restart(node, keep_data=keep_data)
        if node == REPLICA and not self._promoted:
            self._dial()

    def _follow(self) -> None:
        self._dial()
        deadline = time.monotonic() + SYNCHRONIZED_S
        while "master_link_status:up" not in str(self._ask(REPLICA, "INFO", "replication")):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the replica did not follow within {SYNCHRONIZED_S:g} s")
            time.sleep(POLL_S)

    def _dial(self) -> None:
        assert self._entrance is not None, "it is started"
        self._ask(REPLICA, "REPLICAOF", "127.0.0.1", self._entrance.port)

    def _ask(self, node: str, *command: str | int) -> object:
        connection = RedisConnection(self.socket(node))
        try:
            reply: object = connection.call(command, ANSWER_S)
            return reply
        finally:
            connection.close()
