"""Reentrant mutexes: each owner's calls follow each other, so its count is known; the rest is a mutex.

From an owner's first acquire to the release that gives back its last hold is one hold of an attempt of
its own. What happens in between changes nothing for others.
"""

from __future__ import annotations

from attrs import define, evolve

from holdfast.checker.locks.certificate import Certificate, Miscounted
from holdfast.checker.locks.held import decide_held
from holdfast.checker.locks.rows import NEVER, Kind, Order, Outside, Row, Rows


def decide_reentrant(rows: Rows, holds_max: int) -> Order | Certificate | Outside:
    """Return an order of effects of a reentrant mutex, or why there is none.

    Args:
        rows: its calls, in the order of invocation; a row's token is its owner, and a failed acquire
            (``HELD``) has one too.
        holds_max: how often an owner may hold at most.
    """
    if _overlap(rows):
        return Outside("an owner's calls overlap, or go on after an unknown outcome")
    reduced = _Reduced(holds_max)
    for row in rows:
        wrong = reduced.add(row)
        if wrong is not None:
            return wrong
    return decide_held(reduced.rows)


def _overlap(rows: Rows) -> bool:
    """Return whether an owner's calls overlap, or go on after one of unknown outcome."""
    returned: dict[int, int] = {}
    for row in rows:
        if row.token >= 0 and row.invoked < returned.get(row.token, row.invoked):
            return True
        returned[row.token] = row.returned
    return False


@define
class _Owner:
    """What is known of an owner: how often it holds, and its latest outermost acquire.

    Args:
        holds: how often it holds.
        attempt: the number of its latest hold.
        outermost: the acquire that began it.
    """

    holds: int = 0
    attempt: int = -1
    outermost: Row | None = None


class _Reduced:
    """A reentrant mutex's calls, reduced to those of a mutex by token.

    Attributes:
        rows: the calls of the mutex.
    """

    def __init__(self, holds_max: int) -> None:
        self.rows: list[Row] = []
        self._holds_max = holds_max
        self._owners: dict[int, _Owner] = {}
        self._attempts = 0

    def add(self, row: Row) -> Certificate | None:
        """Take in the next call; return why it is impossible, if it is."""
        if row.token < 0:
            self.rows.append(row)
            return None
        owner = self._owners.setdefault(row.token, _Owner())
        match row.kind:
            case Kind.ACQUIRE:
                return self._acquire(owner, row)
            case Kind.RELEASE:
                return self._release(owner, row)
            case Kind.HELD if owner.holds == 0:
                self.rows.append(evolve(row, token=-1))
                return None
            case Kind.NOT_HOLDER if owner.holds == 0:
                self.rows.append(evolve(row, token=self._new_attempt()))
                return None
            case Kind.HELD if owner.holds == self._holds_max:
                self._inner(owner, row)
                return None
        assert owner.outermost is not None
        return Miscounted(row.place, owner.outermost.place)

    def _new_attempt(self) -> int:
        self._attempts += 1
        return self._attempts - 1

    def _acquire(self, owner: _Owner, row: Row) -> Certificate | None:
        if owner.holds == 0:
            owner.attempt = self._new_attempt()
            owner.outermost = row
            self.rows.append(evolve(row, token=owner.attempt))
        elif owner.holds == self._holds_max and row.returned < NEVER:
            assert owner.outermost is not None
            return Miscounted(row.place, owner.outermost.place)
        elif row.returned < NEVER:
            self._inner(owner, row)
        owner.holds += 1
        return None

    def _release(self, owner: _Owner, row: Row) -> Certificate | None:
        if owner.holds == 0:
            return Miscounted(row.place, None) if row.returned < NEVER else None
        owner.holds -= 1
        if owner.holds == 0:
            self.rows.append(evolve(row, token=owner.attempt))
        elif row.returned < NEVER:
            self._inner(owner, row)
        return None

    def _inner(self, owner: _Owner, row: Row) -> None:
        """Keep a call in between as one that tells that its owner holds."""
        self.rows.append(evolve(row, kind=Kind.HOLDER, token=owner.attempt))
