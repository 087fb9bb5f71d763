"""Time that passes only when everything at an instant is done."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

NS_PER_S = 1_000_000_000

NEVER = 1 << 62
"""An instant after all others, in nanoseconds."""

Action = Callable[[Any], None]


class VirtualTime:
    """A clock and an agenda of what happens when, in integer nanoseconds.

    What is planned for one instant happens in the order in which it was planned, so that nothing
    depends on hashes, threads or the machine.

    Attributes:
        now: nanoseconds since the start.
        agenda: a heap of (instant, number, action, argument); the network adds to it directly.
        number: how many things have been planned.
        over: whether nothing more is to happen.
    """

    __slots__ = ("agenda", "now", "number", "over")

    def __init__(self) -> None:
        self.now = 0
        self.agenda: list[tuple[int, int, Action, Any]] = []
        self.number = 0
        self.over = False

    def at(self, instant: int, action: Action, argument: Any = None) -> None:
        """Plan ``action(argument)`` for ``instant``, or for now if that is past."""
        self.number = number = self.number + 1
        now = self.now
        heapq.heappush(self.agenda, (instant if instant > now else now, number, action, argument))

    def run(self, until: int) -> None:
        """Let everything happen that is planned, up to the instant ``until`` or until it is over."""
        agenda, pop = self.agenda, heapq.heappop
        while agenda and not self.over:
            planned = pop(agenda)
            instant, _, action, argument = planned
            if instant > until:
                heapq.heappush(agenda, planned)
                return
            self.now = instant
            action(argument)


def nanoseconds(seconds: float) -> int:
    """Return ``seconds`` in whole nanoseconds."""
    return round(seconds * NS_PER_S)
