"""Histories of a simulated object for the benchmarks: long, as concurrent as asked, correct or not."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from typing import Any

from holdfast.histories import Event, History

DELAY_NS = 1_000_000
"""The mean time for a request or an answer to travel, and for a client to think."""

VALUES = 5
"""How many values a register's clients write; a faulty read returns one more that is long gone."""


class _World:
    """Virtual time: actions at instants, in order, and the events that they record."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.events: list[Event] = []
        self.now = 0
        self._actions: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def later(self, action: Callable[[], None], delays: float = 1.0) -> None:
        self._count += 1
        instant = self.now + 1 + int(self.random.expovariate(1 / (DELAY_NS * delays)))
        heapq.heappush(self._actions, (instant, self._count, action))

    def run(self, enough: Callable[[], bool]) -> None:
        while self._actions and not enough():
            self.now, _, action = heapq.heappop(self._actions)
            action()


class _Clients:
    """Sequential clients, some of whose answers are lost; the client goes on as a new process then."""

    def __init__(self, world: _World, count: int, unknown: float, operations: int) -> None:
        self.world = world
        self.count = count
        self.unknown = unknown
        self.operations = operations
        self.known = 0
        self.processes = list(range(count))

    def invoke(self, client: int, f: str, value: Any) -> None:
        self.world.events.append(Event("invoke", self.processes[client], f, value, self.world.now))

    def answer(self, client: int, f: str, type: str, value: Any) -> None:
        if type == "ok" and self.world.random.random() < self.unknown:
            type = "info"
        self.known += type != "fail"
        event = Event(type, self.processes[client], f, value, self.world.now)  # type: ignore[arg-type]
        self.world.events.append(event)
        if type == "info":
            self.processes[client] += self.count

    @property
    def progress(self) -> float:
        return self.known / self.operations

    def finished(self) -> bool:
        return self.known >= self.operations


def lock_history(
    operations: int, clients: int, unknown: float, *, faulty: bool, seed: int = 0
) -> History:
    """Return a history of a lock whose acquire waits, used by token.

    Args:
        operations: how many are known to have happened or of unknown outcome.
        clients: how many call it.
        unknown: the share of answers that are lost.
        faulty: whether one acquire near the end is granted although the lock is held.
        seed: the same seed gives the same history.
    """
    world = _World(f"lock {operations} {clients} {unknown} {faulty} {seed}")
    lock = _Lock(world, _Clients(world, clients, unknown, operations), faulty)
    for client in range(clients):
        world.later(lambda client=client: lock.ask(client))  # type: ignore[misc]
    world.run(lock.clients.finished)
    return History.of(world.events, source="generated")


class _Lock:
    def __init__(self, world: _World, clients: _Clients, faulty: bool) -> None:
        self.world = world
        self.clients = clients
        self._fault_due = faulty
        self._held = False
        self._waiting: list[tuple[int, str]] = []
        self._tokens = 0

    def ask(self, client: int) -> None:
        self._tokens += 1
        token = f"t{self._tokens}"
        self.clients.invoke(client, "acquire", token)
        self.world.later(lambda: self._arrive(client, token))

    def _arrive(self, client: int, token: str) -> None:
        self._waiting.append((client, token))
        if self._held and self._fault_due and self.clients.progress > 0.95:
            self._fault_due = False
            self._grant(hold=0.1)
        elif not self._held:
            self._grant()

    def _grant(self, hold: float = 3.0) -> None:
        waiting = self._waiting
        client, token = waiting.pop(self.world.random.randrange(len(waiting)))
        self._held = True

        def granted() -> None:
            self.clients.answer(client, "acquire", "ok", token)
            self.world.later(lambda: self._give_back(client, token), hold)

        self.world.later(granted, hold / 3)

    def _give_back(self, client: int, token: str) -> None:
        self.clients.invoke(client, "release", token)
        self.world.later(lambda: self._free(client, token))

    def _free(self, client: int, token: str) -> None:
        self._held = False
        if self._waiting:
            self._grant()

        def freed() -> None:
            self.clients.answer(client, "release", "ok", token)
            self.world.later(lambda: self.ask(client))

        self.world.later(freed)


def register_history(
    operations: int, clients: int, unknown: float, *, faulty: bool, seed: int = 0
) -> History:
    """Return a history of a register with reads, writes and compare-and-set.

    Args:
        operations: how many are known to have happened or of unknown outcome.
        clients: how many call it.
        unknown: the share of answers that are lost.
        faulty: whether one read near the end returns a value that was overwritten long ago.
        seed: the same seed gives the same history.
    """
    world = _World(f"register {operations} {clients} {unknown} {faulty} {seed}")
    register = _Register(world, _Clients(world, clients, unknown, operations), faulty)
    register.call(0, "write", VALUES)
    for client in range(1, clients):
        world.later(lambda client=client: register.choose(client))  # type: ignore[misc]
    world.run(register.clients.finished)
    return History.of(world.events, source="generated")


class _Register:
    def __init__(self, world: _World, clients: _Clients, faulty: bool) -> None:
        self.world = world
        self.clients = clients
        self._fault_due = faulty
        self._value: int | None = None

    def choose(self, client: int) -> None:
        draw = self.world.random.randrange
        f = ("read", "read", "write", "cas")[draw(4)]
        arguments = {"read": None, "write": draw(VALUES), "cas": (draw(VALUES), draw(VALUES))}
        self.call(client, f, arguments[f])

    def call(self, client: int, f: str, value: Any) -> None:
        self.clients.invoke(client, f, value)
        self.world.later(lambda: self._take_effect(client, f, value))

    def _take_effect(self, client: int, f: str, value: Any) -> None:
        kind, result = "ok", value
        if f == "read":
            result = self._value
            if self._fault_due and self.clients.progress > 0.95:
                self._fault_due = False
                result = VALUES
        elif f == "write":
            self._value = value
        elif self._value == value[0]:
            self._value = value[1]
        else:
            kind = "fail"

        def answered() -> None:
            self.clients.answer(client, f, kind, result)
            self.world.later(lambda: self.choose(client))

        self.world.later(answered)
