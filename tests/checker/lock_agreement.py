"""Whether the procedures for locks agree with brute force on a history, and prove what they say.

The procedures in Python, the compiled ones and the monitor are compared, each where it knows the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from tests.checker.lock_brute_force import calls_have_order, has_order
from tests.checker.lock_operations import Drawn, problem_of, rows_of

from holdfast.checker.core import NATIVE
from holdfast.checker.locks.called import OutsideMonitor
from holdfast.checker.locks.certificate import Certificate, renumbered
from holdfast.checker.locks.columns import NO_OWNERS, decide_natively
from holdfast.checker.locks.decide import PROCEDURES, decide
from holdfast.checker.locks.natively import permits_of
from holdfast.checker.locks.rows import Order, Outside, Row
from holdfast.checker.monitor import Monitor
from holdfast.checker.monitors import General, monitor_for
from holdfast.checker.problem import Problem
from holdfast.checker.replay import objection
from holdfast.checker.verify import certificate_objection
from holdfast.histories import Event
from holdfast.histories.asked import asked_values
from holdfast.models.leased_mutex import LeasedMutex
from holdfast.models.model import Fail, Info, Ok, Refused
from holdfast.models.mutex import Mutex

Answer = Order | Certificate | Outside


@frozen
class Compared:
    """What was found of one history.

    Args:
        linearizable: by brute force.
        outside: whether the procedures left it to the search.
        proved: whether they gave a certificate, which was verified.
        watched: whether a monitor went through its events to the end.
        wrong: what is wrong with an answer, or nothing.
    """

    linearizable: bool
    outside: bool
    proved: bool
    watched: bool
    wrong: str | None


def compared(problem: Problem) -> Compared:
    """Return how the answer of the procedures to a question compares with brute force."""
    expected = has_order(problem)
    try:
        answer = decide(problem)
    except Exception as error:  # so that the history is printed
        return Compared(expected, False, False, False, f"it raised {error!r}")
    wrong = objection(problem, answer.places) if isinstance(answer, Order) else None
    if not isinstance(answer, (Order, Outside)):
        wrong = _unproved(problem, answer)
    wrong = _against(expected, answer) or wrong
    proved = not isinstance(answer, (Order, Outside))
    return Compared(expected, isinstance(answer, Outside), proved, False, wrong)


def compared_calls(model: Any, calls: Sequence[Drawn], *, prove: bool = True) -> Compared:
    """Return how all procedures compare with brute force, without making objects for operations.

    Args:
        model: the model.
        calls: in the order of invocation.
        prove: whether a certificate is verified, which takes longer than all else.
    """
    if isinstance(model, LeasedMutex):
        return compared(problem_of(model, calls))
    expected = calls_have_order(model, calls)
    outside = proved = False
    wrong: str | None = None
    try:
        rows = rows_of(calls)
        answers = [PROCEDURES[type(model)](rows, model), *_natively(model, rows)]
        for answer in answers:
            wrong = wrong or _against(expected, answer)
            if isinstance(answer, Order):
                wrong = wrong or _illegal(model, calls, answer)
            elif not isinstance(answer, Outside) and not proved and prove:
                proved = True
                wrong = wrong or _unproved(problem_of(model, calls), answer)
        outside = isinstance(answers[0], Outside)
        watched, amiss = _watched(model, calls, expected)
    except Exception as error:  # so that the history is printed
        return Compared(expected, outside, proved, False, f"it raised {error!r}")
    return Compared(expected, outside, proved, watched, wrong or amiss)


def _natively(model: Any, rows: Sequence[Row]) -> list[Answer]:
    permits = permits_of(model) if NATIVE else None
    if permits is None or (permits == NO_OWNERS and not isinstance(model, Mutex)):
        return []
    return [decide_natively(rows, permits)]


def _against(expected: bool, answer: Answer) -> str | None:
    if isinstance(answer, Outside) or isinstance(answer, Order) is expected:
        return None
    return f"it answers {answer}, but there is {'an' if expected else 'no'} order"


def _illegal(model: Any, calls: Sequence[Drawn], order: Order) -> str | None:
    """Return why an order is not legal, or nothing."""
    state, latest = model.initial(), -1
    for place in order.places:
        call, result, invoked, returned = calls[place]
        latest = max(latest, invoked)
        state = model.step(state, call, result)
        if isinstance(state, Refused) or (returned < latest and not isinstance(result, Info)):
            return f"its order {order.places} is wrong at {place}"
    missing = set(range(len(calls))).difference(order.places)
    wrong = len(set(order.places)) < len(order.places)
    if wrong or any(not isinstance(calls[place][1], Info) for place in missing):
        return f"its order {order.places} is not whole"
    return None


def _unproved(problem: Problem, answer: Certificate) -> str | None:
    """Return why a certificate is none, or nothing."""
    model, operations = problem.model, problem.operations
    named = renumbered(answer, [operation.number for operation in operations])
    wrong = certificate_objection(model, operations, asked_values(operations, model), named)
    return wrong and f"the certificate {named} is no proof: {wrong}"


def _watched(model: Any, calls: Sequence[Drawn], expected: bool) -> tuple[bool, str | None]:
    """Return whether the model's own monitor decided all prefixes, and what is wrong if it is.

    A longer prefix is never linearizable where a shorter is not. So it suffices to ask brute force about the
    prefix that the monitor condemns first, and the one before it.
    """
    if isinstance(monitor_for(model), General):
        return False, None
    monitor = Monitor(model)
    marks = _marks(calls)
    for position, mark in enumerate(marks):
        try:
            if monitor.add(_event(calls, mark, position)) is None:
                continue
        except OutsideMonitor:
            return False, None
        if calls_have_order(model, _prefix(calls, marks[: position + 1])):
            return True, f"the monitor condemns {position + 1} events, which have an order"
        if not calls_have_order(model, _prefix(calls, marks[:position])):
            return True, f"the monitor condemns {position + 1} events, but not one less"
        return True, None
    return True, None if expected else "the monitor finds nothing"


def _marks(calls: Sequence[Drawn]) -> list[int]:
    """Return a call's number where it is invoked, its complement where it returns, in real-time order."""
    marks = [(2 * invoked, at) for at, (_, _, invoked, _) in enumerate(calls)]
    for at, (_, result, _, returned) in enumerate(calls):
        if not isinstance(result, Info):
            marks.append((2 * returned + 1, ~at))
    return [mark for _, mark in sorted(marks)]


def _prefix(calls: Sequence[Drawn], marks: Sequence[int]) -> list[Drawn]:
    """Return what was known after some events; their positions are the instants."""
    at = {mark: position for position, mark in enumerate(marks)}
    known = []
    for number, (call, result, *_) in enumerate(calls):
        if number in at:
            answered = ~number in at
            end = at[~number] if answered else 0
            known.append((call, result if answered else Info(), at[number], end))
    return known


def _event(calls: Sequence[Drawn], mark: int, position: int) -> Event:
    number = mark if mark >= 0 else ~mark
    call, result, *_ = calls[number]
    if mark >= 0:
        return Event("invoke", number, call.f, call.value, position)
    if isinstance(result, Ok):
        return Event("ok", number, call.f, result.value, position)
    assert isinstance(result, Fail)
    return Event("fail", number, call.f, None, position)
