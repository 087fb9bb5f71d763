"""Clients of a simulated lock."""

from __future__ import annotations

from collections.abc import Callable

from virtual_time import CALL_NS, World

from holdfast.histories.operation import EventType


class LockClients:
    """Clients that take a lock, each time under a new token, and give it back.

    An acquire waits; whose turn comes is drawn. After a lost answer a client looks, unrecorded,
    whether it holds, and acts on that.

    The wrong answer is an acquire that is granted while another holds. So that no earlier call can
    explain it, all clients first let their calls end, and then begin anew together.

    Args:
        world: where they live.
        owned: whether calls carry their token. Without, any release that may still be to come would
            explain a wrong grant; so only answers to acquires are lost then, twice as many.
    """

    def __init__(self, world: World, *, owned: bool) -> None:
        self.fault_due = not world.case.good
        self._world = world
        self._owned = owned
        share = world.case.unknown / 100
        self._lost = {"acquire": share if owned else 2 * share, "release": share if owned else 0}
        self._tokens: list[str | None] = [None] * world.case.clients
        self._releases_due = 0
        self._holders = 0
        self._waiting: list[tuple[int, int | None]] = []
        self._gathered = 0
        self._wrong = False
        for client in range(world.case.clients):
            world.soon(self._acquire, client)

    def _acquire(self, client: int) -> None:
        world, case, draw = self._world, self._world.case, self._world.draw
        left = case.operations - world.calls - self._releases_due
        if self.fault_due and not self._wrong and left <= 3 * case.clients:
            self._gather()
            return
        if left < 2:
            return
        self._releases_due += 1
        self._tokens[client] = f"t{world.calls}" if self._owned else None
        world.invoke(client, "acquire", self._tokens[client])
        if draw() >= self._lost["acquire"]:
            world.after(draw() / 2, self._wait, client, None)
            return
        takes = 0.5 + draw()
        if draw() < 0.5:
            world.after(takes, self._give_up, client)
            return
        world.after(takes, self._record, client, "info", "acquire")
        world.after(draw() * 2 * takes, self._wait, client, world.now + int(takes * CALL_NS))

    def _give_up(self, client: int) -> None:
        self._releases_due -= 1
        self._record(client, "info", "acquire")
        self._world.soon(self._acquire, client)

    def _wait(self, client: int, lost_at: int | None) -> None:
        self._waiting.append((client, lost_at))
        if not self._wrong:
            self._grant_if_free()
        elif len(self._waiting) == 2:
            self._wrong = self.fault_due = False
            self._grant(hold=1.0)
            self._grant(hold=1.0)

    def _grant_if_free(self) -> None:
        if self._waiting and not self._holders and not self._wrong:
            self._grant()

    def _grant(self, hold: float = 0.0) -> None:
        world, draw = self._world, self._world.draw
        client, lost_at = self._waiting.pop(int(draw() * len(self._waiting)))
        self._holders += 1
        if lost_at is None:
            world.after(draw() / 2, self._granted, client, hold)
        else:
            world.after(max(0, lost_at - world.now) / CALL_NS + 0.01, self._release, client)

    def _granted(self, client: int, hold: float) -> None:
        self._record(client, "ok", "acquire")
        self._world.after(hold + 0.01 * self._world.draw(), self._release, client)

    def _release(self, client: int) -> None:
        world, draw = self._world, self._world.draw
        world.invoke(client, "release", self._tokens[client])
        takes = 0.5 + draw()
        if draw() >= self._lost["release"]:
            world.after(takes * draw(), self._free)
            world.after(takes, self._end, client, "ok", self._acquire)
        elif draw() < 0.5:
            world.after(takes, self._end, client, "info", self._release)
        else:
            world.after(2 * takes * draw(), self._free)
            world.after(takes, self._end, client, "info", self._acquire)

    def _free(self) -> None:
        self._releases_due -= 1
        self._holders -= 1
        self._grant_if_free()

    def _end(self, client: int, type: EventType, then: Callable[[int], None]) -> None:
        self._record(client, type, "release")
        self._world.soon(then, client)

    def _record(self, client: int, type: EventType, f: str) -> None:
        self._world.record(type, client, f, self._tokens[client])

    def _gather(self) -> None:
        self._gathered += 1
        if self._gathered < self._world.case.clients:
            return
        self._wrong = True
        self._lost = {"acquire": 0, "release": 0}
        for client in range(self._world.case.clients):
            self._world.soon(self._acquire, client)
