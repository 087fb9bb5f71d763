"""Whether the procedures for locks agree with brute force on a history, and prove what they say."""

from __future__ import annotations

from attrs import frozen
from tests.checker.lock_brute_force import has_order

from holdfast.checker.locks.certificate import renumbered
from holdfast.checker.locks.decide import decide
from holdfast.checker.locks.rows import Order, Outside
from holdfast.checker.problem import Problem
from holdfast.checker.replay import objection
from holdfast.checker.verify import certificate_objection


@frozen
class Compared:
    """What was found of one history.

    Args:
        linearizable: by brute force.
        outside: whether the procedures left it to the search.
        wrong: what is wrong with the answer, or nothing.
    """

    linearizable: bool
    outside: bool
    wrong: str | None


def compared(problem: Problem) -> Compared:
    """Return how the answer of the procedures compares with brute force."""
    expected = has_order(problem)
    try:
        answer = decide(problem)
    except Exception as error:  # so that the history is printed
        return Compared(expected, False, f"it raised {error!r}")
    wrong: str | None = None
    if isinstance(answer, Order):
        wrong = objection(problem, answer.places)
        if not expected:
            wrong = f"it found an order, but there is none: {wrong}"
    elif not isinstance(answer, Outside):
        if expected:
            wrong = f"it answers {answer}, but there is an order"
        else:
            numbers = [operation.number for operation in problem.operations]
            named = renumbered(answer, numbers)
            objection_to = certificate_objection(problem.model, problem.operations, {}, named)
            if objection_to is not None:
                wrong = f"the certificate {named} is no proof: {objection_to}"
    return Compared(expected, isinstance(answer, Outside), wrong)
