"""The reference engine on histories written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checker.tables import fail, history, info, never, ok

from holdfast.checker.budget import Budget
from holdfast.checker.engines import ENGINES, Answer, DeadEnd, GaveUp, NoOrder, Order
from holdfast.checker.engines.wgl import DEAD_ENDS_SHOWN, WingGongLowe
from holdfast.checker.problem import Problem
from holdfast.checker.verdict import UnknownReason
from holdfast.histories import Operation
from holdfast.models.fenced_mutex import FencedMutex, FencedState
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.register import CasRegister, Register

MUTEX, OWNED, FENCED = Mutex(), OwnedMutex(), FencedMutex()
HELD = OwnedMutex(failed_acquire_means_held=True)
REGISTER, CAS = Register(), CasRegister()
DIFFERENT = CasRegister(failed_cas_means_different=True)


def decide(model: Any, *rows: Operation, budget: Budget | None = None) -> Answer:
    problem = Problem.of(model, history(*rows), {})
    return WingGongLowe().decide(problem, (budget or Budget()).start())


LINEARIZABLE: dict[str, tuple[Any, list[Operation], tuple[int, ...]]] = {
    "nothing": (OWNED, [], ()),
    "only failures": (OWNED, [fail("acquire", "a", 0, 1)], ()),
    "one after the other": (
        OWNED,
        [
            ok("acquire", "a", 0, 1),
            ok("release", "a", 2, 3),
            ok("acquire", "b", 4, 5),
            ok("release", "b", 6, 7),
        ],
        (0, 1, 2, 3),
    ),
    "an acquire that waits for a release": (
        OWNED,
        [ok("acquire", "a", 0, 1), ok("acquire", "b", 2, 9), ok("release", "a", 3, 4)],
        (0, 2, 1),
    ),
    "an acquire that returns at the instant of a release's invocation": (
        OWNED,
        [ok("acquire", "a", 0, 1), ok("acquire", "b", 2, 5), ok("release", "a", 5, 6)],
        (0, 2, 1),
    ),
    "a release that returns at the instant of its acquire's invocation": (
        OWNED,
        [ok("release", "a", 0, 5), ok("acquire", "a", 5, 6)],
        (1, 0),
    ),
    "events of no duration at one instant": (
        OWNED,
        [ok("release", "a", 5, 5), ok("acquire", "b", 5, 5), ok("acquire", "a", 5, 5)],
        (2, 0, 1),
    ),
    "an unknown acquire explains a later release": (
        OWNED,
        [info("acquire", "a", 0, 1), ok("release", "a", 5, 6)],
        (0, 1),
    ),
    "an unknown acquire takes effect long after it was given up": (
        OWNED,
        [
            info("acquire", "a", 0, 1),
            ok("acquire", "b", 2, 3),
            ok("release", "b", 4, 5),
            ok("release", "a", 6, 7),
        ],
        (1, 2, 0, 3),
    ),
    "an unknown acquire need not happen": (
        OWNED,
        [info("acquire", "a", 0, 1), ok("acquire", "b", 2, 3)],
        (1,),
    ),
    "an unknown release frees the lock": (
        OWNED,
        [ok("acquire", "a", 0, 1), info("release", "a", 2, 3), ok("acquire", "b", 4, 5)],
        (0, 1, 2),
    ),
    "a call that never completed is unknown": (
        OWNED,
        [ok("acquire", "a", 0, 1), never("release", "a", 2), ok("acquire", "b", 4, 5)],
        (0, 1, 2),
    ),
    "a failed acquire says nothing": (OWNED, [fail("acquire", "a", 0, 1)], ()),
    "a failed acquire while another holds": (
        HELD,
        [ok("acquire", "a", 0, 9), fail("acquire", "b", 1, 2)],
        (0, 1),
    ),
    "anyone releases a mutex without owners": (
        MUTEX,
        [ok("acquire", None, 0, 1), ok("release", None, 2, 3), ok("acquire", None, 4, 5)],
        (0, 1, 2),
    ),
    "fences may leave gaps": (
        FENCED,
        [ok("acquire", "a", 0, 1, 3), ok("release", "a", 2, 3), ok("acquire", "b", 4, 5, 9)],
        (0, 1, 2),
    ),
    "fences order two overlapping acquires": (
        FENCED,
        [
            ok("acquire", "a", 0, 9, 8),
            ok("acquire", "b", 1, 8, 7),
            ok("release", "b", 2, 7),
        ],
        (1, 2, 0),
    ),
    "an overlapping read may be old or new": (
        REGISTER,
        [ok("write", 1, 0, 9), ok("read", None, 1, 2, 1), ok("read", None, 3, 4, 1)],
        (0, 1, 2),
    ),
    "an unknown write that was read": (
        REGISTER,
        [info("write", 1, 0, 1), ok("read", None, 5, 6, 1)],
        (0, 1),
    ),
    "compare-and-set in the only order": (
        CAS,
        [ok("cas", (1, 2), 0, 9), ok("write", 1, 0, 9), ok("cas", (None, 3), 0, 9)],
        (2, 1, 0),
    ),
    "a failed compare-and-set at the right moment": (
        DIFFERENT,
        [ok("write", 1, 0, 1), ok("write", 2, 2, 9), fail("cas", (1, 3), 3, 4)],
        (0, 1, 2),
    ),
}


@pytest.mark.parametrize("name", LINEARIZABLE)
def test_linearizable(name: str) -> None:
    model, rows, order = LINEARIZABLE[name]
    answer = decide(model, *rows)
    assert isinstance(answer, Order)
    assert answer.places == order


NOT_LINEARIZABLE: dict[str, tuple[Any, list[Operation], int, list[tuple[tuple[int, ...], Any]]]] = {
    "two holders": (
        OWNED,
        [ok("acquire", "a", 0, 1), ok("acquire", "b", 2, 3), ok("release", "a", 4, 5)],
        1,
        [((0,), ("a",))],
    ),
    "an acquire that returns just before a release's invocation": (
        OWNED,
        [ok("acquire", "a", 0, 1), ok("acquire", "b", 2, 4), ok("release", "a", 5, 6)],
        1,
        [((0,), ("a",))],
    ),
    "a token acquired twice": (
        OWNED,
        [ok("acquire", "a", 0, 1), ok("acquire", "a", 2, 3)],
        1,
        [((0,), ("a",))],
    ),
    "a token released twice": (
        OWNED,
        [ok("acquire", "a", 0, 1), ok("release", "a", 2, 3), ok("release", "a", 4, 5)],
        2,
        [((0, 1), ())],
    ),
    "a release without an acquire": (OWNED, [ok("release", "a", 0, 1)], 0, [((), ())]),
    "a release by a stranger": (
        OWNED,
        [ok("acquire", "a", 0, 1), ok("release", "b", 2, 3)],
        1,
        [((0,), ("a",))],
    ),
    "a release that returns before its acquire is invoked": (
        OWNED,
        [ok("release", "a", 0, 4), ok("acquire", "a", 5, 6)],
        0,
        [((), ())],
    ),
    "an unknown acquire invoked too late to explain a release": (
        OWNED,
        [ok("release", "a", 0, 1), info("acquire", "a", 2, 3)],
        0,
        [((), ())],
    ),
    "a failed acquire of a free lock": (HELD, [fail("acquire", "a", 0, 1)], 0, [((), ())]),
    "a mutex without owners held twice": (
        MUTEX,
        [ok("acquire", None, 0, 1), ok("acquire", None, 2, 3)],
        1,
        [((0,), True)],
    ),
    "a fence that goes backwards": (
        FENCED,
        [ok("acquire", "a", 0, 1, 9), ok("release", "a", 2, 3), ok("acquire", "b", 4, 5, 3)],
        2,
        [((0, 1), FencedState((), 9))],
    ),
    "a fence given twice": (
        FENCED,
        [ok("acquire", "a", 0, 1, 9), ok("release", "a", 2, 3), ok("acquire", "b", 4, 5, 9)],
        2,
        [((0, 1), FencedState((), 9))],
    ),
    "a stale read": (
        REGISTER,
        [ok("write", 1, 0, 1), ok("write", 2, 2, 3), ok("read", None, 4, 5, 1)],
        2,
        [((0, 1), 2)],
    ),
    "new and then old": (
        REGISTER,
        [ok("write", 1, 0, 9), ok("read", None, 1, 2, 1), ok("read", None, 3, 4, None)],
        2,
        [((0, 1), 1)],
    ),
    "both of two compare-and-sets from one value": (
        CAS,
        [ok("cas", (None, 1), 0, 5), ok("cas", (None, 2), 0, 9)],
        1,
        [((0,), 1)],
    ),
    "a failed compare-and-set of the right value": (
        DIFFERENT,
        [ok("write", 1, 0, 1), fail("cas", (1, 2), 2, 3)],
        1,
        [((0,), 1)],
    ),
    "the furthest of several dead ends counts": (
        REGISTER,
        [
            ok("write", 1, 0, 9),
            ok("write", 2, 0, 9),
            ok("read", None, 10, 11, 2),
            ok("read", None, 12, 13, 1),
        ],
        3,
        [((0, 1, 2), 2)],
    ),
}


@pytest.mark.parametrize("name", NOT_LINEARIZABLE)
def test_not_linearizable(name: str) -> None:
    model, rows, completion, dead_ends = NOT_LINEARIZABLE[name]
    answer = decide(model, *rows)
    assert isinstance(answer, NoOrder)
    assert answer.completion == completion
    assert answer.dead_ends == tuple(DeadEnd(places, state) for places, state in dead_ends)


def test_dead_ends_are_a_few_of_the_furthest() -> None:
    writes = [info("write", value, 0, 1) for value in range(DEAD_ENDS_SHOWN + 2)]
    answer = decide(REGISTER, *writes, ok("read", None, 5, 6, "never written"))
    assert isinstance(answer, NoOrder)
    assert len(answer.dead_ends) == DEAD_ENDS_SHOWN
    for dead_end in answer.dead_ends:
        assert dead_end.places[-1] == dead_end.state  # the last write, by its place


def test_nothing_is_visited_twice() -> None:
    # Eight writes in any order: 8! orders, but a set and the write that came last are a configuration.
    writes = [ok("write", value, 0, 9) for value in range(8)]
    answer = decide(REGISTER, *writes, ok("read", None, 10, 11, "never written"))
    assert isinstance(answer, NoOrder)
    assert answer.configurations == 1 + 8 * 2**7


def test_an_unknown_operation_that_changes_nothing_costs_nothing() -> None:
    reads = [info("read", None, 0, 1) for _ in range(12)]
    answer = decide(REGISTER, *reads, ok("read", None, 2, 3, 1))
    assert isinstance(answer, NoOrder)
    assert answer.configurations == 1


@pytest.mark.parametrize("length", [1_000, 10_000])
def test_length_is_no_matter(length: int) -> None:
    rows = []
    for number in range(length):
        f = "release" if number % 2 else "acquire"
        rows.append(ok(f, number // 2, 2 * number, 2 * number + 1))
    answer = decide(OWNED, *rows)
    assert isinstance(answer, Order)
    assert answer.places == tuple(range(length))
    assert answer.configurations == length + 1


def _hard(writes: int) -> list[Operation]:
    return [
        *(info("write", value, 0, 1) for value in range(writes)),
        ok("read", None, 2, 3, 0),
        ok("read", None, 4, 5, "never written"),
    ]


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(seconds=0.1), UnknownReason.TIME),
        (Budget(seconds=1e-9), UnknownReason.TIME),
        (Budget(memory_bytes=1_000_000), UnknownReason.MEMORY),
        (Budget(cancelled=lambda: True), UnknownReason.CANCELLED),
        (Budget(cancelled=iter([False] * 5 + [True]).__next__), UnknownReason.CANCELLED),
    ],
)
def test_a_budget_ends_the_search(budget: Budget, reason: UnknownReason) -> None:
    answer = decide(REGISTER, *_hard(15), budget=budget)
    assert isinstance(answer, GaveUp)
    assert answer.reason is reason
    assert answer.returns_explained <= 1


def test_giving_up_tells_how_far_it_came() -> None:
    answer = decide(REGISTER, *_hard(15), budget=Budget(memory_bytes=1_000_000))
    assert isinstance(answer, GaveUp)
    assert answer.returns_explained == 1
    assert 1_000 < answer.configurations < 10_000


def test_it_is_registered() -> None:
    assert ENGINES["wgl"] is WingGongLowe
