"""The engine for locks agrees with the search, proves what it says, and says when it left a history."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tests.checker.brute_force import is_linearizable
from tests.checker.lock_brute_force import has_order
from tests.checker.lock_histories import MODELS, random_problem

from holdfast.checker.auto import engine_for
from holdfast.checker.budget import Budget
from holdfast.checker.check import check
from holdfast.checker.engines import NoOrder, Order
from holdfast.checker.engines.locks import Locks
from holdfast.checker.locks.certificate import TooManyHolders
from holdfast.checker.locks.decide import decide_in_python
from holdfast.checker.locks.rows import Outside
from holdfast.checker.problem import Problem
from holdfast.checker.replay import objection
from holdfast.checker.verdict import Linearizable, NotLinearizable
from holdfast.checker.verify import certificate_objection
from holdfast.histories import Event, History
from holdfast.histories.asked import asked_values
from holdfast.models.key_value import KeyValue
from holdfast.models.mutex import OwnedMutex
from holdfast.models.reentrant_mutex import ReentrantMutex
from holdfast.models.register import Register

HISTORIES = 200


@pytest.mark.parametrize("name", MODELS)
def test_it_agrees_with_brute_force_and_proves_it(name: str) -> None:
    source = random.Random(name)
    for _ in range(HISTORIES):
        problem = random_problem(MODELS[name], source)
        answer = Locks().decide(problem, Budget().start())
        assert isinstance(answer, Order if has_order(problem) else NoOrder)
        outside = isinstance(decide_in_python(problem), Outside)
        assert (answer.fallback is not None) <= outside
        if isinstance(answer, Order):
            assert objection(problem, answer.places) is None
        elif answer.certificate is not None:
            operations = problem.operations
            wrong = certificate_objection(
                problem.model,
                operations,
                asked_values(problem.operations, problem.model),
                answer.certificate,
            )
            assert wrong is None


@pytest.mark.parametrize("name", MODELS)
def test_the_counterexample_of_a_certificate_fails_on_its_own(name: str) -> None:
    source = random.Random(name)
    certified = 0
    for _ in range(HISTORIES):
        problem = random_problem(MODELS[name], source)
        verdict = check(list(problem.operations), MODELS[name])
        if isinstance(verdict, NotLinearizable):
            found = verdict.counterexample
            certified += found.certificate is not None
            assert (verdict.engine == "locks") is (verdict.fallback is None)
            assert found.completion in found.operations
            assert not has_order(
                Problem.of(
                    MODELS[name], found.operations, asked_values(found.operations, MODELS[name])
                )
            )
    assert certified > 5


LATER_WORDS: list[tuple[Any, list[Event]]] = [
    (  # that a was granted is known by a read long after
        OwnedMutex(failed_acquire_means_held=True),
        [
            Event("invoke", 1, "acquire", "b", 1),
            Event("invoke", 2, "is_locked", None, 1),
            Event("ok", 2, "is_locked", False, 1),
            Event("invoke", 0, "acquire", "b", 2),
            Event("fail", 0, "acquire", None, 2),
            Event("info", 1, "acquire", None, 2),
            Event("invoke", 5, "holder", None, 2),
            Event("invoke", 0, "acquire", "a", 4),
            Event("ok", 5, "holder", None, 4),
            Event("invoke", 3, "holder", None, 8),
            Event("ok", 3, "holder", "a", 8),
            Event("invoke", 5, "release", "a", 8),
        ],
    ),
    (  # that b held twice is why its release did not end the hold
        ReentrantMutex(failed_acquire_means_held=True),
        [
            Event("invoke", 1, "acquire", "b", 0),
            Event("ok", 1, "acquire", None, 1),
            Event("invoke", 2, "is_locked", None, 3),
            Event("invoke", 1, "acquire", "b", 3),
            Event("ok", 1, "acquire", None, 5),
            Event("invoke", 1, "release", "b", 6),
            Event("ok", 2, "is_locked", False, 7),
        ],
    ),
]


@pytest.mark.parametrize(("model", "events"), LATER_WORDS)
def test_what_is_said_later_of_a_hold_belongs_to_the_counterexample(
    model: Any, events: list[Event]
) -> None:
    verdict = check(History.of(events), model)
    assert isinstance(verdict, NotLinearizable)
    assert not is_linearizable(model, verdict.counterexample.operations)


@pytest.mark.parametrize("model", [*MODELS.values(), Register(), KeyValue()])
def test_auto_takes_it_for_locks_alone(model: Any) -> None:
    assert engine_for(model) == ("locks" if model in MODELS.values() else "search")


def history(*rows: tuple[Any, ...]) -> History:
    events = [Event(type, process, f, value, key=key) for type, process, f, value, key in rows]
    return History.of(events)


def test_keys_of_several_models_are_decided_each_by_its_own_engine() -> None:
    both = history(
        ("invoke", 0, "acquire", "a", "lock"),
        ("ok", 0, "acquire", None, "lock"),
        ("invoke", 0, "write", 1, "x"),
        ("ok", 0, "write", None, "x"),
    )
    verdict = check(both, {"lock": OwnedMutex(), "x": Register()})
    assert isinstance(verdict, Linearizable)
    assert set(verdict.engine.split("+")) == {"locks", "search"}


def test_a_history_outside_is_searched_and_the_verdict_says_why() -> None:
    verdict = check(
        history(("invoke", 0, "read", None, None), ("ok", 0, "read", None, None)),
        Register(),
        engine="locks",
    )
    assert isinstance(verdict, Linearizable)
    assert verdict.engine == "search"
    assert verdict.fallback is not None


def test_the_certificate_names_operations_by_their_numbers_in_the_history() -> None:
    rows = history(
        ("invoke", 9, "acquire", "z", "other"),
        ("invoke", 0, "acquire", "a", "lock"),
        ("ok", 0, "acquire", None, "lock"),
        ("invoke", 1, "acquire", "b", "lock"),
        ("ok", 1, "acquire", None, "lock"),
    )
    verdict = check(rows, OwnedMutex())
    assert isinstance(verdict, NotLinearizable)
    certificate = verdict.counterexample.certificate
    assert isinstance(certificate, TooManyHolders)
    assert [hold.acquire for hold in certificate.holds] == [1, 2]
    assert verdict.counterexample.key == "lock"
