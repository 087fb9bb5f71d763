"""A lock's calls as columns of numbers, and the compiled procedures that take them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from attrs import field, frozen

from holdfast.checker.core import decide_lock
from holdfast.checker.locks.certificate import Certificate
from holdfast.checker.locks.rows import NEVER, Order, Outside, Row
from holdfast.checker.locks.tokens import decide_tokens
from holdfast.checker.locks.unowned import decide_unowned

OK, UNKNOWN = 0, 2
"""Outcomes, as the core numbers them: anything but unknown is known."""

NO_OWNERS = 0
"""Stands for the number of permits of a mutex without owners."""

ORDER, REFUTED, OUTSIDE = range(3)


@frozen
class Columns:
    """A lock's calls in the order of invocation, each property in a column.

    Args:
        says: bytes, ``Kind`` of each call.
        outcome: bytes, ``UNKNOWN`` where it is unknown.
        token: int32, from 0 on in the order of appearance; -1 for nobody's.
        invoked: int64, instants in nanoseconds.
        completed: int64, likewise; of no meaning where the outcome is unknown.
        tokens: how many tokens there are.
    """

    says: bytes | bytearray | array[int] = field(repr=False)
    outcome: bytes | bytearray | array[int] = field(repr=False)
    token: array[int] = field(repr=False)
    invoked: array[int] = field(repr=False)
    completed: array[int] = field(repr=False)
    tokens: int

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Columns:
        """Return rows as columns."""
        return cls(
            says=bytes([row.kind for row in rows]),
            outcome=bytes([UNKNOWN if row.returned == NEVER else OK for row in rows]),
            token=array("i", [row.token for row in rows]),
            invoked=array("q", [row.invoked // 2 for row in rows]),
            completed=array("q", [row.returned // 2 for row in rows]),
            tokens=1 + max([row.token for row in rows], default=-1),
        )


def decide_columns(
    columns: Columns, permits: int, *, with_order: bool = True
) -> tuple[int, array[int], frozenset[int], tuple[int, ...]]:
    """Return what the compiled procedures find.

    Args:
        columns: the calls.
        permits: how many may hold at once; ``NO_OWNERS`` for a mutex without owners.
        with_order: whether the order is wanted, if there is one.

    Returns:
        ``ORDER``, ``REFUTED`` or ``OUTSIDE``; the order; the tokens and the rows that refute it.
    """
    found, order, tokens, rows = decide_lock(
        columns.says,
        columns.outcome,
        columns.token,
        columns.invoked,
        columns.completed,
        columns.tokens,
        permits,
        with_order,
    )
    return found, _numbers(order), frozenset(_numbers(tokens)), tuple(_numbers(rows))


def decide_natively(rows: Sequence[Row], permits: int) -> Order | Certificate | Outside:
    """Return what ``decide_tokens`` or, for ``NO_OWNERS``, ``decide_unowned`` would, but fast.

    The compiled procedures name the tokens that refute a history; from their calls alone the procedures in
    Python make the certificate.
    """
    found, order, tokens, places = decide_columns(Columns.of(rows), permits)
    if found == ORDER:
        return Order(tuple(rows[at].place for at in order))
    if found == OUTSIDE:
        return Outside(
            "a token is used again, or the lock was seen held while nobody certainly held it"
        )
    if permits == NO_OWNERS:
        certificate = decide_unowned(rows)
    else:
        kept = [row for at, row in enumerate(rows) if row.token in tokens or at in places]
        certificate = decide_tokens(kept, permits)
    if isinstance(certificate, (Order, Outside)):
        raise AssertionError(f"the compiled procedure refuted what is {certificate}")
    return certificate


def _numbers(packed: bytes) -> array[int]:
    numbers = array("i")
    numbers.frombytes(packed)
    return numbers
