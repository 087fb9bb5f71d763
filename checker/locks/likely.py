"""A likely order of a mutex with a lease, where none is forced: the model has the last word on it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from attrs import frozen

from holdfast.checker.locks.rows import NEVER, Kind, Order, Outside, Row, Rows
from holdfast.checker.problem import Problem
from holdfast.checker.replay import objection

TRIED = 6
"""How many times between two flips are tried for each call that sees something."""


@frozen
class Placed:
    """A hold with its beginning and its end.

    Args:
        begin: when it begins.
        end: when it ends, at the earliest.
        acquire: what began it.
        release: what ended it; ``None`` if it expired.
    """

    begin: int
    end: int
    acquire: Row
    release: Row | None

    @property
    def rows(self) -> tuple[Row, ...]:
        """The acquire and the release."""
        return (self.acquire,) if self.release is None else (self.acquire, self.release)


@frozen
class _Between:
    """The time between two changes of the lock.

    Args:
        begin: when it begins.
        end: when it ends.
        token: who holds then; ``None`` for nobody.
        expires: from when on the hold can have expired; ``NEVER`` if it is given back.
    """

    begin: int
    end: int
    token: int | None
    expires: int

    def shows(self, row: Row) -> int | None:
        """Return the first instant in it at which the lock is as a row says."""
        begin = max(self.begin, row.invoked)
        free = begin if self.token is None else max(begin, self.expires)
        match row.kind:
            case Kind.FREE:
                begin = free
            case Kind.HELD if self.token is None:
                return None
            case Kind.HOLDER if self.token != row.token:
                return None
            case Kind.NOT_HOLDER if self.token == row.token:
                begin = free
        return begin if begin <= min(self.end, row.returned) else None


def likely_order(problem: Problem, rows: Rows, holds: Sequence[Placed]) -> Order | Outside:
    """Return an order of all operations that follows from the holds, if the model accepts it.

    Args:
        problem: the operations.
        rows: the same as rows.
        holds: in the order in which they begin.
    """
    times = _times(holds)
    flips = [row for hold in holds for row in hold.rows]
    keys = [(at, 0, False, 0, row.place) for at, row in enumerate(flips, start=1)]
    ends = [time.end for time in times]
    for row in rows:
        if row.kind in (Kind.ACQUIRE, Kind.RELEASE):
            continue
        first = bisect_left(ends, row.invoked)
        for at, time in enumerate(times[first : first + TRIED], start=first):
            instant = time.shows(row)
            if instant is not None:
                keys.append((at, 1, instant >= time.expires, instant, row.place))
                break
        else:
            return Outside("somebody saw who holds, and leases may expire")
    order = tuple(place for *_, place in sorted(keys))
    if objection(problem, order) is not None:
        return Outside("an acquire took as long as its lease, or until it was given back")
    return Order(order)


def _times(holds: Sequence[Placed]) -> list[_Between]:
    times = []
    begin, token, expires = -NEVER, None, NEVER
    for hold in holds:
        times.append(_Between(begin, hold.begin, token, expires))
        begin, token, expires = hold.begin, hold.acquire.token, hold.end
        if hold.release is not None:
            times.append(_Between(begin, hold.end, token, NEVER))
            begin, token, expires = hold.end, None, NEVER
    times.append(_Between(begin, NEVER, token, expires))
    return times
