"""Counterexamples are cut down to the operations that contradict each other."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import Any

import pytest
from tests.checker.tables import fail, history, info, never, ok

from holdfast.checker.budget import Budget
from holdfast.checker.engines import NoOrder
from holdfast.checker.engines.wgl import WingGongLowe
from holdfast.checker.explain.minimize import minimize, smallest
from holdfast.checker.explain.parts import Part
from holdfast.checker.problem import Problem
from holdfast.histories import Operation
from holdfast.histories.tokens import tokens_of
from holdfast.models import Call, OwnedByToken, Refused, Result
from holdfast.models.counter import Counter
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.register import CasRegister, Register


class TwoPermits:
    """A semaphore: two tokens may hold at once, so a violation takes three."""

    functions = OwnedMutex().functions
    token_calls = OwnedMutex().token_calls

    def initial(self) -> frozenset[Any]:
        return frozenset()

    def holders(self, state: Any) -> tuple[Any, ...]:
        return tuple(sorted(state))

    def step(self, state: frozenset[Any], call: Call, result: Result) -> Any:
        if call.f == "acquire":
            return Refused("no permit is left") if len(state) == 2 else state | {call.value}
        return state - {call.value} if call.value in state else Refused("not held")


def minimized(model: Any, rows: Sequence[Operation], budget: Budget | None = None) -> Part:
    operations = history(*rows)
    tokens = tokens_of(operations, model.token_calls) if isinstance(model, OwnedByToken) else {}
    problem = Problem.of(model, operations, tokens)
    found = WingGongLowe().decide(problem, Budget().start())
    assert isinstance(found, NoOrder)
    small = minimize(Part.of(problem, tokens), found, (budget or Budget()).start())
    assert isinstance(WingGongLowe().decide(small.problem(), Budget().start()), NoOrder)
    return small


def session(token: Any, begin: int, fence: Any = None) -> list[Operation]:
    return [
        ok("acquire", token, begin, begin + 2, fence),
        ok("release", token, begin + 4, begin + 6),
    ]


PAST = [row for number in range(20) for row in session(f"t{number}", 10 * number, number)]
WAITING = [info("acquire", "w1", 3, 4), ok("acquire", "w2", 195, 999)]
WRITES = [ok("write", number, 10 * number, 10 * number + 5) for number in range(20)]

TABLE: dict[str, tuple[Any, list[Operation], list[tuple[str, Any, str]]]] = {
    "two holders": (
        OwnedMutex(),
        [
            *PAST,
            *WAITING,
            ok("acquire", "a", 200, 202),
            ok("acquire", "b", 204, 206),
            ok("release", "a", 208, 210),
            ok("release", "b", 208, 210),
            *session("c", 300),
        ],
        [("acquire", "a", "ok"), ("acquire", "b", "ok")],
    ),
    "a token released twice": (
        OwnedMutex(),
        [*PAST, *WAITING, *session("a", 200), ok("release", "a", 208, 209), *session("c", 300)],
        [("acquire", "a", "ok"), ("release", "a", "ok"), ("release", "a", "ok")],
    ),
    "a release without an acquire": (
        OwnedMutex(),
        [*PAST, *WAITING, ok("release", "a", 208, 209)],
        [("release", "a", "ok")],
    ),
    "a holder from the beginning": (
        OwnedMutex(),
        [ok("acquire", "a", 0, 1), info("release", "a", 500, 501), ok("acquire", "b", 400, 401)],
        [("acquire", "a", "ok"), ("acquire", "b", "ok")],
    ),
    "a fence that goes backwards": (
        FencedMutex(),
        [
            *PAST,
            *session("a", 200, 50),
            *session("b", 210, 60),
            *session("c", 220, 55),
            *session("d", 230, 70),
        ],
        [("acquire", "b", "ok"), ("release", "b", "ok"), ("acquire", "c", "ok")],
    ),
    "a fence that only the answer to come rules out": (
        FencedMutex(),
        [
            *PAST,
            ok("acquire", "a", 200, 300, 90),
            ok("release", "a", 201, 202),
            ok("acquire", "c", 210, 220, 80),
        ],
        [("acquire", "a", "ok"), ("release", "a", "ok"), ("acquire", "c", "ok")],
    ),
    "three holders of two permits": (
        TwoPermits(),
        [
            *PAST,
            ok("acquire", "a", 200, 201),
            ok("acquire", "b", 202, 203),
            *[ok("acquire", "c", 204, 205), ok("release", "c", 206, 207)],
            ok("release", "a", 210, 211),
        ],
        [("acquire", "a", "ok"), ("acquire", "b", "ok"), ("acquire", "c", "ok")],
    ),
    "a failed acquire of a free lock": (
        OwnedMutex(failed_acquire_means_held=True),
        [*PAST, fail("acquire", "x", 4, 5), fail("acquire", "a", 208, 209), *session("b", 300)],
        [("acquire", "a", "fail")],
    ),
    "two holders, with failures that have no part in it": (
        OwnedMutex(failed_acquire_means_held=True),
        [
            *PAST,
            ok("acquire", "a", 200, 201),
            fail("acquire", "x", 202, 203),
            ok("acquire", "b", 204, 205),
        ],
        [("acquire", "a", "ok"), ("acquire", "b", "ok")],
    ),
    "a mutex without owners held twice": (
        Mutex(),
        [*PAST, ok("acquire", None, 200, 201), ok("acquire", None, 204, 205)],
        [("acquire", None, "ok"), ("acquire", None, "ok")],
    ),
    "a stale read": (
        Register(),
        [*WRITES, ok("read", None, 56, 58, 5), ok("read", None, 300, 301, 7)],
        [("write", 19, "ok"), ("read", None, "ok")],
    ),
    "new and then old": (
        Register(),
        [
            *WRITES,
            ok("write", "new", 200, 900),
            ok("read", None, 201, 202, 19),
            ok("read", None, 203, 204, "new"),
            ok("read", None, 205, 206, 19),
            ok("read", None, 207, 208, 19),
        ],
        [("write", "new", "info"), ("read", None, "ok"), ("read", None, "ok")],
    ),
    "new and then old, in a short history": (
        Register(),
        [
            ok("write", "old", 0, 1),
            ok("read", None, 2, 3, "old"),
            ok("write", "new", 4, 900),
            ok("read", None, 5, 6, "old"),
            ok("read", None, 7, 8, "new"),
            ok("read", None, 9, 10, "old"),
        ],
        [
            ("write", "old", "ok"),
            ("write", "new", "info"),
            ("read", None, "ok"),
            ("read", None, "ok"),
        ],
    ),
    "a write that never completed": (
        CasRegister(),
        [*WRITES, never("write", "late", 200), ok("read", None, 201, 202, "never written")],
        [("write", 19, "ok"), ("write", "late", "info"), ("read", None, "ok")],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_minimize(name: str) -> None:
    model, rows, expected = TABLE[name]
    small = minimized(model, rows)
    assert [(one.f, one.value, one.outcome.value) for one in small.operations] == expected


def test_without_time_all_of_it_is_the_counterexample() -> None:
    model, rows, _ = TABLE["two holders"]
    problem = Problem.of(model, history(*rows), {})
    tokens = {operation.number: operation.value for operation in problem.operations}
    found = WingGongLowe().decide(problem, Budget().start())
    assert isinstance(found, NoOrder)
    part = Part.of(problem, tokens)
    small = minimize(part, found, Budget(cancelled=lambda: True).start())
    assert small.operations == problem.operations


@pytest.mark.parametrize("model", [CasRegister(), Mutex(), Counter()])
def test_little_is_done_after_the_watch_has_ended_it(model: Any) -> None:
    rows = {
        CasRegister: [ok("read", None, time, time + 1, 8) for time in range(0, 40_000, 2)],
        Mutex: [ok("release", None, time, time + 1) for time in range(0, 40_000, 2)],
        Counter: [ok("read", None, time, time + 1, time) for time in range(0, 40_000, 2)],
    }[type(model)]
    problem = Problem.of(model, history(*rows), {})
    found = WingGongLowe().decide(problem, Budget().start())
    assert isinstance(found, NoOrder)
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    small = minimize(Part.of(problem, {}), found, Budget(cancelled=cancelled).start())
    assert isinstance(WingGongLowe().decide(small.problem(), Budget().start()), NoOrder)
    assert asked < 30


def test_of_a_long_history_the_last_moments_are_shown() -> None:
    rows = [
        row
        for time in range(0, 20_000, 10)
        for row in (
            ok("write", time % 7, time, time + 12),
            ok("read", None, time + 2, time + 15, time % 7),
        )
    ]
    small = minimized(CasRegister(), [*rows, ok("read", None, 20_100, 20_101, 3)])
    assert len(small.operations) <= 4


@pytest.mark.parametrize("needed", [set(), {0}, {7}, {0, 9}, {2, 3, 5}, set(range(10))])
def test_delta_debugging_finds_the_few_that_are_needed(needed: set[int]) -> None:
    assert set(smallest(range(10), needed.issubset)) == needed


def test_delta_debugging_leaves_nothing_out_that_could_be_left_out() -> None:
    source = random.Random(0)
    for _ in range(200):
        groups = [frozenset(source.sample(range(12), 3)) for _ in range(3)]

        def fails(some: Sequence[int], groups: list[frozenset[int]] = groups) -> bool:
            return any(group <= set(some) for group in groups)

        found = smallest(range(12), fails)
        assert fails(found)
        assert not any(fails(fewer) for fewer in itertools.combinations(found, len(found) - 1))
