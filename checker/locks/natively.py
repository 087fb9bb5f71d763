"""A problem's columns as the compiled procedures take them: no object is made for an operation."""

from __future__ import annotations

from array import array
from typing import Any

from holdfast.checker.core import NATIVE
from holdfast.checker.locks.certificate import Certificate
from holdfast.checker.locks.columns import NO_OWNERS, ORDER, OUTSIDE, Columns, decide_columns
from holdfast.checker.locks.rows import NEVER, Kind, Order, Outside, Row
from holdfast.checker.locks.says import kind_of, owner_of
from holdfast.checker.locks.tokens import decide_tokens
from holdfast.checker.locks.unowned import decide_unowned
from holdfast.checker.problem import Problem
from holdfast.histories import core
from holdfast.histories.columns import INFO, taken
from holdfast.models.model import Model
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.semaphore import OwnedSemaphore, Semaphore
from holdfast.models.value import Value

SAYS_NOTHING = 255


def permits_of(model: Model[Any]) -> int | None:
    """Return how many may hold at once, for the compiled procedures; ``None`` where there is none."""
    if not NATIVE:
        return None
    match model:
        case Mutex() | Semaphore(permits=1):
            return NO_OWNERS
        case OwnedMutex():
            return 1
        case OwnedSemaphore(permits=permits):
            return permits
    return None


def decide_problem(problem: Problem, permits: int) -> Order | Certificate | Outside:
    """Return what the compiled procedures find; certificates are made from the calls that they name.

    Args:
        problem: a lock's operations.
        permits: how many may hold at once; ``NO_OWNERS`` for a mutex without owners.
    """
    laid_out = _LaidOut(problem)
    found, order, tokens, places = decide_columns(laid_out.columns, permits)
    if found == ORDER:
        return Order(tuple(laid_out.places(order)))
    if found == OUTSIDE:
        return Outside("the compiled procedures leave it")
    wanted: range | list[int] = range(len(laid_out.columns.says))
    if permits != NO_OWNERS:
        token, named = laid_out.columns.token, set(places)
        wanted = [at for at in wanted if token[at] in tokens or at in named]
    rows = [laid_out.row(at) for at in wanted]
    proof = decide_unowned(rows) if permits == NO_OWNERS else decide_tokens(rows, permits)
    if isinstance(proof, (Order, Outside)):
        raise AssertionError(f"the compiled procedure refuted what is {proof}")
    return proof


class _LaidOut:
    """A problem as a lock's columns, without the reads of unknown outcome, which say nothing."""

    def __init__(self, problem: Problem) -> None:
        says, token = _by_ask(problem)
        kinds = core.taken(says, 1, problem.asks)
        self._kept: array[int] | None = None
        columns, asks = problem.columns, problem.asks
        if SAYS_NOTHING in kinds:
            self._kept = array("i", [at for at, kind in enumerate(kinds) if kind != SAYS_NOTHING])
            columns, asks = columns.at(self._kept), taken(asks, self._kept)
            kinds = core.taken(says, 1, asks)
        self.columns = Columns(
            says=kinds,
            outcome=columns.outcome,
            token=taken(token, asks),
            invoked=columns.invoked,
            completed=columns.completed,
            tokens=1 + max(token, default=-1),
        )

    def places(self, order: array[int]) -> array[int]:
        return order if self._kept is None else taken(self._kept, order)

    def row(self, at: int) -> Row:
        columns = self.columns
        unknown = columns.outcome[at] == INFO
        return Row(
            place=at if self._kept is None else self._kept[at],
            kind=Kind(columns.says[at]),
            token=columns.token[at],
            invoked=2 * columns.invoked[at],
            returned=NEVER if unknown else 2 * columns.completed[at] + 1,
        )


def _by_ask(problem: Problem) -> tuple[bytearray, array[int]]:
    """Return what each thing that the model is asked says, and whose it is, as numbers."""
    asked = problem.vocabulary.asked
    says = bytearray([SAYS_NOTHING]) * len(asked)
    token = array("i", [-1]) * len(asked)
    owners: dict[Value, int] = {}
    for ask in dict.fromkeys(problem.asks):  # so that tokens are numbered as they appear
        call, result = asked[ask]
        kind = kind_of(call, result)
        if kind is not None:
            says[ask] = kind
            owned, owner = owner_of(kind, call, result)
            if owned:
                token[ask] = owners.setdefault(owner, len(owners))
    return says, token
