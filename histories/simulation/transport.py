"""The simulated transport: the lock code's only way to time, chance and nodes."""

from __future__ import annotations

import random
from collections.abc import Coroutine, Sequence
from typing import Any

from holdfast.histories.outcome import NoAnswer
from holdfast.histories.simulation.client_process import (
    SUSPENDED,
    Cancelled,
    ClientProcess,
    Task,
)
from holdfast.histories.simulation.exchange import Exchange
from holdfast.histories.simulation.network import Network
from holdfast.histories.simulation.virtual_time import NS_PER_S, nanoseconds


class SimulatedTransport:
    """Implements ``holdfast.histories.locks.transport.Transport`` in virtual time.

    Args:
        client: whose transport it is.
        nodes: the names of the nodes that the lock lives on.
        network: the way to them.
        chance: the client's own source of chance.

    Attributes:
        client: whose transport it is.
    """

    __slots__ = ("_network", "_time", "client", "nodes", "random")

    def __init__(
        self, client: ClientProcess, nodes: Sequence[str], network: Network, chance: random.Random
    ) -> None:
        self.nodes = nodes
        self.random = chance
        self.client = client
        self._network = network
        self._time = client.time

    def now(self) -> float:
        """Return the client's monotonic clock, in seconds."""
        return self._time.now / NS_PER_S

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        task = self._task()
        self._time.at(self._time.now + nanoseconds(seconds), task.wake)
        await SUSPENDED
        if task.cancelled:
            raise Cancelled

    async def call(self, node: str, request: Any, timeout: float) -> Any:
        """Send ``request`` to ``node`` and return its reply; see ``Transport.call``."""
        # What ``call_all`` would do, for one: half of all calls are alone.
        time = self._time
        task = self._task()
        exchange = Exchange(task, 1)
        self._network.ask(exchange, (node,), request)
        task.await_until(time.now + nanoseconds(timeout), exchange)
        await SUSPENDED
        if exchange.latest > time.now or exchange.awaited:
            raise NoAnswer(f"{node}: no reply in time")
        (reply,) = exchange.replies
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def call_all(
        self, nodes: Sequence[str], request: Any, timeout: float
    ) -> list[Any | Exception]:
        """Send ``request`` to all ``nodes`` at once; see ``Transport.call_all``."""
        time = self._time
        task = self._task()
        exchange = Exchange(task, len(nodes))
        self._network.ask(exchange, nodes, request)
        task.await_until(time.now + nanoseconds(timeout), exchange)
        await SUSPENDED
        now = time.now
        if not exchange.awaited and exchange.latest <= now:
            return exchange.replies
        return [
            reply if arrival <= now else NoAnswer(f"{node}: no reply in time")
            for node, reply, arrival in zip(nodes, exchange.replies, exchange.arrivals, strict=True)
        ]

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> Task:
        """Run ``coroutine`` beside the caller."""
        return self.client.start(coroutine)

    def _task(self) -> Task:
        task = self.client.running
        if task.cancelled:
            raise Cancelled
        return task
