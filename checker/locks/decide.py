"""Which procedure decides which model, and a history as the rows it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from holdfast.checker.locks.certificate import Certificate
from holdfast.checker.locks.fenced import decide_fenced
from holdfast.checker.locks.held import decide_held
from holdfast.checker.locks.leased import decide_leased
from holdfast.checker.locks.natively import decide_problem, permits_of
from holdfast.checker.locks.reentrant import decide_reentrant
from holdfast.checker.locks.rows import NEVER, Kind, Order, Outside, Row
from holdfast.checker.locks.says import kind_of, owner_of
from holdfast.checker.locks.tokens import decide_tokens
from holdfast.checker.locks.unowned import decide_unowned, decide_unowned_fenced
from holdfast.checker.problem import Problem
from holdfast.models.fenced_mutex import FencedMutex, UnownedFencedMutex
from holdfast.models.leased_mutex import LeasedMutex
from holdfast.models.model import Model, Ok, Result
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.reentrant_mutex import ReentrantMutex
from holdfast.models.semaphore import OwnedSemaphore, Semaphore
from holdfast.models.value import Value

Answer = Order | Certificate | Outside

PROCEDURES: Mapping[type, Callable[[list[Row], Any], Answer]] = {
    Mutex: lambda rows, model: decide_unowned(rows),
    OwnedMutex: lambda rows, model: decide_held(rows),
    FencedMutex: lambda rows, model: decide_fenced(rows, consecutive=model.consecutive),
    UnownedFencedMutex: lambda rows, model: decide_unowned_fenced(
        rows, consecutive=model.consecutive
    ),
    ReentrantMutex: lambda rows, model: decide_reentrant(rows, model.holds_max),
    Semaphore: lambda rows, model: decide_unowned(rows, model.permits),
    OwnedSemaphore: lambda rows, model: (
        decide_held(rows) if model.permits == 1 else decide_tokens(rows, model.permits)
    ),
}
"""How each model is decided, but for leases, which are decided by their instants."""


def decide(problem: Problem) -> Answer:
    """Return an order of effects, why there is none, or that a search has to decide.

    Args:
        problem: operations under a model that ``is_lock``.
    """
    permits = permits_of(problem.model)
    if permits is not None:
        answer = decide_problem(problem, permits)
        if not isinstance(answer, Outside):
            return answer
    return decide_in_python(problem)


def decide_in_python(problem: Problem) -> Answer:
    """Return what ``decide`` does, by the procedures in plain Python alone."""
    if isinstance(problem.model, LeasedMutex):
        return decide_leased(problem)
    return PROCEDURES[type(problem.model)](rows_of(problem), problem.model)


def is_lock(model: Model[Any]) -> bool:
    """Return whether there is a procedure for ``model``."""
    return isinstance(model, LeasedMutex) or type(model) in PROCEDURES


def rows_of(problem: Problem) -> list[Row]:
    """Return a problem's operations as rows. Reads of unknown outcome say nothing and are left out."""
    tokens: dict[Value, int] = {}
    rows = []
    asked = zip(problem.operations, problem.calls, problem.results, strict=True)
    for place, (operation, call, result) in enumerate(asked):
        kind = kind_of(call, result)
        if kind is None:
            continue
        owned, owner = owner_of(kind, call, result)
        token = tokens.setdefault(owner, len(tokens)) if owned else -1
        returned = operation.returned
        rows.append(
            Row(
                place=place,
                kind=kind,
                token=token,
                invoked=2 * operation.invoked,
                returned=NEVER if returned is None else 2 * returned + 1,
                fence=_fence(result) if kind is Kind.ACQUIRE else None,
            )
        )
    return rows


def _fence(result: Result) -> int | None:
    value = result.value if isinstance(result, Ok) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
