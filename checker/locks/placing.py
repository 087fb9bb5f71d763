"""From holds whose beginning and end are chosen to an order of all operations: the witness."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from attrs import frozen

from holdfast.checker.locks.rows import NEVER, Kind, Order, Row
from holdfast.checker.locks.token_holds import Hold

END_SEEN, END, IN_BETWEEN, BEGIN, BEGIN_SEEN = range(5)
"""What happens first at one instant: holds end, then what needs no hold, then holds begin."""


@frozen
class Placed:
    """A hold with its beginning and its end; what it was begun and ended by."""

    begin: int
    end: int
    acquire: Row
    release: Row | None


@frozen
class Span:
    """A time in which all permits are taken."""

    begin: int
    end: int


def free_instant(full: Sequence[Span], ends: Sequence[int], instant: int) -> int:
    """Return the first instant from ``instant`` on at which not all permits are taken.

    Args:
        full: disjoint, in order; instants at their very ends count as free.
        ends: their ends.
        instant: where to begin.
    """
    at = bisect_left(ends, instant)
    if at < len(full) and full[at].begin < instant:
        return full[at].end
    return instant


def held_instant(full: Sequence[Span], ends: Sequence[int], instant: int) -> int:
    """Return the first instant from ``instant`` on at which all permits are taken."""
    at = bisect_left(ends, instant)
    return max(full[at].begin, instant) if at < len(full) else NEVER


def order(
    placed: Iterable[Placed],
    instants: Iterable[tuple[Hold, int]],
    full: Sequence[Span],
    observations: Iterable[Row],
    own: Iterable[tuple[Row, Hold | None]],
) -> Order:
    """Return all operations in the order that follows from the holds.

    Args:
        placed: the holds that last.
        instants: the holds of one instant, with that instant.
        full: when all permits are taken, in order.
        observations: rows that say that all permits were taken, or not all.
        own: rows that say something of one token's hold, with it.
    """
    keys: list[tuple[int, int, int, int, int]] = []
    ends = [span.end for span in full]
    spans: dict[int, tuple[int, int]] = {}
    turn: dict[int, int] = {}
    for hold in placed:
        spans[hold.acquire.place] = hold.begin, hold.end
        keys.append((hold.begin, BEGIN, 0, 0, hold.acquire.place))
        if hold.end < NEVER and hold.release is not None:
            keys.append((hold.end, END, 0, 0, hold.release.place))
    for number, (held, instant) in enumerate(instants, start=1):
        spans[held.acquire.place] = instant, instant
        turn[held.acquire.place] = number
        keys.append((instant, IN_BETWEEN, number, 0, held.acquire.place))
        assert held.release is not None
        keys.append((instant, IN_BETWEEN, number, 2, held.release.place))
    for row in observations:
        if row.kind is Kind.FREE:
            keys.append((free_instant(full, ends, row.invoked), IN_BETWEEN, 0, 0, row.place))
        else:
            keys.append(_while_held(held_instant(full, ends, row.invoked), row))
    for row, token in own:
        begin, end = (NEVER, NEVER) if token is None else spans[token.acquire.place]
        if row.kind is Kind.NOT_HOLDER:
            inside = begin < row.invoked < end
            keys.append((end if inside else row.invoked, IN_BETWEEN, 0, 0, row.place))
        elif token is not None and token.acquire.place in turn:
            keys.append((begin, IN_BETWEEN, turn[token.acquire.place], 1, row.place))
        else:
            keys.append(_while_held(max(begin, row.invoked), row))
    return Order(tuple(place for *_, place in sorted(keys)))


def _while_held(instant: int, row: Row) -> tuple[int, int, int, int, int]:
    # Holds begin at the instants of returns, which are odd, and end at any.
    return (instant, BEGIN_SEEN if instant > row.invoked else END_SEEN, 0, 0, row.place)
