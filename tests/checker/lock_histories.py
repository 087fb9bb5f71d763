"""Small histories of locks: all of a few operations, and random ones of up to a dozen."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, frozen

from holdfast.checker.problem import Problem
from holdfast.histories import Event, Operation
from holdfast.models import ObservesFailures, Ok, OwnedByToken, Refused
from holdfast.models.fenced_mutex import FencedMutex, UnownedFencedMutex
from holdfast.models.model import Call, Fail, Info, Result
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.reentrant_mutex import ReentrantMutex
from holdfast.models.semaphore import OwnedSemaphore, Semaphore

MODELS: Mapping[str, Any] = {
    "mutex": Mutex(),
    "mutex,observing": Mutex(True),
    "owned-mutex": OwnedMutex(),
    "owned-mutex,observing": OwnedMutex(True, True),
    "fenced-mutex": FencedMutex(),
    "fenced-mutex,observing": FencedMutex(True, True),
    "fenced-mutex,consecutive": FencedMutex(False, True, True),
    "unowned-fenced-mutex": UnownedFencedMutex(),
    "unowned-fenced-mutex,observing": UnownedFencedMutex(True),
    "unowned-fenced-mutex,consecutive": UnownedFencedMutex(False, True),
    "reentrant-mutex": ReentrantMutex(),
    "reentrant-mutex,observing": ReentrantMutex(3, True, True),
    "semaphore": Semaphore(),
    "semaphore,observing": Semaphore(3, True),
    "owned-semaphore": OwnedSemaphore(),
    "owned-semaphore,observing": OwnedSemaphore(3, True, True),
}

Answered = tuple[Call, Result]

CLIENTS = 4


def operation(number: int, call: Call, result: Result, invoked: int, returned: int) -> Operation:
    """Return the operation of a call with its result; with ``Info`` it does not return."""
    invocation = Event("invoke", number, call.f, call.value, invoked)
    if isinstance(result, Info):
        return Operation(number, invocation, None, invoked, None)
    type, value = ("ok", result.value) if isinstance(result, Ok) else ("fail", None)
    completion = Event("ok" if type == "ok" else "fail", number, call.f, value, returned)
    return Operation(number, invocation, completion, invoked, returned)


def random_problem(model: Any, source: random.Random) -> Problem:
    """Return a history of a dozen operations at most: of clients of the lock, or of noise."""
    noisy = source.random() < 0.25
    rows = _noise(model, source) if noisy else _Clients(model, source).play()
    rows.sort(key=lambda row: row[2])
    operations = tuple(operation(number, *row) for number, row in enumerate(rows))
    return Problem.of(model, operations, {})


def _observes(model: Any, f: str) -> bool:
    return isinstance(model, ObservesFailures) and f in model.observed_failures


Drawn = tuple[Call, Result, int, int]


def _noise(model: Any, source: random.Random) -> list[Drawn]:
    draw = source.randrange
    size, span, tokens = 1 + draw(9), 4 + draw(30), 1 + draw(5)
    vocabulary = calls_of(model, tokens)
    rows = []
    for _ in range(size):
        call, result = vocabulary[draw(len(vocabulary))]
        begin, length = draw(span), draw(1 + span // 2)
        rows.append((call, result, begin, begin + length))
    return rows


def calls_of(model: Any, tokens: int) -> list[Answered]:
    """Return the calls that a history is made of, with their results."""
    owners: list[Any] = list(range(tokens)) if isinstance(model, OwnedByToken) else [None]
    fenced = isinstance(model, (FencedMutex, UnownedFencedMutex))
    grants: list[Result] = [Ok(fence) for fence in (1, 2, 4)] if fenced else [Ok()]
    answered: list[Answered] = []
    for owner in owners:
        answered += [(Call("acquire", owner), result) for result in (*grants, Info())]
        answered += [(Call("release", owner), result) for result in (Ok(), Info())]
        answered += [(Call(f, owner), Fail()) for f in model.functions if _observes(model, f)]
        if "holder" in model.functions:
            answered.append((Call("holder"), Ok(owner)))
    return answered + [(Call("is_locked"), Ok(value)) for value in (True, False)]


@define
class _Waiting:
    call: Call
    invoked: int
    result: Result | None


class _Clients:
    """Clients of a lock that is right nearly always; effects are at the call, at the answer, or never."""

    def __init__(self, model: Any, source: random.Random) -> None:
        self._model = model
        self._draw = source.random
        self._choose = source.randrange
        self._state = model.initial()
        self._tokens = isinstance(model, OwnedByToken) and not isinstance(model, ReentrantMutex)
        self._names: list[Any] = list(range(CLIENTS))
        self._next = CLIENTS
        self._now = 0
        self._lies = (0.0, 0.05, 0.2)[self._choose(3)]
        self._loses = (0.05, 0.25, 0.5)[self._choose(3)]
        self._reads = (0.1, 0.4)[self._choose(2)]
        self._holds: list[Any] = [None] * CLIENTS
        self._tried: list[Any] = [None] * CLIENTS

    def play(self) -> list[Drawn]:
        rows: list[Drawn] = []
        waiting: list[_Waiting | None] = [None] * CLIENTS
        size = 1 + self._choose(12)
        for _ in range(4 * size):
            client = self._choose(CLIENTS)
            self._now += self._choose(3)
            asked = waiting[client]
            if asked is None:
                if len(rows) + sum(one is not None for one in waiting) < size:
                    waiting[client] = self._ask(client)
                continue
            waiting[client] = None
            drawn = self._answer(client, asked)
            if drawn is not None:
                rows.append(drawn)
        rows += [(one.call, Info(), one.invoked, 0) for one in waiting if one is not None]
        return [row for row in rows if row[0].f in ("acquire", "release") or row[1] != Info()]

    def _ask(self, client: int) -> _Waiting:
        call = self._call(client)
        result = self._effect(call) if self._draw() < 0.5 else None
        return _Waiting(call, self._now, result)

    def _call(self, client: int) -> Call:
        if self._draw() < self._reads:
            reads = [f for f in ("is_locked", "holder") if f in self._model.functions]
            return Call(reads[self._choose(len(reads))])
        owned = self._tokens or isinstance(self._model, ReentrantMutex)
        if self._holds[client] is None or self._draw() < 0.15:
            if self._tokens:
                self._next += 1
                self._tried[client] = self._next
            elif owned:
                self._tried[client] = self._names[client]
            if self._draw() < 0.9:
                return Call("acquire", self._tried[client] if owned else None)
        held = self._holds[client]
        token = self._tried[client] if held is None or self._draw() < 0.1 else held
        return Call("release", token if owned else None)

    def _effect(self, call: Call) -> Result:
        for result in self._results(call):
            following = self._model.step(self._state, call, result)
            if not isinstance(following, Refused):
                self._state = following
                return result
        return Fail()

    def _results(self, call: Call) -> list[Result]:
        if call.f == "acquire" and isinstance(self._model, (FencedMutex, UnownedFencedMutex)):
            fence = max(self._state.highest, 0) + 1
            return [Ok(fence + self._choose(2)), Ok(fence), Ok(fence + 1)]
        if call.f == "is_locked":
            return [Ok(True), Ok(False)]
        if call.f == "holder":
            return [Ok(token) for token in (None, *self._model.holders(self._state))]
        return [Ok()]

    def _answer(self, client: int, asked: _Waiting) -> Drawn | None:
        call, result = asked.call, asked.result
        lost = self._draw() < self._loses
        if result is None:
            result = Info() if lost and self._draw() < 0.5 else self._effect(call)
        if lost:
            result = Info()
        elif self._draw() < self._lies:
            result = self._lie(call)
        self._note(client, call, result)
        if isinstance(result, Fail) and not _observes(self._model, call.f):
            return None
        return call, result, asked.invoked, self._now

    def _lie(self, call: Call) -> Result:
        results = [result for other, result in calls_of(self._model, 1) if other.f == call.f]
        if call.f == "holder":
            return Ok(self._tried[self._choose(CLIENTS)])
        return results[self._choose(len(results))]

    def _note(self, client: int, call: Call, result: Result) -> None:
        if isinstance(result, Info):
            self._names[client] = self._next = self._next + 1
            if isinstance(self._model, ReentrantMutex):
                self._tried[client] = self._names[client]
            if not self._tokens:
                self._holds[client] = None
            elif call.f == "acquire" and self._draw() < 0.5:
                self._holds[client] = call.value
            elif call.f == "release" and self._draw() < 0.7:
                self._holds[client] = None
        elif call.f == "acquire" and isinstance(result, Ok):
            self._holds[client] = call.value if call.value is not None else True
        elif call.f == "release" and isinstance(result, Ok):
            again = isinstance(self._model, ReentrantMutex) and self._draw() < 0.4
            self._holds[client] = call.value if again else None


@frozen
class Shape:
    """When operations are invoked and return, the first invoked first."""

    intervals: tuple[tuple[int, int], ...]


def shapes(size: int) -> Iterator[Shape]:
    """Yield every order of the invocations and returns of some operations."""

    def place(returns: tuple[int, ...], marks: tuple[int, ...]) -> Iterator[Shape]:
        # ``marks`` are operations' numbers at their invocations, and complements at their returns.
        number = len(returns)
        if number == size:
            at = {mark: when for when, mark in enumerate(marks)}
            yield Shape(tuple((at[one], at[~one]) for one in range(size)))
            return
        last = max((when for when, mark in enumerate(marks) if mark >= 0), default=-1)
        for begin in range(last + 1, len(marks) + 1):
            begun = (*marks[:begin], number, *marks[begin:])
            for end in range(begin + 1, len(begun) + 1):
                yield from place((*returns, end), (*begun[:end], ~number, *begun[end:]))

    return place((), ())


def all_problems(model: Any, size: int) -> Iterator[Problem]:
    """Yield every history of so many operations, tokens and fencing tokens taken up to their names."""
    vocabulary = calls_of(model, size)
    every = list(shapes(size))
    for chosen in itertools.product(vocabulary, repeat=size):
        if not _in_order_of_naming(
            [
                call.value if call.f != "holder" else result.value  # type: ignore[union-attr]
                for call, result in chosen
                if call.f != "is_locked"
            ]
        ):
            continue
        unknown = [isinstance(result, Info) for _, result in chosen]
        seen = set()
        for shape in every:
            key = _known(shape, unknown)
            if key in seen:
                continue
            seen.add(key)
            operations = tuple(
                operation(number, *answered, *shape.intervals[number])
                for number, answered in enumerate(chosen)
            )
            yield Problem.of(model, operations, {})


def _known(shape: Shape, unknown: list[bool]) -> tuple[int, ...]:
    events = sorted(
        (instant, number if which == 0 else ~number)
        for number, interval in enumerate(shape.intervals)
        for which, instant in enumerate(interval)
        if which == 0 or not unknown[number]
    )
    return tuple(mark for _, mark in events)


def _in_order_of_naming(owners: list[Any]) -> bool:
    named = -1
    for owner in owners:
        if owner is not None and owner > named + 1:
            return False
        named = max(named, -1 if owner is None else owner)
    return True
