"""A witness is believed only when it replays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from tests.checker.tables import fail, history, info, ok

from holdfast.checker.problem import Problem
from holdfast.checker.replay import objection
from holdfast.models.mutex import OwnedMutex

ROWS = history(
    ok("acquire", "a", 0, 1),
    info("acquire", "c", 2, 3),
    fail("acquire", "b", 4, 5),
    ok("release", "a", 6, 9),
    ok("acquire", "b", 7, 8),
)
OWNED = OwnedMutex()
HELD = OwnedMutex(failed_acquire_means_held=True)


def objection_to(places: Sequence[int], model: Any = OWNED) -> str | None:
    problem = Problem.of(model, ROWS, {})
    numbers = [operation.number for operation in problem.operations]
    return objection(problem, [numbers.index(place) for place in places])


def test_a_witness_without_the_unknown_operation() -> None:
    assert objection_to([0, 3, 4]) is None


def test_a_witness_with_the_failure_that_is_observed() -> None:
    assert objection_to([0, 2, 3, 4], HELD) is None


@pytest.mark.parametrize(
    ("model", "places", "words"),
    [
        (OWNED, [0, 3], "operation 4, of outcome ok, stands in it 0 times"),
        (OWNED, [], "operation 0, of outcome ok, stands in it 0 times"),
        (OWNED, [0, 3, 4, 4], "operation 4, of outcome ok, stands in it 2 times"),
        (OWNED, [0, 3, 4, 1, 1], "operation 1, of outcome info, stands in it 2 times"),
        (HELD, [0, 3, 4], "operation 2, of outcome fail, stands in it 0 times"),
        (OWNED, [3, 0, 4], "operation 0 stands after operation 3, but returned before that"),
        (OWNED, [4, 0, 3], "operation 0 stands after operation 4, but returned before that"),
        (OWNED, [0, 4, 3], "the model refuses operation 4: held by 'a'"),
        (OWNED, [0, 1, 3, 4], "the model refuses operation 1: held by 'a'"),
    ],
)
def test_an_objection(model: Any, places: Sequence[int], words: str) -> None:
    said = objection_to(places, model)
    assert said is not None
    assert said.startswith(words)


def test_the_order_is_compared_with_all_that_stands_before() -> None:
    rows = history(ok("acquire", "a", 0, 1), info("acquire", "b", 0, 1), ok("release", "a", 5, 9))
    problem = Problem.of(OwnedMutex(), rows, {})
    assert objection(problem, [0, 2, 1]) is None
    said = objection(problem, [2, 1, 0])
    assert said is not None
    assert said.startswith("operation 0 stands after operation 2")


@pytest.mark.parametrize("place", [4, -1])
def test_a_stranger(place: int) -> None:
    problem = Problem.of(OWNED, ROWS, {})
    assert objection(problem, [0, place]) == f"there is no operation at place {place}"


def test_tokens_replace_values() -> None:
    rows = history(ok("acquire", None, 0, 1), ok("release", None, 2, 3))
    assert objection(Problem.of(OWNED, rows, {0: "a", 1: "a"}), [0, 1]) is None
    assert objection(Problem.of(OWNED, rows, {0: "a", 1: "b"}), [0, 1]) is not None
