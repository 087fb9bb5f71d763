"""A lock on a single Redis that is replaced by its replica: a client's view of who is master."""

from __future__ import annotations

import random
from collections.abc import Coroutine, Sequence
from typing import Any

from holdfast.histories.locks.transport import Background, Request, Transport
from holdfast.histories.outcome import NoAnswer, NotSent, ServerRefused

MASTER = "master"


class MasterTransport:
    """A transport to the one node that is master now: ``Redlock`` over it is the lock on one Redis.

    A client finds the master as it finds that another node is none: that node refuses writes, or
    takes no connections. Then it turns to the next node, without asking again by itself.

    Args:
        transport: the way to all nodes, the first of which is master at first.
    """

    def __init__(self, transport: Transport) -> None:
        self.nodes: Sequence[str] = (MASTER,)
        self.random: random.Random = transport.random
        self._transport = transport
        self._at = 0

    def now(self) -> float:
        """Return the client's monotonic clock, in seconds."""
        return self._transport.now()

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await self._transport.sleep(seconds)

    async def call(self, node: str, request: Request, timeout: float) -> Any:
        """Send ``request`` to the master; see ``Transport.call``."""
        nodes = self._transport.nodes
        try:
            return await self._transport.call(nodes[self._at % len(nodes)], request, timeout)
        except (NotSent, NoAnswer, ServerRefused):
            self._at += 1
            raise

    async def call_all(
        self, nodes: Sequence[str], request: Request, timeout: float
    ) -> list[Any | Exception]:
        """Send ``request`` to the master; see ``Transport.call_all``."""
        try:
            return [await self.call(MASTER, request, timeout)]
        except (NotSent, NoAnswer, ServerRefused) as error:
            return [error]

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> Background:
        """Run ``coroutine`` beside the caller."""
        return self._transport.spawn(coroutine)
