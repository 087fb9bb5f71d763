"""What a lock under test offers: acquire under a token, release what was granted."""

from __future__ import annotations

from typing import Any, Protocol

from attrs import field, frozen


@frozen
class Grant:
    """A client's belief that it holds the lock.

    Args:
        token: the acquire attempt that it belongs to.
        fence: the fencing token, where the lock gives one.
        valid_until: until when the client may rely on it, in seconds on the client's own monotonic clock
            (``Transport.now``); infinity for a lock that keeps its lease alive.
        handle: what the lock itself needs to release it.
    """

    token: str
    fence: int | None = None
    valid_until: float = float("inf")
    handle: Any = field(default=None, eq=False, repr=False)


class Lock(Protocol):
    """One client's end of a lock."""

    async def acquire(self, token: str, patience: float) -> Grant:
        """Take the lock under ``token``, trying again for up to ``patience`` seconds.

        Raises:
            NotAcquired: it was not granted, and this token cannot hold it later either.
            NoAnswer: unknown; the token may hold it, now or later.
        """
        ...

    async def release(self, grant: Grant) -> None:
        """Give the lock back.

        Raises:
            NotHeld: the token did not hold it any more.
            NoAnswer: unknown; it may be released, now or later.
        """
        ...
