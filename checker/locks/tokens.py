"""Locks by token without observations that somebody held: exact, by sorting.

Every order of effects keeps each token holding while it is certain to. Conversely, every hold can be
shrunk to just that time, and what needs no time be placed at an instant at which a permit is free. So
the certain times decide, taken as open intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from attrs import frozen

from holdfast.checker.locks.certificate import Certificate, NeverFree, TooManyHolders
from holdfast.checker.locks.placing import Placed, Span, free_instant, held_instant, order
from holdfast.checker.locks.rows import Kind, Order, Outside, Rows
from holdfast.checker.locks.token_holds import Hold, TokenHolds, token_holds


@frozen
class Saturated:
    """A time in which all permits are certainly taken, and by which holds."""

    begin: int
    end: int
    holds: tuple[Hold, ...]


def decide_tokens(rows: Rows, permits: int = 1) -> Order | Certificate | Outside:
    """Return an order of effects, or why there is none.

    Args:
        rows: a lock's calls by token, in the order of invocation.
        permits: how many may hold at once.
    """
    found = token_holds(rows)
    if not isinstance(found, TokenHolds):
        return found
    return shrunk(found, permits)


def shrunk(found: TokenHolds, permits: int) -> Order | Certificate | Outside:
    """Return the order in which every hold is as short as it can be, or why there is none.

    It is outside if somebody saw the lock held when it then would not be: longer holds may help.
    """
    full = saturated(found.certain, permits)
    if isinstance(full, TooManyHolders):
        return full
    wrong = never_free(found, full)
    if wrong is not None:
        return wrong
    ends = [span.end for span in full]
    spans = [Span(span.begin, span.end) for span in full]
    for row in found.observations:
        if row.kind is Kind.HELD and held_instant(spans, ends, row.invoked) > row.returned:
            return Outside("the lock was seen held while nobody certainly held it")
    placed = [
        Placed(hold.begin_max, hold.end_min, hold.acquire, hold.release) for hold in found.certain
    ]
    return order(placed, instants_of(found.instants, spans), spans, found.observations, found.own)


def instants_of(holds: Sequence[Hold], full: Sequence[Span]) -> list[tuple[Hold, int]]:
    """Return the holds that need an instant, each with the first at which a permit is free."""
    ends = [span.end for span in full]
    return [(hold, free_instant(full, ends, max(hold.begin_min, hold.end_min))) for hold in holds]


def saturated(certain: Sequence[Hold], permits: int) -> list[Saturated] | TooManyHolders:
    """Return when all permits are certainly taken, in order; or too many holds at one instant.

    Args:
        certain: in the order in which they begin.
        permits: how many may hold at once.
    """
    full: list[Saturated] = []
    holding: list[tuple[int, int]] = []
    for number, hold in enumerate(certain):
        while holding and holding[0][0] <= hold.begin_max:
            heappop(holding)
        heappush(holding, (hold.end_min, number))
        if len(holding) > permits:
            return TooManyHolders(tuple(certain[other].told() for _, other in sorted(holding)))
        if len(holding) == permits:
            holds = tuple(certain[other] for _, other in holding)
            full.append(Saturated(hold.begin_max, holding[0][0], holds))
    return full


def never_free(found: TokenHolds, full: Sequence[Saturated]) -> NeverFree | None:
    """Return the first thing that needs a free permit while all are certainly taken."""
    ends = [span.end for span in full]
    spans = [Span(span.begin, span.end) for span in full]
    for begin, end, places in windows(found):
        instant = free_instant(spans, ends, begin)
        if instant > end:
            span = full[ends.index(instant)]
            return NeverFree(tuple(hold.told() for hold in span.holds), places)
    return None


def windows(found: TokenHolds) -> list[tuple[int, int, tuple[int, ...]]]:
    """Return the times that must contain an instant at which a permit is free, and for what."""
    frees = [
        (row.invoked, row.returned, (row.place,))
        for row in found.observations
        if row.kind is Kind.FREE
    ]
    return frees + [_window(hold) for hold in found.instants]


def _window(hold: Hold) -> tuple[int, int, tuple[int, ...]]:
    begin, end = max(hold.begin_min, hold.end_min), min(hold.begin_max, hold.end_max)
    rows = (hold.acquire, hold.since, hold.until, hold.release)
    return begin, end, tuple(dict.fromkeys(row.place for row in rows if row is not None))
