"""Counterexamples carry the model's own words."""

from __future__ import annotations

import pytest
from tests.checker.tables import history, info, ok

from holdfast.checker.budget import Budget
from holdfast.checker.engines import NoOrder
from holdfast.checker.engines.wgl import WingGongLowe
from holdfast.checker.explain.counterexample import counterexample_of
from holdfast.checker.explain.parts import Part
from holdfast.checker.problem import Problem
from holdfast.checker.verdict import Configuration, Counterexample, Refusal
from holdfast.models.mutex import OwnedMutex
from holdfast.models.register import CasRegister

LOCK = history(
    ok("acquire", "z", 0, 1),
    ok("release", "z", 2, 3),
    ok("acquire", "a", 4, 5),
    ok("acquire", "b", 6, 7),
    ok("release", "a", 8, 9),
)


def counterexample(
    model: OwnedMutex | CasRegister, *rows: object, budget: Budget | None = None
) -> Counterexample:
    operations = history(*rows)  # type: ignore[arg-type]
    tokens = {operation.number: operation.value for operation in operations}
    problem = Problem.of(model, operations, {})
    found = WingGongLowe().decide(problem, Budget().start())
    assert isinstance(found, NoOrder)
    part = Part.of(problem, tokens if isinstance(model, OwnedMutex) else {})
    return counterexample_of("key", part, found, budget or Budget())


def test_two_holders() -> None:
    found = counterexample(OwnedMutex(), *LOCK)
    first, second = found.operations
    assert (first.number, second.number) == (2, 3)
    assert found == Counterexample(
        key="key",
        completion=second,
        configurations=(Configuration((first,), ("a",), (Refusal(second, "held by 'a'"),)),),
        operations=(first, second),
    )


def test_all_that_was_pending_is_refused_in_every_dead_end() -> None:
    found = counterexample(
        CasRegister(),
        ok("write", 0, 0, 1),
        info("cas", (0, 1), 2, 3),
        info("cas", (5, 6), 2, 3),
        ok("read", None, 4, 5, 2),
    )
    write, cas, never_possible, read = found.operations
    assert found.completion == read
    assert found.configurations == (
        Configuration(
            (write, cas),
            1,
            (
                Refusal(never_possible, "expected 5, but the value is 1"),
                Refusal(read, "read 2, but the value is 1"),
            ),
        ),
    )


def test_without_time_the_engine_s_own_answer_is_told() -> None:
    found = counterexample(OwnedMutex(), *LOCK, budget=Budget(cancelled=lambda: True))
    assert [operation.number for operation in found.operations] == [0, 1, 2, 3, 4]
    assert found.completion.number == 3
    (configuration,) = found.configurations
    assert [operation.number for operation in configuration.linearized] == [0, 1, 2]
    assert configuration.refusals == (Refusal(found.completion, "held by 'a'"),)


def test_an_engine_that_is_wrong_is_found_out() -> None:
    problem = Problem.of(OwnedMutex(), history(ok("acquire", "a", 0, 1)), {})
    part = Part.of(problem, {0: "a"})
    with pytest.raises(
        RuntimeError, match=r"a bug in holdfast: the counterexample of key 'key' is"
    ):
        counterexample_of("key", part, NoOrder(0, (), 1), Budget())
