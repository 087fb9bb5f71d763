"""The live transport to Redis nodes."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from holdfast.histories.live.blocking import Blocking
from holdfast.histories.live.redis_connection import Command, RedisConnection
from holdfast.histories.outcome import DefiniteFailure, NoAnswer


class RedisTransport(Blocking):
    """How one client reaches Redis nodes: a request is a command as a tuple, a reply is text.

    Nothing is retried behind the caller's back: a ``SET NX`` that is sent twice would find its own
    key and report a failure. Every thread has connections of its own, so a background coroutine
    neither waits for its owner's replies nor takes them.

    Args:
        sockets: the nodes' unix sockets, by node name.
        seed: makes the client's chance reproducible.
    """

    def __init__(self, sockets: Mapping[str, Path], seed: str) -> None:
        super().__init__(seed)
        self.nodes: Sequence[str] = tuple(sockets)
        self._sockets = dict(sockets)
        self._threads = threading.local()

    async def call(self, node: str, request: Command, timeout: float) -> Any:
        """Send ``request`` to ``node`` and return its reply; see ``Transport.call``."""
        self.check_cancelled()
        return self._connection(node).call(request, timeout)

    async def call_all(
        self, nodes: Sequence[str], request: Command, timeout: float
    ) -> list[Any | Exception]:
        """Send ``request`` to all ``nodes``, then read; see ``Transport.call_all``."""
        self.check_cancelled()
        deadline = time.monotonic() + timeout
        sent = [self._sent(node, request) for node in nodes]
        return [_received(connection, deadline) for connection in sent]

    def close(self) -> None:
        """Close the connections of this thread."""
        for connection in self._connections().values():
            connection.close()

    def _sent(self, node: str, request: Command) -> RedisConnection | Exception:
        connection = self._connection(node)
        try:
            connection.send(request)
        except DefiniteFailure as error:
            return error
        return connection

    def _connection(self, node: str) -> RedisConnection:
        connections = self._connections()
        if node not in connections:
            connections[node] = RedisConnection(self._sockets[node])
        return connections[node]

    def _connections(self) -> dict[str, RedisConnection]:
        if not hasattr(self._threads, "connections"):
            self._threads.connections = {}
        connections: dict[str, RedisConnection] = self._threads.connections
        return connections


def _received(connection: RedisConnection | Exception, deadline: float) -> Any | Exception:
    if isinstance(connection, Exception):
        return connection
    try:
        return connection.receive(deadline)
    except (DefiniteFailure, NoAnswer) as error:
        return error
