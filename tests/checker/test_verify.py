"""A certificate that was tampered with is refused; so is one that belongs to another history."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve, fields
from tests.checker.lock_brute_force import has_order
from tests.checker.lock_histories import MODELS, random_problem

from holdfast.checker.locks.certificate import Certificate, renumbered
from holdfast.checker.locks.decide import decide
from holdfast.checker.locks.rows import Order, Outside
from holdfast.checker.problem import Problem
from holdfast.checker.verify import certificate_objection


def certificates(name: str, count: int) -> Iterator[tuple[Problem, Certificate]]:
    source = random.Random(name)
    for _ in range(count):
        problem = random_problem(MODELS[name], source)
        answer = decide(problem)
        if not isinstance(answer, (Order, Outside)):
            numbers = [operation.number for operation in problem.operations]
            yield problem, renumbered(answer, numbers)


def objection(problem: Problem, certificate: Certificate) -> str | None:
    return certificate_objection(problem.model, problem.operations, {}, certificate)


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
