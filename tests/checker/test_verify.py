"""A certificate that was tampered with is refused; so is one that belongs to another history."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from attrs import evolve, fields
from msgspec.structs import replace
from tests.checker.lock_brute_force import has_order
from tests.checker.lock_histories import MODELS, OBSERVING, random_problem

from holdfast.checker.locks.certificate import Certificate, named, renumbered
from holdfast.checker.locks.decide import decide
from holdfast.checker.locks.rows import Order, Outside
from holdfast.checker.problem import Problem
from holdfast.checker.verify import certificate_objection
from holdfast.histories.asked import asked_values
from holdfast.histories.operation import Operation, Outcome
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.leased_mutex import LeasedMutex
from holdfast.models.mutex import OwnedMutex
from holdfast.models.semaphore import OwnedSemaphore, Semaphore


def certificates(name: str, count: int) -> Iterator[tuple[Problem, Certificate]]:
    source = random.Random(name)
    for _ in range(count):
        problem = random_problem(MODELS[name], source)
        answer = decide(problem)
        if not isinstance(answer, (Order, Outside)):
            numbers = [operation.number for operation in problem.operations]
            yield problem, renumbered(answer, numbers)


def objection(problem: Problem, certificate: Certificate) -> str | None:
    return certificate_objection(
        problem.model,
        problem.operations,
        asked_values(problem.operations, problem.model),
        certificate,
    )


def tampered(value: Any, size: int) -> Iterator[Any]:
    """Yield a certificate with one number in it replaced by another."""
    if isinstance(value, int):
        yield from (other for other in range(size) if other != value)
    elif isinstance(value, tuple):
        for at, item in enumerate(value):
            for other in tampered(item, size):
                yield (*value[:at], other, *value[at + 1 :])
            yield (*value[:at], *value[at + 1 :])
    elif value is not None:
        for one in fields(type(value)):
            for other in tampered(getattr(value, one.name), size):
                yield evolve(value, **{one.name: other})


@pytest.mark.parametrize("name", MODELS)
def test_no_tampered_certificate_condemns_a_linearizable_history(name: str) -> None:
    source = random.Random(name)
    found = [certificate for _, certificate in certificates(name, 300)]
    assert found
    lists = tried = 0
    while tried < 1500 and lists < 400:
        problem = random_problem(MODELS[name], source)
        if not has_order(problem):
            continue
        lists += 1
        certificate = source.choice(found)
        for other in (certificate, *tampered(certificate, len(problem.operations))):
            tried += 1
            assert objection(problem, other) is not None, (problem, other)


@pytest.mark.parametrize("name", ["owned-mutex", "fenced-mutex", "owned-semaphore"])
def test_most_changes_of_a_certificate_are_refused(name: str) -> None:
    accepted = refused = 0
    for problem, certificate in certificates(name, 300):
        assert objection(problem, certificate) is None
        for other in tampered(certificate, len(problem.operations)):
            if objection(problem, other) is None:
                accepted += 1  # another proof of the same history
            else:
                refused += 1
    assert refused > accepted


def shifted(one: Operation, begin: int, end: int) -> Operation:
    """Return an operation that was invoked and returned so much later."""
    completed = None if one.completed is None else one.completed + end
    return replace(one, invoked=one.invoked + begin, completed=completed)


def verdicts(name: str, count: int) -> Iterator[tuple[Problem, Certificate, random.Random]]:
    source = random.Random(f"tampered {name}")
    for problem, certificate in certificates(name, count):
        yield problem, certificate, source


def objection_after(
    model: Any, operations: Sequence[Operation], certificate: Certificate
) -> str | None:
    values = asked_values(operations, model)
    return certificate_objection(model, operations, values, certificate)


@pytest.mark.parametrize("name", MODELS)
def test_a_certificate_never_survives_a_change_that_mends_its_history(name: str) -> None:
    """Shift an instant, swap a token, leave an operation out, or change the model: if that leaves a
    linearizable history, the certificate is refused."""
    model, mended = MODELS[name], 0
    for problem, certificate, source in verdicts(name, 800):
        operations = list(problem.operations)
        at = next(at for at, one in enumerate(operations) if one.number in named(certificate))
        changes = [
            [*operations[:at], *operations[at + 1 :]],
            [
                *operations[:at],
                shifted(operations[at], -source.randrange(9), source.randrange(9)),
                *operations[at + 1 :],
            ],
            [*operations[:at], with_token(operations[at], source), *operations[at + 1 :]],
        ]
        for change in changes:
            changed = sorted(change, key=lambda one: one.invoked)
            if has_order(question(model, changed)):
                mended += 1
                assert objection_after(model, changed, certificate) is not None
    assert mended > 10


def with_token(one: Operation, source: random.Random) -> Operation:
    if one.value is None:
        return replace(one, invocation=replace(one.invocation, f="release"))
    value = source.choice("abc") if isinstance(one.value, str) else source.randrange(5)
    return replace(one, invocation=replace(one.invocation, value=value))


def question(model: Any, operations: Sequence[Operation]) -> Problem:
    return Problem.of(model, operations, asked_values(operations, model))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("mutex", Semaphore(8)),
        ("owned-mutex", OwnedSemaphore(8)),
        ("leased-mutex", LeasedMutex(1)),
        (
            "fenced-mutex,consecutive",
            FencedMutex(**OBSERVING),
        ),
        ("owned-mutex,observing", OwnedMutex()),
    ],
)
def test_a_certificate_under_another_model_is_refused(name: str, other: Any) -> None:
    refused = 0
    for problem, certificate in certificates(name, 800):
        operations = [
            one
            for one in problem.operations
            if one.f in other.functions
            and (one.outcome is not Outcome.FAIL or one.f in other.observed_failures)
        ]
        if has_order(question(other, operations)):
            refused += 1
            assert objection_after(other, operations, certificate) is not None
    assert refused > 1
