"""Limits on a check, and the watch that an engine consults while it searches."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import field, frozen, validators

from holdfast.checker.verdict import UnknownReason


@frozen
class Budget:
    """How much a check may spend before it answers ``Unknown``.

    Args:
        seconds: wall-clock time, or ``None`` for no limit.
        memory_bytes: what the search's visited set may take, about, or ``None`` for no limit.
        cancelled: asked now and then; the check ends once it returns true.
    """

    seconds: float | None = field(
        default=None, validator=validators.optional(validators.gt(0))
    )
    memory_bytes: int | None = field(
        default=None, validator=validators.optional(validators.gt(0))
    )
    cancelled: Callable[[], bool] | None = field(default=None, eq=False)

    def start(self) -> Watch:
        """Return a watch that counts from now."""
        return Watch(self)


class Watch:
    """A budget being spent."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """The time since the start."""
        return time.monotonic() - self._began

    def exhausted(self, memory_bytes: int = 0) -> UnknownReason | None:
        """Return the limit that has been met, if one has, given the memory in use."""
        budget = self._budget
        if budget.cancelled is not None and budget.cancelled():
            return UnknownReason.CANCELLED
        if budget.seconds is not None and self.seconds >= budget.seconds:
            return UnknownReason.TIME
        if budget.memory_bytes is not None and memory_bytes >= budget.memory_bytes:
            return UnknownReason.MEMORY
        return None
