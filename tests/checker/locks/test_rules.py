"""Every rule of the procedures matters: with any of them broken, brute force disagrees."""

from __future__ import annotations

import functools
import inspect
import random
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

import pytest
from tests.checker.lock_histories import MODELS, random_problem
from tests.checker.locks.faults_by_token import BY_TOKEN, Broken
from tests.checker.locks.faults_of_others import OF_OTHERS

from holdfast.checker.locks.certificate import renumbered
from holdfast.checker.locks.decide import decide_in_python
from holdfast.checker.locks.rows import Order, Outside
from holdfast.checker.problem import Problem
from holdfast.checker.replay import objection
from holdfast.checker.verify import certificate_objection
from holdfast.histories.asked import asked_values

HISTORIES = 60_000

FAULTS: dict[str, Broken] = {**BY_TOKEN, **OF_OTHERS}


@functools.cache
def broken_code(function: Callable[..., Any], right: str, wrong: str) -> CodeType:
    """Return the code of a function with some of its words replaced by others."""
    source = textwrap.dedent(inspect.getsource(function))
    assert right in source, f"{function.__qualname__} has no {right!r} any more"
    names = dict(vars(sys.modules[function.__module__]))
    exec(f"from __future__ import annotations\n{source.replace(right, wrong)}", names)
    code: CodeType = names[function.__name__].__code__
    return code


@contextmanager
def broken(function: Any, right: str, wrong: str) -> Iterator[None]:
    """Break a function for a while."""
    broken = broken_code(function, right, wrong)
    code = function.__code__
    function.__code__ = broken
    try:
        yield
    finally:
        function.__code__ = code


def is_noticed(fault: Broken) -> bool:
    """Return whether the procedures, one of them broken, answer otherwise or prove nothing.

    That they are right when they are whole is tested in test_decide.py.
    """
    names, function, right_words, wrong_words = fault
    source = random.Random(repr(names))
    for number in range(HISTORIES):
        model = MODELS[names[number % len(names)]]
        problem = random_problem(model, source)
        right = decide_in_python(problem)
        try:
            with broken(function, right_words, wrong_words):
                answer = decide_in_python(problem)
        except Exception:  # that, too, is noticed
            return True
        if answer != right and (type(answer) is not type(right) or is_wrong(problem, answer)):
            return True
    return False


def is_wrong(problem: Problem, answer: Any) -> bool:
    """Return whether an answer does not prove what it says."""
    if isinstance(answer, Order):
        return objection(problem, answer.places) is not None
    if isinstance(answer, Outside):
        return False
    model, operations = problem.model, problem.operations
    named = renumbered(answer, [operation.number for operation in operations])
    values = asked_values(operations, model)
    return certificate_objection(model, operations, values, named) is not None


@pytest.mark.parametrize("rule", FAULTS)
def test_a_broken_rule_is_noticed(rule: str) -> None:
    assert is_noticed(FAULTS[rule])
