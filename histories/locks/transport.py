"""The small transport that every lock is written over, so that it runs live and in simulation unchanged.

Lock code is ``async def`` but knows no event loop. Live, a transport's coroutines block and never suspend
(``run`` drives them); in simulation they suspend into virtual time.
"""

from __future__ import annotations

import random
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Request = Any
"""What a node is asked: a Redis command as a tuple, or one of the requests of ``locks.etcd_requests``."""


class Background(Protocol):
    """A coroutine that runs beside its caller, such as a keep-alive."""

    def cancel(self) -> None:
        """Stop it at its next sleep or call; what it has sent already stays sent."""
        ...


class Transport(Protocol):
    """How one client reaches its nodes, and the only way in which a lock touches time.

    Attributes:
        nodes: the names of the nodes that the lock lives on.
        random: the client's own source of chance.
    """

    nodes: Sequence[str]
    random: random.Random

    def now(self) -> float:
        """Return the client's monotonic clock, in seconds."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...

    async def call(self, node: str, request: Request, timeout: float) -> Any:
        """Send ``request`` to ``node`` and return its reply.

        Args:
            node: the node's name.
            request: what is asked.
            timeout: how long to wait for the reply, in seconds.

        Raises:
            NotSent: the node was out of reach and certainly got nothing.
            NoAnswer: the request was sent, or may have been, and no reply came in time.
            ServerRefused: the node answered with an error and did nothing.
        """
        ...

    async def call_all(
        self, nodes: Sequence[str], request: Request, timeout: float
    ) -> list[Any | Exception]:
        """Send ``request`` to all ``nodes`` at once.

        Returns: for each node its reply, or the exception that ``call`` would have raised.
        """
        ...

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> Background:
        """Run ``coroutine`` beside the caller."""
        ...


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run lock code over a transport whose coroutines block, and return its result.

    Raises:
        RuntimeError: the coroutine suspended, so its transport belongs to an event loop or a simulation.
    """
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    coroutine.close()
    raise RuntimeError(
        "the coroutine suspended: a live transport blocks; await only what the transport offers"
    )
