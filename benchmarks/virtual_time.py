"""Virtual time for simulated objects, and the calls of their clients recorded in it.

Each call takes effect at an instant of its own between its invocation and its return, so what is
recorded is linearizable by construction. A client whose answer is lost goes on as a new process, as in
Jepsen; its call takes effect later, or never. Clients hardly think, so that nearly all of them are in a
call at any time.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from holdfast.histories import Event
from holdfast.histories.operation import EventType

CALL_NS = 1_000_000
"""How long a call takes when it need not wait: half as long to one and a half times as long."""


@frozen
class Case:
    """What history is wanted; the same case gives the same history.

    Args:
        model: the object, one of ``grid.OBJECTS``.
        operations: how many calls are made; for locks a few more where answers are lost.
        clients: how many make them; at least two.
        unknown: the share of calls whose answer is lost, in percent.
        good: whether all answers are right.
        seed: chooses among the histories of this kind.
    """

    model: str
    operations: int
    clients: int
    unknown: float = field(default=0.0, converter=float)
    good: bool = True
    seed: int = 0


class World:
    """Virtual time: actions at instants, and the events that they record."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.draw = random.Random(repr(case)).random
        self.events: list[Event] = []
        self.calls = 0
        self.now = 0
        self._processes = list(range(case.clients))
        self._actions: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._planned = 0

    def after(self, calls: float, action: Callable[..., None], *arguments: Any) -> None:
        """Let ``action`` happen after the time of so many calls."""
        self._planned += 1
        instant = self.now + 1 + int(calls * CALL_NS)
        heapq.heappush(self._actions, (instant, self._planned, action, arguments))

    def soon(self, action: Callable[..., None], *arguments: Any) -> None:
        self.after(0.01 * self.draw(), action, *arguments)

    def sometime(self, action: Callable[..., None], *arguments: Any) -> None:
        """Let ``action`` happen anywhen: as likely after 1 to 10 calls as after 100 to 1000."""
        rounds = 2 + self.case.operations / self.case.clients
        self.after(math.exp(self.draw() * math.log(rounds)) - 1, action, *arguments)

    def run(self) -> None:
        while self._actions:
            self.now, _, action, arguments = heapq.heappop(self._actions)
            action(*arguments)

    def invoke(self, client: int, f: str, value: Any) -> None:
        self.calls += 1
        self.record("invoke", client, f, value)

    def record(self, type: EventType, client: int, f: str, value: Any) -> None:
        self.events.append(Event(type, self._processes[client], f, value, self.now))
        if type == "info":
            self._processes[client] += self.case.clients
