"""The procedures for locks agree with brute force, prove what they say, and agree with the compiled ones."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tests.checker.all_lock_histories import all_calls
from tests.checker.lock_agreement import compared, compared_calls
from tests.checker.lock_histories import MODELS, random_calls, random_problem

from holdfast.checker.core import NATIVE
from holdfast.checker.locks.columns import NO_OWNERS, decide_natively
from holdfast.checker.locks.decide import rows_of
from holdfast.checker.locks.rows import Kind, Order, Outside, Row
from holdfast.checker.locks.tokens import decide_tokens
from holdfast.checker.locks.unowned import decide_unowned
from holdfast.checker.replay import objection

# How many of the random histories may be left to the search.
OUTSIDE_MOST = {
    "mutex": 0,
    "mutex,observing": 0,
    "owned-mutex": 60,
    "owned-mutex,observing": 60,
    "unowned-fenced-mutex": 10,
    "unowned-fenced-mutex,observing": 10,
    "unowned-fenced-mutex,consecutive": 25,
}


@pytest.mark.parametrize("name", MODELS)
def test_random_histories(name: str) -> None:
    source = random.Random(name)
    found = [compared(random_problem(MODELS[name], source)) for _ in range(250)]
    found += [compared_calls(MODELS[name], random_calls(MODELS[name], source)) for _ in range(250)]
    assert [one.wrong for one in found if one.wrong] == []
    assert 25 < sum(one.linearizable for one in found) < 475
    assert sum(one.outside for one in found) <= OUTSIDE_MOST.get(name, 250)


@pytest.mark.parametrize("name", MODELS)
def test_all_histories_of_two_operations(name: str) -> None:
    for size in (1, 2):
        for calls in all_calls(MODELS[name], size):
            assert compared_calls(MODELS[name], calls).wrong is None


@pytest.mark.skipif(not NATIVE, reason="the native core was not compiled")
@pytest.mark.parametrize(
    "name", ["mutex", "mutex,observing", "owned-mutex", "owned-mutex,observing", "owned-semaphore"]
)
def test_compiled(name: str) -> None:
    model: Any = MODELS[name]
    permits = NO_OWNERS if name.startswith("mutex") else getattr(model, "permits", 1)
    source = random.Random(name)
    answers = set()
    for _ in range(2000):
        problem = random_problem(model, source)
        rows = rows_of(problem)
        expected = decide_unowned(rows) if permits == NO_OWNERS else decide_tokens(rows, permits)
        found = decide_natively(rows, permits)
        answers.add(type(found))
        if isinstance(found, Outside) and _used_again(rows):
            continue
        if isinstance(found, Order):
            assert isinstance(expected, Order)
            assert objection(problem, found.places) is None
        else:
            assert isinstance(found, Outside) is isinstance(expected, Outside)
            assert not isinstance(expected, Order)
    assert len(answers) >= 2


def _used_again(rows: list[Row]) -> bool:
    tokens = [row.token for row in rows if row.kind is Kind.ACQUIRE]
    return len(set(tokens)) < len(tokens)
