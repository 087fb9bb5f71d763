"""A problem's columns as the compiled procedures take them: no object is made for an operation."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import compress, count
from typing import Any

from holdfast.checker.core import NATIVE
from holdfast.checker.locks.certificate import Certificate
from holdfast.checker.locks.columns import NO_OWNERS, ORDER, OUTSIDE, Columns, decide_columns
from holdfast.checker.locks.rows import NEVER, Kind, Order, Outside, Row
from holdfast.checker.locks.says import kind_of, owner_of
from holdfast.checker.locks.tokens import decide_tokens
from holdfast.checker.locks.window import WIDTHS, fewest, fewest_near
from holdfast.checker.problem import Problem
from holdfast.histories import core
from holdfast.histories.columns import FAIL, INFO, packed, taken
from holdfast.histories.columns import Columns as CallColumns
from holdfast.models.lock import ACQUIRE, RELEASE
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
    if permits == NO_OWNERS:
        return _window(laid_out, places[0])
    concerned = compress(count(), map(tokens.__contains__, laid_out.columns.token))
    wanted = sorted({*concerned, *places})
    proof = decide_tokens([laid_out.row(at) for at in wanted], permits)
    if isinstance(proof, (Order, Outside)):
        raise AssertionError(f"the compiled procedure refuted what is {proof}")
    return proof


def _window(laid_out: _LaidOut, stuck: int) -> Certificate:
    """Return why there is no order, given the call that nothing explains."""
    columns = laid_out.columns
    end = columns.completed[stuck]
    by_then = bisect_right(columns.invoked, end)
    begin = columns.invoked[max(0, by_then - WIDTHS[-1])]
    unknown = compress(count(), map(INFO.__eq__, columns.outcome[:by_then]))
    later = compress(count(), map(begin.__le__, columns.completed[:by_then]))
    reaching = sorted({*unknown, *later})
    last = laid_out.row(stuck)
    found = fewest_near([laid_out.row(at) for at in reaching], last, fresh=len(reaching) == by_then)
    return found or fewest([laid_out.row(at) for at in range(len(columns.says))], last, 1)


class _LaidOut:
    """A problem as a lock's columns, without the reads of unknown outcome, which say nothing."""

    def __init__(self, problem: Problem) -> None:
        columns = problem.columns
        self._kept: array[int] | None = None
        if _is_plain(problem):
            kinds, token = _by_function(columns), columns.value
            tokens = len(columns.values)
        else:
            says, by_ask = _by_ask(problem)
            tokens = 1 + max(by_ask, default=-1)
            asks = problem.asks
            kinds = core.taken(says, 1, asks)
            if SAYS_NOTHING in kinds:
                self._kept = array(
                    "i", [at for at, kind in enumerate(kinds) if kind != SAYS_NOTHING]
                )
                columns, asks = columns.at(self._kept), taken(asks, self._kept)
                kinds = core.taken(says, 1, asks)
            token = taken(by_ask, asks)
        self.columns = Columns(
            says=kinds,
            outcome=columns.outcome,
            token=token,
            invoked=columns.invoked,
            completed=columns.completed,
            tokens=tokens,
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


PLAIN = {str, int, type(None)}
"""Types whose values are equal only if they are the same: columns tell them apart as a model does."""


def _is_plain(problem: Problem) -> bool:
    """Return whether what a call says depends on its function and outcome alone."""
    columns = problem.columns
    changing = {columns.functions.index(f) for f in (ACQUIRE, RELEASE) if f in columns.functions}
    return changing.issuperset(columns.f) and PLAIN.issuperset(map(type, columns.values.in_order))


def _by_function(columns: CallColumns) -> bytes:
    """Return what each call says, where that depends on its function and outcome alone."""
    numbers, firsts = map(
        packed, core.numbered_rows(columns.f, columns.f, columns.f, columns.outcome)
    )
    says = bytearray()
    for first in firsts:
        acquires = columns.functions[columns.f[first]] == ACQUIRE
        failed = columns.outcome[first] == FAIL
        says.append(
            (Kind.HELD if acquires else Kind.NOT_HOLDER)
            if failed
            else (Kind.ACQUIRE if acquires else Kind.RELEASE)
        )
    return core.taken(says, 1, numbers)


def _by_ask(problem: Problem) -> tuple[bytearray, array[int]]:
    """Return what each thing that the model is asked says, and whose it is, as numbers."""
    asks = problem.asks  # before the vocabulary is looked at: it may grow by this
    asked = problem.vocabulary.asked
    says = bytearray([SAYS_NOTHING]) * len(asked)
    token = array("i", [-1]) * len(asked)
    owners: dict[Value, int] = {}
    for ask in dict.fromkeys(asks):  # so that tokens are numbered as they appear
        call, result = asked[ask]
        kind = kind_of(call, result)
        if kind is not None:
            says[ask] = kind
            owned, owner = owner_of(kind, call, result)
            if owned:
                token[ask] = owners.setdefault(owner, len(owners))
    return says, token
