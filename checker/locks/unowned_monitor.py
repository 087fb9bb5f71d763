"""Locks without owners, decided event by event: exact on every prefix; reads only with one permit.

As in ``unowned``, nothing is done until an operation returns that has not taken effect. Which of the pending
operations took effect to let it cannot be known yet: so only that one of them did, and when, is kept as a
*debt*. An operation that returns, and was pending when a debt was made, pays the first such debt.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque

from attrs import frozen

from holdfast.checker.locks.certificate import Outnumbered, TooManyFlips
from holdfast.checker.locks.rows import ALWAYS, Kind

FLIPS = (Kind.ACQUIRE, Kind.RELEASE)
OTHER = {Kind.ACQUIRE: Kind.RELEASE, Kind.RELEASE: Kind.ACQUIRE}

MAKES = {Kind.HELD: Kind.ACQUIRE, Kind.FREE: Kind.RELEASE}
"""What makes true what is seen."""


RECENT = 64
"""How many operations that returned are remembered for a certificate."""

NAMED_MAX = 12
"""How many operations a certificate names, where it takes all there were."""


@frozen
class Returned:
    """An acquire or a release that happened."""

    number: int
    kind: Kind
    invoked: int
    returned: int


class UnownedMonitor:
    """Takes a lock's events and tells the first that makes them impossible.

    Instants are those of rows: doubled, and one more for returns. Operations are named by numbers.

    Args:
        permits: how many may hold at once.
    """

    def __init__(self, permits: int = 1) -> None:
        self._permits = permits
        self._holds = 0
        self._last_held = self._last_free = ALWAYS
        self._pending: dict[Kind, list[int]] = {kind: [] for kind in FLIPS}
        self._debts: dict[Kind, list[int]] = {kind: [] for kind in FLIPS}
        self._recent: deque[Returned] = deque()
        self._known_from = ALWAYS
        self._reads = False

    @property
    def remembered(self) -> int:
        """How many pending operations, debts and recent operations are kept."""
        kept = sum(len(kept) for by in (self._pending, self._debts) for kept in by.values())
        return kept + len(self._recent)

    def invoke(self, kind: Kind, instant: int) -> None:
        """Take in that a call was made."""
        self._pending[kind].append(instant)

    def happened(self, number: int, kind: Kind, invoked: int, instant: int) -> bool:
        """Take in that a call returned, and tell whether it can have.

        Args:
            number: the operation.
            kind: what it did, or (with one permit only) saw.
            invoked: when it was made.
            instant: now.
        """
        if kind in FLIPS:
            self._recent.append(Returned(number, kind, invoked, instant))
            if len(self._recent) > RECENT:
                self._known_from = self._recent.popleft().returned
            return self._returned(kind, invoked, instant)
        self._reads = True
        assert self._permits == 1, "with more, reads are not decided exactly"
        return self._seen(kind, invoked) or self._borrow(MAKES[kind], instant)

    def failed(self, kind: Kind, invoked: int) -> bool:
        """Take in that an acquire or a release failed, and tell whether without it all can have been."""
        self._drop(kind, invoked)
        pending, debts = self._pending[kind], self._debts[kind]
        first = bisect_left(debts, invoked)
        return all(bisect_right(pending, debts[at]) > at for at in range(first, len(debts)))

    def too_many(self) -> Outnumbered | TooManyFlips | None:
        """Return recent operations that show why the last is impossible; ``None`` if they do not."""
        for kind in FLIPS:
            others = [one for one in self._recent if one.kind is OTHER[kind]]
            pending = len(self._pending[OTHER[kind]])
            inside: list[Returned] = []
            mine = (one for one in self._recent if one.kind is kind)
            for first in sorted(mine, key=lambda one: one.invoked, reverse=True):
                if first.invoked <= self._known_from:
                    break
                inside.append(first)
                between = pending + sum(other.returned > first.invoked for other in others)
                if len(inside) > between + self._permits:
                    last = max(inside, key=lambda one: one.returned)
                    return Outnumbered(first.number, last.number, len(inside), between)
        if self._known_from == ALWAYS and not self._reads and 0 < len(self._recent) <= NAMED_MAX:
            all_of_them = tuple(sorted(one.number for one in self._recent))
            return TooManyFlips(self._recent[-1].number, all_of_them)
        return None

    def _returned(self, kind: Kind, invoked: int, instant: int) -> bool:
        debts = self._debts[kind]
        paid = bisect_left(debts, invoked)
        if paid < len(debts):
            del debts[paid]
            self._drop(kind, invoked)
            return True
        at_its_end = self._permits if kind is Kind.ACQUIRE else 0
        if self._holds == at_its_end and not self._borrow(OTHER[kind], instant):
            return False
        self._drop(kind, invoked)
        self._flip(kind, instant)
        return True

    def _seen(self, kind: Kind, invoked: int) -> bool:
        held = kind is Kind.HELD
        return bool(self._holds) is held or (
            (self._last_held if held else self._last_free) >= invoked
        )

    def _borrow(self, kind: Kind, instant: int) -> bool:
        """Let some pending operation of a kind take effect."""
        if len(self._debts[kind]) == len(self._pending[kind]):
            return False
        insort(self._debts[kind], instant)
        self._flip(kind, instant)
        return True

    def _flip(self, kind: Kind, instant: int) -> None:
        if self._holds:
            self._last_held = instant
        else:
            self._last_free = instant
        self._holds += 1 if kind is Kind.ACQUIRE else -1

    def _drop(self, kind: Kind, invoked: int) -> None:
        pending = self._pending[kind]
        del pending[bisect_left(pending, invoked)]
