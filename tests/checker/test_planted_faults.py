"""A checker that is broken on purpose must disagree with brute force: else agreement would mean little."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from tests.checker.brute_force import is_linearizable
from tests.checker.random_histories import models_with_options, random_history

from holdfast.checker.budget import Budget
from holdfast.checker.engines import Order
from holdfast.checker.engines.wgl import WingGongLowe
from holdfast.checker.problem import Problem
from holdfast.checker.vocabulary import Vocabulary
from holdfast.histories import History
from holdfast.histories.asked import asked_values
from holdfast.models import Fail, Info, Ok, Result
from holdfast.models.model import takes_instants

MODELS = dict(models_with_options())
HISTORIES = 1000

Fault = Callable[[Problem], Problem]


def _with_endpoints(problem: Problem, *marks: int) -> Problem:
    faulty = evolve(problem)
    vars(faulty)["endpoints"] = array("i", marks)
    return faulty


def _with_results(problem: Problem, results: list[Result]) -> Problem:
    vocabulary = Vocabulary(problem.model)
    vocabulary.asked.extend(zip(problem.calls, results, strict=True))
    faulty = _with_endpoints(evolve(problem, vocabulary=vocabulary), *problem.endpoints)
    vars(faulty)["asks"] = array("i", range(len(results)))
    return faulty


def _sound(problem: Problem) -> Problem:
    return problem


def _ignores_real_time(problem: Problem) -> Problem:
    calls = [mark for mark in problem.endpoints if mark >= 0]
    returns = [mark for mark in problem.endpoints if mark < 0]
    return _with_endpoints(problem, *calls, *returns)


def _takes_intervals_as_open(problem: Problem) -> Problem:
    marks = []
    for place, operation in enumerate(problem.operations):
        marks.append((operation.invoked, 2, place))
        if operation.returned is not None:
            # One without duration still has to be invoked before it returns.
            late = operation.returned == operation.invoked
            marks.append((operation.returned, 3 if late else 1, ~place))
    return _with_endpoints(problem, *(mark for *_, mark in sorted(marks)))


def _takes_unknown_as_required(problem: Problem) -> Problem:
    unknown = [~place for place in _unknown(problem)]
    return _with_endpoints(problem, *problem.endpoints, *unknown)


def _takes_unknown_as_returned(problem: Problem) -> Problem:
    marks = [*problem.endpoints]
    for place in _unknown(problem):
        marks.insert(marks.index(place) + 1, ~place)
    return _with_endpoints(problem, *marks)


def _takes_unknown_as_failed(problem: Problem) -> Problem:
    unknown = set(_unknown(problem))
    return _with_endpoints(problem, *(mark for mark in problem.endpoints if mark not in unknown))


def _forgets_results(problem: Problem) -> Problem:
    return _with_results(
        problem, [Ok() if isinstance(result, Ok) else result for result in problem.results]
    )


def _forgets_the_last_operation(problem: Problem) -> Problem:
    last = len(problem.operations) - 1
    kept = (mark for mark in problem.endpoints if mark not in (last, ~last))
    return _with_endpoints(problem, *kept)


def _takes_failed_as_done(problem: Problem) -> Problem:
    return _with_results(
        problem, [Info() if isinstance(result, Fail) else result for result in problem.results]
    )


def _unknown(problem: Problem) -> list[int]:
    return [place for place, result in enumerate(problem.results) if isinstance(result, Info)]


def disagrees(name: str, fault: Fault) -> bool:
    """Return whether a checker with ``fault`` disagrees with brute force on any of the histories."""
    model, source = MODELS[name], random.Random(name)
    for _ in range(HISTORIES):
        history = random_history(model, source)
        if _answer(fault, model, history) != is_linearizable(model, history):
            return True
    return False


def _answer(fault: Fault, model: Any, history: History) -> bool:
    problem = fault(Problem.of(model, history, asked_values(tuple(history), model)))
    return isinstance(WingGongLowe().decide(problem, Budget().start()), Order)


@pytest.mark.parametrize("name", MODELS)
def test_without_a_fault_nothing_is_found(name: str) -> None:
    assert not disagrees(name, _sound)


@pytest.mark.parametrize(
    "fault",
    [
        _ignores_real_time,
        _takes_intervals_as_open,
        _takes_unknown_as_required,
        _takes_unknown_as_returned,
        _takes_unknown_as_failed,
        _forgets_the_last_operation,
    ],
)
@pytest.mark.parametrize("name", MODELS)
def test_a_fault_is_found_under_every_model(name: str, fault: Fault) -> None:
    # A model whose calls carry their instants keeps real time by itself.
    kept_anyhow = fault is _ignores_real_time and takes_instants(MODELS[name])
    assert disagrees(name, fault) is not kept_anyhow


@pytest.mark.parametrize("name", ["register", "cas-register"])
def test_forgotten_results_are_found(name: str) -> None:
    assert disagrees(name, _forgets_results)


@pytest.mark.parametrize("name", [name for name in MODELS if ",failed_" in name])
def test_failures_taken_as_effects_are_found(name: str) -> None:
    assert disagrees(name, _takes_failed_as_done)
