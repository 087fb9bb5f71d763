"""Forgetting what happened before the part that fails."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checker.brute_force import is_linearizable
from tests.checker.tables import history, info, ok

from holdfast.checker.budget import Budget
from holdfast.checker.explain.parts import Part
from holdfast.checker.explain.past import _instants, forget_past
from holdfast.checker.problem import Problem
from holdfast.histories import Operation
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.mutex import Mutex
from holdfast.models.register import CasRegister, Register


def forget(model: Any, *rows: Operation) -> list[int]:
    """Return the numbers of what is kept."""
    part = Part.of(Problem.of(model, history(*rows), {}), {})
    still_fails = lambda shorter: not is_linearizable(model, shorter.operations)  # noqa: E731
    kept = forget_past(part, still_fails, Budget().start())
    return [operation.number for operation in kept.operations]


def sessions(count: int, begin: int = 0) -> list[Operation]:
    """Return pairs of an acquire and a release of a lock without owners, ten instants each."""
    return [
        row
        for time in range(begin, begin + 10 * count, 10)
        for row in (ok("acquire", None, time, time + 2), ok("release", None, time + 4, time + 6))
    ]


TABLE: dict[str, tuple[Any, list[Operation], list[int]]] = {
    "a free lock forgets its sessions": (
        Mutex(),
        [*sessions(3), ok("release", None, 90, 91)],
        [6],
    ),
    "a held lock keeps the acquire that holds": (
        Mutex(),
        [*sessions(3), ok("acquire", None, 80, 81), ok("acquire", None, 90, 91)],
        [6, 7],
    ),
    "an acquire pending all the while is no obstacle": (
        Mutex(),
        [
            info("acquire", None, 0, 1),
            *sessions(3, begin=2),
            ok("acquire", None, 80, 81),
            ok("acquire", None, 90, 91),
        ],
        [0, 7, 8],
    ),
    "a register keeps the last write": (
        Register(),
        [
            ok("write", 1, 0, 1),
            ok("read", None, 2, 3, 1),
            ok("write", 2, 4, 5),
            ok("write", 3, 6, 7),
            ok("read", None, 8, 9, 1),
        ],
        [3, 4],
    ),
    "two overlapping writes are kept, as either may be the last": (
        Register(),
        [
            ok("write", 0, 0, 1),
            ok("write", 1, 2, 9),
            ok("write", 2, 2, 9),
            ok("read", None, 10, 11, 3),
        ],
        [1, 2, 3],
    ),
    "an unknown write that may still take effect is kept": (
        Register(),
        [
            info("write", 7, 0, 1),
            ok("write", 1, 2, 3),
            ok("write", 2, 4, 5),
            ok("read", None, 6, 7, 3),
        ],
        [0, 2, 3],
    ),
    "an unknown write that must have been used is shown with what tells so": (
        Register(),
        [
            info("write", 7, 0, 1),
            ok("read", None, 2, 3, 7),
            ok("write", 2, 4, 5),
            ok("read", None, 6, 7, 7),
        ],
        [0, 1, 2, 3],
    ),
    "a value that took two steps": (
        CasRegister(),
        [
            ok("write", 0, 0, 1),
            ok("write", 1, 2, 3),
            ok("cas", (1, 2), 4, 5),
            ok("read", None, 6, 7, 1),
        ],
        [1, 2, 3],
    ),
    "the highest fence is kept": (
        FencedMutex(),
        [
            ok("acquire", "a", 0, 1, 3),
            ok("release", "a", 2, 3),
            ok("acquire", "b", 4, 5, 8),
            ok("release", "b", 6, 7),
            ok("acquire", "c", 8, 9, 5),
        ],
        [2, 3, 4],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_forget_past(name: str) -> None:
    model, rows, kept = TABLE[name]
    assert not is_linearizable(model, history(*rows))
    assert forget(model, *rows) == kept


def test_a_watch_ends_it() -> None:
    model, rows, _ = TABLE["a free lock forgets its sessions"]
    part = Part.of(Problem.of(model, history(*rows), {}), {})
    watch = Budget(cancelled=lambda: True).start()
    assert forget_past(part, lambda shorter: watch.exhausted() is None, watch) is part


def test_too_many_configurations_end_it() -> None:
    writes = [info("write", value, 0, 1) for value in range(13)]
    reads = [ok("read", None, 2, 3, 0), ok("read", None, 4, 5, 0)]
    problem = Problem.of(Register(), history(*writes, *reads), {})
    instants = list(_instants(problem, Budget().start()))
    assert instants[-1].before == 13  # the first read's return asks for every subset of the writes


def test_an_unknown_operation_that_may_still_be_needed_is_not_used_up() -> None:
    # After cas alone the value is 2 as well, but only if the unknown write had been used before.
    rows = history(
        info("write", 1, 0, 1),
        ok("write", 1, 2, 3),
        ok("cas", (1, 2), 4, 5),
        ok("read", None, 6, 7, 1),
    )
    part = Part.of(Problem.of(CasRegister(), rows, {}), {})
    shorter = forget_past(part, lambda shorter: True, Budget().start())
    assert shorter.operations == rows


def test_an_outlook_has_only_what_another_does_not_make_superfluous() -> None:
    unknown = [info("write", value, 0, 1) for value in range(6)]
    rows = history(*unknown, ok("write", 7, 2, 3), ok("read", None, 4, 5, 7))
    *_, last = _instants(Problem.of(Register(), rows, {}), Budget().start())
    assert last.outlook == {(7, frozenset()): [frozenset()]}


def test_an_unknown_operation_takes_effect_once() -> None:
    rows = history(
        info("write", 1, 0, 1),
        ok("read", None, 2, 3, 1),
        ok("write", 2, 4, 5),
        ok("read", None, 6, 7, 1),
        ok("write", 3, 8, 9),
    )
    instants = _instants(Problem.of(Register(), rows, {}), Budget().start())
    assert [instant.before for instant in instants] == [0, 1, 2, 3]
