"""Small histories of locks: all of a few operations, and random ones of up to a dozen."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from typing import Any

from attrs import define
from tests.checker.lease_histories import random_lease_calls
from tests.checker.lock_operations import Drawn, problem_of

from holdfast.checker.problem import Problem
from holdfast.models import ObservesFailures, Ok, OwnedByToken, Refused
from holdfast.models.fenced_mutex import FencedMutex, UnownedFencedMutex
from holdfast.models.leased_mutex import LeasedMutex
from holdfast.models.model import Call, Fail, Info, Result
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.reentrant_mutex import ReentrantMutex
from holdfast.models.semaphore import OwnedSemaphore, Semaphore

OBSERVING: Any = {"failed_acquire_means_held": True, "failed_release_means_not_holder": True}


MODELS: Mapping[str, Any] = {
    "mutex": Mutex(),
    "mutex,observing": Mutex(True),
    "owned-mutex": OwnedMutex(),
    "owned-mutex,observing": OwnedMutex(**OBSERVING),
    "fenced-mutex": FencedMutex(),
    "fenced-mutex,observing": FencedMutex(**OBSERVING),
    "fenced-mutex,consecutive": FencedMutex(failed_release_means_not_holder=True, consecutive=True),
    "unowned-fenced-mutex": UnownedFencedMutex(),
    "unowned-fenced-mutex,observing": UnownedFencedMutex(True),
    "unowned-fenced-mutex,consecutive": UnownedFencedMutex(False, True),
    "leased-mutex": LeasedMutex(4),
    "leased-mutex,observing": LeasedMutex(4, **OBSERVING),
    "reentrant-mutex": ReentrantMutex(),
    "reentrant-mutex,observing": ReentrantMutex(3, **OBSERVING),
    "semaphore": Semaphore(),
    "semaphore,observing": Semaphore(3, True),
    "owned-semaphore": OwnedSemaphore(),
    "owned-semaphore,observing": OwnedSemaphore(3, **OBSERVING),
}

Answered = tuple[Call, Result]

CLIENTS = 4


def random_problem(model: Any, source: random.Random) -> Problem:
    """Return a history of a dozen operations at most, as a question."""
    return problem_of(model, random_calls(model, source))


def random_calls(model: Any, source: random.Random) -> list[Drawn]:
    """Return a history of a dozen operations at most: of clients of the lock, or of noise."""
    if isinstance(model, LeasedMutex):
        return random_lease_calls(model, source)
    calls = _noise(model, source) if source.random() < 0.25 else _Clients(model, source).play()
    calls.sort(key=lambda drawn: drawn[2])
    return calls


@functools.cache
def _observed(model: Any) -> frozenset[str]:
    return frozenset(model.observed_failures if isinstance(model, ObservesFailures) else ())


@functools.cache
def _has_tokens(model: Any) -> bool:
    return isinstance(model, OwnedByToken) and not isinstance(model, ReentrantMutex)


def _noise(model: Any, source: random.Random) -> list[Drawn]:
    draw = _Draw(source)
    size, span, tokens = 1 + draw(9), 4 + draw(30), 1 + draw(5)
    vocabulary = calls_of(model, tokens)
    rows = []
    for _ in range(size):
        call, result = vocabulary[draw(len(vocabulary))]
        begin, length = draw(span), draw(1 + span // 2)
        rows.append((call, result, begin, begin + length))
    return rows


@functools.cache
def calls_of(model: Any, tokens: int) -> list[Answered]:
    """Return the calls that a history is made of, with their results."""
    owners: list[Any] = list(range(tokens)) if isinstance(model, OwnedByToken) else [None]
    fenced = isinstance(model, (FencedMutex, UnownedFencedMutex))
    grants: list[Result] = [Ok(fence) for fence in (1, 2, 4)] if fenced else [Ok()]
    answered: list[Answered] = []
    for owner in owners:
        answered += [(Call("acquire", owner), result) for result in (*grants, Info())]
        answered += [(Call("release", owner), result) for result in (Ok(), Info())]
        answered += [(Call(f, owner), Fail()) for f in model.functions if f in _observed(model)]
        if "holder" in model.functions:
            answered.append((Call("holder"), Ok(owner)))
    return answered + [(Call("is_locked"), Ok(value)) for value in (True, False)]


class _Draw:
    """Draws whole numbers below a bound, faster than ``randrange``."""

    def __init__(self, source: random.Random) -> None:
        self._random = source.random

    def __call__(self, bound: int) -> int:
        return int(self._random() * bound)


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
        self._choose = _Draw(source)
        self._state = model.initial()
        self._tokens = _has_tokens(model)
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
        if isinstance(result, Fail) and call.f not in _observed(self._model):
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
