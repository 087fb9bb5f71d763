"""What may be removed from a history: if the whole is linearizable, so is what remains."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from tests.checker.brute_force import is_linearizable
from tests.checker.random_histories import models_with_options, random_history
from tests.checker.tables import fail, history, info, never, ok

from holdfast.checker.budget import Budget
from holdfast.checker.explain.parts import Part
from holdfast.checker.explain.past import forget_past
from holdfast.checker.problem import Problem
from holdfast.histories import Operation, Outcome
from holdfast.histories.asked import asked_values
from holdfast.histories.tokens import tokens_of
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.mutex import OwnedMutex
from holdfast.models.register import Register

MODELS = dict(models_with_options())
HISTORIES = 300


def part_of(model: Any, *rows: Operation) -> Part:
    return Part.of(Problem.of(model, history(*rows), {}), {})


def shown(part: Part) -> list[tuple[str, Any, str]]:
    return [(one.f, one.value, one.outcome.value) for one in part.operations]


def smaller_parts(part: Part) -> Iterator[Part]:
    for operation in part.operations:
        if operation.outcome is not Outcome.INFO:
            yield part.cut_after(operation)
    for number in part.observations():
        yield part.without([number])
    for numbers in part.tokens_removable().values():
        yield part.without(numbers)
    yield part.without(part.observations())
    yield forget_past(part, lambda shorter: True, Budget().start())


@pytest.mark.parametrize("name", MODELS)
def test_whatever_is_removed_a_linearizable_history_stays_linearizable(name: str) -> None:
    model, source = MODELS[name], random.Random(name)
    removed = 0
    for _ in range(HISTORIES):
        recorded = random_history(model, source)
        if not is_linearizable(model, recorded):
            continue
        tokens = asked_values(tuple(recorded), model)
        part = Part.of(Problem.of(model, recorded, tokens), tokens)
        for smaller in smaller_parts(part):
            assert is_linearizable(model, smaller.operations)
            for smallest in smaller_parts(smaller):
                assert is_linearizable(model, smallest.operations)
                removed += len(smaller.operations) - len(smallest.operations)
    assert removed > HISTORIES


ROWS = [
    ok("acquire", "a", 0, 5),
    info("acquire", "b", 1, 2),
    ok("acquire", "c", 3, 9),
    fail("acquire", "d", 3, 8),
    fail("acquire", "e", 3, 4),
    ok("release", "a", 6, 7),
    never("release", "b", 6),
]


def test_a_cut_forgets_what_was_not_known_yet() -> None:
    part = part_of(OwnedMutex(failed_acquire_means_held=True), *ROWS)
    assert shown(part.cut_after(part.operations[0])) == [
        ("acquire", "a", "ok"),
        ("acquire", "b", "info"),
        ("acquire", "c", "info"),
        ("acquire", "e", "fail"),
    ]
    assert shown(part.cut_after(part.operations[2])) == shown(part)


def test_a_cut_keeps_what_was_invoked_at_that_instant() -> None:
    part = part_of(OwnedMutex(), ok("acquire", "a", 0, 5), ok("release", "a", 5, 6))
    assert shown(part.cut_after(part.operations[0])) == [
        ("acquire", "a", "ok"),
        ("release", "a", "info"),
    ]


def test_pending_observations_are_cut_off() -> None:
    part = part_of(Register(), ok("write", 1, 0, 5), ok("read", None, 1, 9, 1))
    assert shown(part.cut_after(part.operations[0])) == [("write", 1, "ok")]


def test_tokens_may_go_only_where_failures_tell_nothing() -> None:
    rows = history(ok("acquire", "a", 0, 9), fail("acquire", "b", 1, 2), ok("release", "a", 10, 11))
    tokens = {operation.number: operation.value for operation in rows}
    model = OwnedMutex(failed_acquire_means_held=True)
    whole = Part.of(Problem.of(model, rows, tokens), tokens)
    assert whole.tokens_removable() == {}
    assert whole.observations() == (1,)
    assert whole.without([1]).tokens_removable() == {"a": {0, 2}}


def test_a_register_has_no_tokens_but_observations() -> None:
    part = part_of(
        Register(), ok("write", 1, 0, 1), ok("read", None, 2, 3, 1), info("read", None, 4, 5)
    )
    assert part.tokens_removable() == {}
    assert part.observations() == (1, 2)


def test_tokens_are_written_out_only_where_they_would_be_lost() -> None:
    rows = history(
        ok("acquire", None, 0, 9, 7), ok("acquire", None, 1, 2, 8), ok("release", 7, 3, 4)
    )
    tokens = tokens_of(rows, ("acquire", "release"))
    part = Part.of(Problem.of(FencedMutex(), rows, tokens), tokens)
    assert part.self_contained() is part
    cut = part.cut_after(rows[1])
    assert [operation.value for operation in cut.operations] == [None, None]
    assert [operation.value for operation in cut.self_contained().operations] == [7, 8]
