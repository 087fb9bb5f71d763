"""Clients of a simulated register."""

from __future__ import annotations

from typing import Any

from virtual_time import World

from holdfast.histories.operation import EventType

VALUES = 5
"""How many values the clients write, 0 to 4. The very first write is of one more."""


class RegisterClients:
    """Clients that read, write and compare-and-set a register; a cas fails on another value only.

    The wrong answer is a read of what the first call of all wrote: overwritten for certain, and
    written by nobody else.
    """

    def __init__(self, world: World) -> None:
        self.fault_due = not world.case.good
        self._world = world
        self._value: int | None = None
        self._first_is_gone = False
        world.invoke(0, "write", VALUES)
        self._answer_later(0, "write", VALUES)
        for client in range(1, world.case.clients):
            world.after(2 + world.draw(), self._call, client)  # the first has returned by then

    def _call(self, client: int) -> None:
        world, case = self._world, self._world.case
        if world.calls >= case.operations:
            return
        draw = world.draw
        if self.fault_due and self._first_is_gone and self._near_the_end():
            self.fault_due = False
            world.invoke(client, "read", None)
            world.after(0.5 + draw(), self._answer, client, "ok", "read", VALUES)
            return
        f = ("read", "write", "cas")[int(3 * draw())]
        value: Any = None
        if f == "write":
            value = int(VALUES * draw())
        elif f == "cas":
            value = (int(VALUES * draw()), int(VALUES * draw()))
        world.invoke(client, f, value)
        if 100 * draw() >= case.unknown:
            self._answer_later(client, f, value)
            return
        world.after(0.5 + draw(), self._answer, client, "info", f, value)
        if draw() < 0.5:
            world.sometime(self._take_effect_unseen, f, value)

    def _near_the_end(self) -> bool:
        case = self._world.case
        return self._world.calls >= max(case.operations - 2 * case.clients, case.operations // 2)

    def _answer_later(self, client: int, f: str, value: Any) -> None:
        takes = 0.5 + self._world.draw()
        effect = takes * self._world.draw()
        self._world.after(effect, self._reach, client, f, value, takes - effect)

    def _reach(self, client: int, f: str, value: Any, left: float) -> None:
        type = self._take_effect(f, value)
        self._world.after(
            left, self._answer, client, type, f, self._value if f == "read" else value
        )

    def _take_effect(self, f: str, value: Any) -> EventType:
        if f == "write":
            self._value = value
        elif f == "cas":
            if self._value != value[0]:
                return "fail"
            self._value = value[1]
        return "ok"

    def _take_effect_unseen(self, f: str, value: Any) -> None:
        self._take_effect(f, value)

    def _answer(self, client: int, type: EventType, f: str, value: Any) -> None:
        self._world.record(type, client, f, value)
        self._first_is_gone |= type == "ok" and f != "read" and value != VALUES
        self._world.soon(self._call, client)
