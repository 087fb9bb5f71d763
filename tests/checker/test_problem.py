"""From operations to calls and results in time."""

from __future__ import annotations

from tests.checker.tables import fail, history, info, never, ok

from holdfast.checker.problem import Problem
from holdfast.models import Call, Fail, Info, Ok
from holdfast.models.mutex import OwnedMutex
from holdfast.models.register import CasRegister

ROWS = history(
    ok("acquire", "a", 0, 5, result=17),
    fail("acquire", "b", 1, 2),
    info("release", "a", 3, 4),
    never("acquire", "c", 6),
)


def test_failures_count_only_where_they_are_observed() -> None:
    problem = Problem.of(OwnedMutex(), ROWS, {})
    assert [operation.number for operation in problem.operations] == [0, 2, 3]
    assert problem.calls == (Call("acquire", "a"), Call("release", "a"), Call("acquire", "c"))
    assert problem.results == (Ok(17), Info(), Info())
    assert list(problem.endpoints) == [0, 1, ~0, 2]

    observing = Problem.of(OwnedMutex(failed_acquire_means_held=True), ROWS, {})
    assert observing.operations == ROWS
    assert observing.results == (Ok(17), Fail(), Info(), Info())
    assert list(observing.endpoints) == [0, 1, ~1, 2, ~0, 3]


def test_tokens_replace_values() -> None:
    problem = Problem.of(OwnedMutex(), ROWS, {0: "x", 3: ("y", 1)})
    assert problem.calls == (Call("acquire", "x"), Call("release", "a"), Call("acquire", ("y", 1)))


def test_values_are_frozen() -> None:
    rows = history(ok("cas", [1, 2], 0, 1), ok("read", None, 2, 3, result=[{"a": []}]))
    problem = Problem.of(CasRegister(), rows, {})
    assert problem.calls == (Call("cas", (1, 2)), Call("read"))
    assert problem.results == (Ok(), Ok(({"a": ()},)))
    hash(problem.results)
