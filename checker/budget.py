"""Limits on a check, and the watch that an engine consults while it searches."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from attrs import field, frozen, validators

from holdfast.checker.verdict import UnknownReason


@frozen
class Budget:
    """How much a check may spend before it answers ``Unknown``.

    Args:
        seconds: wall-clock time, or ``None`` for no limit.
        memory_bytes: by how much the search may let the process grow, about, or ``None`` for no limit.
        cancelled: asked now and then; the check ends once it returns true.
    """

    seconds: float | None = field(default=None, validator=validators.optional(validators.gt(0)))
    memory_bytes: int | None = field(default=None, validator=validators.optional(validators.gt(0)))
    cancelled: Callable[[], bool] | None = field(default=None, eq=False)

    def start(self) -> Watch:
        """Return a watch that counts from now."""
        return Watch(self)


def resident_bytes() -> int:
    """Return how much memory this process has now; 0 where the system does not say (only Linux does)."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as status:  # noqa: PTH123 - asked often
            return int(status.read().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0


_PAGE_BYTES = os.sysconf("SC_PAGESIZE") if hasattr(os, "sysconf") else 0

STEPS_MAX = 1024
SECONDS_MAX = 0.01


class Watch:
    """A budget being spent, by one search or by several at once."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._began = time.monotonic()
        self._stopped = False
        self._memory_bytes: dict[int, int] = {}

    @property
    def seconds(self) -> float:
        """The time since the start."""
        return time.monotonic() - self._began

    def exhausted(self, memory_bytes: int = 0) -> UnknownReason | None:
        """Return the limit that has been met, if one has, given the memory that this thread uses."""
        budget = self._budget
        if self._stopped or (budget.cancelled is not None and budget.cancelled()):
            return UnknownReason.CANCELLED
        if budget.seconds is not None and self.seconds >= budget.seconds:
            return UnknownReason.TIME
        if budget.memory_bytes is not None:
            self._memory_bytes[threading.get_ident()] = memory_bytes
            if sum(self._memory_bytes.copy().values()) >= budget.memory_bytes:
                return UnknownReason.MEMORY
        return None

    def share(self) -> Watch:
        """Return a watch on what is left of this one, which ``close`` ends for all who consult it."""
        shared = Watch(self._budget)
        shared._began = self._began
        return shared

    def close(self) -> None:
        """End whatever still consults this watch: as if it had been cancelled."""
        self._stopped = True

    def pace(self) -> Pace:
        """Return what tells a search when to consult this watch again."""
        return Pace()


class Pace:
    """When a search consults its watch: every thousand steps, and every 10 ms if they are slow."""

    def __init__(self) -> None:
        self._interval = self._left = 1
        self._began = time.monotonic()

    def due(self) -> bool:
        """Count one step, and return whether it is time to consult the watch."""
        self._left -= 1
        if self._left > 0:
            return False
        now = time.monotonic()
        # At the pace of the last steps, this many more take about as long as may pass.
        fitting = self._interval * SECONDS_MAX / max(now - self._began, 1e-6)
        self._interval = self._left = max(1, min(STEPS_MAX, 2 * self._interval, int(fitting)))
        self._began = now
        return True
