"""Locks that anyone may release: exact for a mutex, by going through the events once.

Nothing is done until an operation returns that has not taken effect. Then as few others take effect before
it as must, of their kind always the one that returns first; unknown ones last. Each change of the lock
serves all observations that wait for it. Doing less, later, and the most urgent first forbids nothing.

With several permits it is exact without observations; with fencing tokens it is exact as long as there is
room for those of unknown acquires. Beyond that it may find an order, but never that there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import pairwise
from operator import attrgetter

from holdfast.checker.locks.certificate import (
    Certificate,
    FenceBackwards,
    FenceSkipped,
    Outnumbered,
    TooManyFlips,
)
from holdfast.checker.locks.rows import NEVER, Kind, Order, Outside, Row, Rows
from holdfast.checker.locks.window import fewest


class _Stuck(Exception):
    """No operation is left that could take effect before one that must return."""


def decide_unowned(rows: Rows, permits: int = 1) -> Order | Certificate | Outside:
    """Return an order of effects of a lock without owners, or why there is none.

    Args:
        rows: its calls, in the order of invocation.
        permits: how many may hold at once.
    """
    answer = _Counting(rows, permits).run()
    if isinstance(answer, Order) or permits == 1:
        return answer
    flips = [row for row in rows if row.kind in (Kind.ACQUIRE, Kind.RELEASE)]
    alone = answer if len(flips) == len(rows) else _Counting(flips, permits).run()
    if isinstance(alone, Order):
        return Outside("reads of a lock with several permits and no owners")
    return alone


def decide_unowned_fenced(rows: Rows, *, consecutive: bool) -> Order | Certificate | Outside:
    """Return an order of effects of a lock without owners but with fencing tokens, or why there is none.

    Args:
        rows: its calls, in the order of invocation.
        consecutive: whether fencing tokens rise by exactly one.
    """
    wrong = wrong_fences(rows, consecutive=consecutive)
    if wrong is not None:
        return wrong
    machine = _Fenced(rows, consecutive=consecutive)
    answer = machine.run()
    if isinstance(answer, Order) and not machine.fits:
        return Outside("an unknown acquire needs a fencing token, and there is no room for one")
    return answer


def wrong_fences(rows: Rows, *, consecutive: bool) -> FenceBackwards | FenceSkipped | None:
    """Return why the fencing tokens alone are impossible: two are out of order, or one is missing."""
    known = _known(rows)
    latest: Row | None = None
    for lower, higher in pairwise(known):
        if lower.fence == higher.fence:
            return FenceBackwards(higher.place, lower.place, higher.place, lower.place)
    for row in reversed(known):
        if latest is not None and latest.returned < row.invoked:
            return FenceBackwards(latest.place, row.place, latest.place, row.place)
        if latest is None or row.returned < latest.returned:
            latest = row
    if consecutive:
        lost = sorted(row.invoked for row in rows if _is_lost(row))
        for lower, higher in pairwise(known):
            missing = (higher.fence or 0) - (lower.fence or 0) - 1
            if missing > 0 and (missing > len(lost) or lost[missing - 1] > higher.returned):
                may = [row.place for row in rows if _is_lost(row) and row.invoked < higher.returned]
                return FenceSkipped(lower.place, higher.place, tuple(may))
    return None


def _known(rows: Rows) -> list[Row]:
    known = [row for row in rows if row.kind is Kind.ACQUIRE and row.fence is not None]
    return sorted(known, key=attrgetter("fence"))


def _is_lost(row: Row) -> bool:
    return row.kind is Kind.ACQUIRE and row.fence is None


class _Counting:
    """A lock that counts who holds."""

    def __init__(self, rows: Rows, permits: int) -> None:
        self._rows = rows
        self._permits = permits
        self._holds = 0
        self._done: set[int] = set()
        self._order: list[int] = []
        self._pending: dict[Kind, list[tuple[int, int]]] = {Kind.ACQUIRE: [], Kind.RELEASE: []}
        self._waiting: dict[Kind, list[Row]] = {Kind.HELD: [], Kind.FREE: []}

    def run(self) -> Order | TooManyFlips | Outnumbered:
        """Go through the events in the order of their instants."""
        for instant, at in _events(self._rows):
            row = self._rows[at]
            if instant == row.invoked:
                self._invoke(at, row)
            elif row.place not in self._done:
                try:
                    self._serve(row)
                except _Stuck:
                    return self._refuted(row)
        return Order(tuple(self._order))

    def _refuted(self, stuck: Row) -> TooManyFlips | Outnumbered:
        return fewest(self._rows, stuck, self._permits)

    def _invoke(self, at: int, row: Row) -> None:
        if row.kind in self._pending:
            heappush(self._pending[row.kind], (row.returned, at))
            return
        self._waiting[row.kind].append(row)
        self._observe(row.kind)

    def _serve(self, row: Row) -> None:
        """Let an operation take effect that must have by now."""
        match row.kind:
            case Kind.ACQUIRE:
                if self._holds == self._permits:
                    self._flip(Kind.RELEASE)
                self._acquire(row)
            case Kind.RELEASE:
                if self._holds == 0:
                    self._grant()
                self._flip(Kind.RELEASE)
            case Kind.HELD:
                while self._holds < self._permits:
                    self._grant()
            case _:
                self._flip(Kind.RELEASE)

    def _acquire(self, row: Row) -> None:
        self._flip(Kind.ACQUIRE)

    def _grant(self) -> None:
        """Let some acquire take effect."""
        self._flip(Kind.ACQUIRE)

    def _flip(self, kind: Kind) -> None:
        """Let the pending operation of a kind take effect that returns first."""
        heap = self._pending[kind]
        while heap and self._rows[heap[0][1]].place in self._done:
            heappop(heap)
        if not heap:
            raise _Stuck
        self._take_effect(self._rows[heappop(heap)[1]])

    def _take_effect(self, row: Row) -> None:
        self._done.add(row.place)
        self._order.append(row.place)
        self._holds += 1 if row.kind is Kind.ACQUIRE else -1
        for kind in self._waiting:
            self._observe(kind)

    def _observe(self, kind: Kind) -> None:
        if (self._holds == self._permits) is (kind is Kind.HELD):
            for row in self._waiting[kind]:
                if row.place not in self._done:
                    self._done.add(row.place)
                    self._order.append(row.place)
            self._waiting[kind].clear()


class _Fenced(_Counting):
    """A lock whose known acquires take effect in the order of their fencing tokens.

    Attributes:
        fits: whether there was room for the fencing token of each unknown acquire, and, where they
            are consecutive, none was missing.
    """

    def __init__(self, rows: Rows, *, consecutive: bool) -> None:
        super().__init__(rows, 1)
        self._consecutive = consecutive
        self._queue = _known(rows)
        self._next = 0
        self._highest = None if consecutive else -1
        self._invoked: set[int] = set()
        self.fits = True

    def _invoke(self, at: int, row: Row) -> None:
        if row.kind is Kind.ACQUIRE and row.fence is not None:
            self._invoked.add(row.place)
        else:
            super()._invoke(at, row)

    def _refuted(self, stuck: Row) -> TooManyFlips | Outnumbered:
        return fewest(self._rows, stuck, 1, fenced=self._consecutive)

    def _acquire(self, row: Row) -> None:
        while row.place not in self._done:
            if self._holds:
                self._flip(Kind.RELEASE)
            self._grant_known()

    def _grant(self) -> None:
        if self._next < len(self._queue) and self._queue[self._next].place in self._invoked:
            self._grant_known()
            return
        self._flip(Kind.ACQUIRE)
        if self._highest is not None:
            self._highest += 1

    def _grant_known(self) -> None:
        row = self._queue[self._next]
        # Whoever returned had been invoked, and nothing that returned came before a lower fencing token.
        assert row.place in self._invoked
        assert row.fence is not None
        if self._highest is not None:
            right = (
                row.fence == self._highest + 1 if self._consecutive else row.fence > self._highest
            )
            self.fits = self.fits and right
        self._highest = row.fence
        self._next += 1
        self._take_effect(row)


def _events(rows: Sequence[Row]) -> list[tuple[int, int]]:
    events = [(row.invoked, at) for at, row in enumerate(rows)]
    events += [(row.returned, at) for at, row in enumerate(rows) if row.returned < NEVER]
    events.sort()
    return events
