"""Histories of any model, for those who test checkers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from holdfast.histories.history import History
from holdfast.histories.strategies.steps import (
    Answer,
    Step,
    What,
    When,
    Who,
    failure_observes,
    play,
)
from holdfast.models.model import Example, Info, Model, WithExamples

LENGTH_MAX = 6
"""How many later calls one call may overlap by its length alone."""

TRUTHFUL = (Answer.TRUE, Answer.LATE, Answer.LOST, Answer.NEVER, Answer.FAIL)

ANY = (Answer.TRUE, Answer.FALSE, *TRUTHFUL[1:])


def histories(
    model: Model[Any],
    *,
    clients: int = 3,
    keys: int = 1,
    operations_max: int = 12,
    examples: Sequence[Example] | None = None,
) -> st.SearchStrategy[History]:
    """Return a strategy for small histories of calls that ``model`` knows, linearizable or not.

    Some answers are true, some are not, some never come. They shrink towards few calls, one after
    another, all answered.

    Args:
        model: the sequential specification.
        clients: how many call at once, at most.
        keys: how many objects they call; the keys are ``None`` for one, else ``k0``, ``k1``, …
        operations_max: how many operations there are, at most.
        examples: the calls to draw from with the answers that they may get, in the order of their
            simplicity; by default ``model.examples()``.

    Raises:
        TypeError: the model shows no examples, and none are given.
    """
    return _histories(ANY, model, clients, keys, operations_max, examples)


def linearizable_histories(
    model: Model[Any],
    *,
    clients: int = 3,
    keys: int = 1,
    operations_max: int = 12,
    examples: Sequence[Example] | None = None,
) -> st.SearchStrategy[History]:
    """Return a strategy for small histories that are linearizable by construction.

    Every call takes effect at one instant of its interval, or never where its outcome is unknown,
    and is answered accordingly. Arguments and errors are those of ``histories``.
    """
    return _histories(TRUTHFUL, model, clients, keys, operations_max, examples)


def _histories(
    answers: Sequence[Answer],
    model: Model[Any],
    clients: int,
    keys: int,
    operations_max: int,
    examples: Sequence[Example] | None,
) -> st.SearchStrategy[History]:
    shown = _examples(model, examples)
    # Simplest first, as Hypothesis shrinks towards the first.
    what = [choice for answer in answers for choice in _choices(answer, model, shown)]
    when = [
        When(length, effect) for length in range(LENGTH_MAX + 1) for effect in range(length + 1)
    ]
    who = [Who(client, key) for client in range(clients) for key in range(keys)]
    step = st.tuples(st.sampled_from(what), st.sampled_from(when), st.sampled_from(who))

    def history(steps: Sequence[Step]) -> History:
        return play(model, shown, steps, clients=clients, keys=keys, source="drawn history")

    return st.lists(step, max_size=operations_max).map(history)


def _choices(answer: Answer, model: Model[Any], examples: Sequence[Example]) -> list[What]:
    if answer is Answer.FALSE:
        return [What(call, answer, result) for call, result in examples if result != Info()]
    calls = dict.fromkeys(call for call, _ in examples)
    if answer is Answer.FAIL:
        return [What(call, answer) for call in calls if not failure_observes(model, call.f)]
    return [What(call, answer) for call in calls]


def _examples(model: Model[Any], examples: Sequence[Example] | None) -> Sequence[Example]:
    if examples is None:
        if not isinstance(model, WithExamples):
            raise TypeError(
                "give examples=[(Call('open'), Ok()), …], or the model a method examples()"
            )
        examples = model.examples()
    if not examples:
        raise ValueError("there are no examples to draw calls from")
    return list(examples)
