"""Builds the counterexample: a small part that fails, and the model's words on why it must."""

from __future__ import annotations

from attrs import evolve

from holdfast.checker.budget import Budget
from holdfast.checker.engines import Answer, DeadEnd, GaveUp, NoOrder
from holdfast.checker.engines.search import Search
from holdfast.checker.engines.wgl import WingGongLowe
from holdfast.checker.explain.minimize import minimize
from holdfast.checker.explain.parts import Part
from holdfast.checker.problem import Problem
from holdfast.checker.verdict import Configuration, Counterexample, Refusal
from holdfast.models.model import Refused
from holdfast.models.value import Value

JUDGING = 0.3
"""The share of the time that is kept for judging the part once more."""


def counterexample_of(key: Value, part: Part, found: NoOrder, budget: Budget) -> Counterexample:
    """Return why ``part`` is not linearizable, in as few operations as is found in time.

    Args:
        key: the key, or ``None`` where the history has none.
        part: all of the key's operations that count.
        found: what an engine answered for them.
        budget: what the search for a smaller part may spend, and judging that part once more.

    Raises:
        RuntimeError: the reference engine finds an order after all: a bug in one of the two.
    """
    small = minimize(part, found, _share(budget, 1 - JUDGING).start())
    problem = small.problem()
    if small is part:  # that it fails is known
        answer: Answer = found
    else:
        answer = _judged(problem, _share(budget, JUDGING))
    if isinstance(answer, GaveUp):  # so no part was found to fail in time
        problem, answer = part.problem(), found
    if not isinstance(answer, NoOrder):
        raise RuntimeError(
            f"a bug in holdfast: the counterexample of key {key!r} is linearizable, by the order "
            f"{answer.places} of {small.operations}"
        )
    return Counterexample(
        key=key,
        completion=problem.operations[answer.completion],
        configurations=tuple(
            configuration_of(problem, answer.completion, dead_end) for dead_end in answer.dead_ends
        ),
        operations=tuple(problem.operations),
    )


def _judged(problem: Problem, budget: Budget) -> Answer:
    """Return what the reference engine answers; the search engine, where that takes too long."""
    answer: Answer = WingGongLowe().decide(problem, _share(budget, 0.5).start())
    if isinstance(answer, GaveUp):
        answer = Search().decide(problem, _share(budget, 0.5).start())
    return answer


def _share(budget: Budget, share: float) -> Budget:
    return budget if budget.seconds is None else evolve(budget, seconds=share * budget.seconds)


def configuration_of(problem: Problem, completion: int, dead_end: DeadEnd) -> Configuration:
    """Return a dead end in words: what was pending there, and why the model refuses it."""
    refusals = []
    taken = set(dead_end.places)
    for place in problem.endpoints[: problem.endpoints.index(~completion)]:
        if place < 0 or place in taken:
            continue
        answer = problem.model.step(dead_end.state, problem.calls[place], problem.results[place])
        if isinstance(answer, Refused):
            refusals.append(Refusal(problem.operations[place], answer.reason))
    return Configuration(
        linearized=tuple(problem.operations[place] for place in dead_end.places),
        state=dead_end.state,
        refusals=tuple(refusals),
    )
