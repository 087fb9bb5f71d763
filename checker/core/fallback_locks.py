"""Locks decided from columns, in plain Python: as the compiled core does, by the procedures for rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from struct import Struct
from typing import TYPE_CHECKING, Any

from attrs import fields, has

from holdfast.checker.locks.rows import NEVER, Kind, Order, Outside, Row
from holdfast.checker.locks.tokens import decide_tokens
from holdfast.checker.locks.unowned import decide_unowned

if TYPE_CHECKING:
    from typing_extensions import Buffer

UNKNOWN = 2
ORDER, REFUTED, OUTSIDE = range(3)

_NOTHING = array("i").tobytes()


def decide_lock(  # noqa: PLR0913, PLR0917 - as the compiled core has it
    says: Buffer,
    outcome: Buffer,
    token: Buffer,
    invoked: Buffer,
    completed: Buffer,
    tokens: int,
    permits: int,
    with_order: bool,
) -> tuple[int, bytes, bytes, bytes]:
    """Return whether a lock's calls have a legal order, and the order or what refutes it.

    Args:
        says: uint8, what each call says, as ``Kind`` numbers it, in the order of invocation.
        outcome: uint8, ``UNKNOWN`` where it is unknown.
        token: int32, from 0 to ``tokens - 1``, or -1.
        invoked: int64, instants.
        completed: int64, likewise; of no meaning where the outcome is unknown.
        tokens: how many tokens there are.
        permits: how many may hold at once; 0 for a mutex without owners.
        with_order: whether the order is wanted.

    Returns:
        ``ORDER``, ``REFUTED`` or ``OUTSIDE``; the order, the tokens and the rows that refute it (int32).
    """
    columns = (_all(says, "B"), _all(outcome, "B"), _all(token, "i"))
    instants = (_all(invoked, "q"), _all(completed, "q"))
    if len({len(column) for column in (*columns, *instants)}) > 1:
        raise ValueError("the columns differ in length")
    if tokens < 0:
        raise ValueError("too many rows, or fewer than no tokens")
    if permits < 0:
        raise ValueError("a lock has at least one permit")
    rows = list(_rows(*columns, *instants))
    if permits and _uses_a_token_again(rows, tokens):
        return OUTSIDE, _NOTHING, _NOTHING, _NOTHING
    answer = decide_tokens(rows, permits) if permits else decide_unowned(rows)
    if isinstance(answer, Outside):
        return OUTSIDE, _NOTHING, _NOTHING, _NOTHING
    if isinstance(answer, Order):
        return ORDER, _packed(answer.places if with_order else ()), _NOTHING, _NOTHING
    named = [rows[place] for place in sorted(_places(answer))]
    refuting = dict.fromkeys(row.token for row in named if row.token >= 0)
    alone = [row.place for row in named if row.token < 0 or not permits]
    return REFUTED, _NOTHING, _packed(refuting if permits else ()), _packed(alone)


def _all(column: Buffer, code: str) -> list[int]:
    return [number for (number,) in Struct(code).iter_unpack(column)]


def _rows(*columns: list[int]) -> Iterator[Row]:
    for place, (says, outcome, token, invoked, completed) in enumerate(zip(*columns, strict=True)):
        known = outcome != UNKNOWN
        yield Row(place, Kind(says), token, 2 * invoked, 2 * completed + 1 if known else NEVER)


def _uses_a_token_again(rows: Iterable[Row], tokens: int) -> bool:
    """Return whether a token has several acquires.

    Raises:
        ValueError: a row that is somebody's has no token.
    """
    acquired = set()
    for row in rows:
        if row.kind in (Kind.HELD, Kind.FREE):
            continue
        if not 0 <= row.token < tokens:
            raise ValueError("no such token")
        if row.kind is Kind.ACQUIRE:
            if row.token in acquired:
                return True
            acquired.add(row.token)
    return False


def _places(part: Any) -> Iterator[int]:
    """Yield the places of all operations that a certificate names."""
    if isinstance(part, int):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _places(item)
    elif has(type(part)):
        for one in fields(type(part)):
            yield from _places(getattr(part, one.name))


def _packed(numbers: Iterable[int]) -> bytes:
    return array("i", numbers).tobytes()
