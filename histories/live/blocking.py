"""What every live transport shares: real time, chance, and coroutines in threads of their own."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Coroutine
from typing import Any

from holdfast.histories.locks.transport import run


class Cancelled(BaseException):
    """A background coroutine was cancelled.

    Not an ``Exception``, so that lock code does not swallow it.
    """


class BackgroundThread:
    """A coroutine that runs in a thread of its own until it ends or is cancelled.

    An exception that escapes the coroutine goes to ``threading.excepthook``, which prints it.

    Args:
        coroutine: what to run; it may await only what a blocking transport offers.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._coroutine = coroutine
        self.cancelled = threading.Event()
        self.thread = threading.Thread(target=self._run, name="background", daemon=True)
        self.thread.start()

    def cancel(self) -> None:
        """Stop it at its next sleep or call; return without waiting for that."""
        self.cancelled.set()

    def _run(self) -> None:
        _current.background = self
        with contextlib.suppress(Cancelled):
            run(self._coroutine)


class _Current(threading.local):
    """The background thread that the running code belongs to."""

    background: BackgroundThread | None = None


_current = _Current()


class Blocking:
    """The parts of a live ``Transport`` that are the same for every kind of server.

    A transport built on it must call ``check_cancelled`` before it sends a request, and must serve
    calls from the threads of ``spawn`` at the same time as calls from its owner.

    Args:
        seed: makes the client's chance reproducible.

    Attributes:
        random: the client's own source of chance.
    """

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def now(self) -> float:
        """Return CLOCK_MONOTONIC, in seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.check_cancelled()
        if _current.background is None:
            time.sleep(max(seconds, 0))
        else:
            _current.background.cancelled.wait(seconds)
            self.check_cancelled()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> BackgroundThread:
        """Run ``coroutine`` in a thread beside the caller."""
        return BackgroundThread(coroutine)

    def check_cancelled(self) -> None:
        """Do nothing, unless this is the thread of a background coroutine that was cancelled.

        Raises:
            Cancelled: it is.
        """
        background = _current.background
        if background is not None and background.cancelled.is_set():
            raise Cancelled
