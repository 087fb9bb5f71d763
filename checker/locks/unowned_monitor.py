"""A mutex without owners, decided event by event: exact on every prefix.

As in ``unowned``, nothing is done until an operation returns that has not taken effect. Which of the pending
operations took effect to let it cannot be known yet: so only that one of them did, and when, is kept as a
*debt*. An operation that returns, and was pending when a debt was made, pays the first such debt.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from holdfast.checker.locks.certificate import TooManyFlips
from holdfast.checker.locks.rows import ALWAYS, Kind

FLIPS = (Kind.ACQUIRE, Kind.RELEASE)


class UnownedMonitor:
    """Takes a mutex's events and tells the first that makes them impossible.

    Instants are those of rows: doubled, and one more for returns. Operations are named by numbers.
    """

    def __init__(self) -> None:
        self._held = False
        self._last_held = self._last_free = ALWAYS
        self._pending: dict[Kind, list[int]] = {kind: [] for kind in FLIPS}
        self._debts: dict[Kind, list[int]] = {kind: [] for kind in FLIPS}

    @property
    def remembered(self) -> int:
        """How many pending operations and debts are kept."""
        return sum(len(kept) for by in (self._pending, self._debts) for kept in by.values())

    def invoke(self, kind: Kind, instant: int) -> None:
        """Take in that a call was made."""
        if kind in FLIPS:
            self._pending[kind].append(instant)

    def happened(self, number: int, kind: Kind, invoked: int, instant: int) -> TooManyFlips | None:
        """Take in that a call returned: it was granted, gave back, or saw what its kind says."""
        if kind in FLIPS:
            possible = self._returned(kind, invoked, instant)
        else:
            possible = self._seen(kind, invoked) or self._borrow(instant)
        return None if possible else TooManyFlips(number, (number,))

    def failed(self, number: int, kind: Kind, invoked: int) -> TooManyFlips | None:
        """Take in that an acquire or a release failed, and had no effect."""
        self._drop(kind, invoked)
        pending, debts = self._pending[kind], self._debts[kind]
        for count, debt in enumerate(
            debts[bisect_left(debts, invoked) :], bisect_left(debts, invoked)
        ):
            if count + 1 > bisect_right(pending, debt):
                return TooManyFlips(number, (number,))
        return None

    def _returned(self, kind: Kind, invoked: int, instant: int) -> bool:
        debts = self._debts[kind]
        paid = bisect_left(debts, invoked)
        if paid < len(debts):
            del debts[paid]
            self._drop(kind, invoked)
            return True
        if self._held is (kind is Kind.ACQUIRE) and not self._borrow(instant):
            return False
        self._drop(kind, invoked)
        self._flip(instant)
        return True

    def _seen(self, kind: Kind, invoked: int) -> bool:
        held = kind is Kind.HELD
        return self._held is held or (self._last_held if held else self._last_free) >= invoked

    def _borrow(self, instant: int) -> bool:
        """Let some pending operation take effect that changes the lock."""
        kind = Kind.RELEASE if self._held else Kind.ACQUIRE
        if len(self._debts[kind]) == len(self._pending[kind]):
            return False
        insort(self._debts[kind], instant)
        self._flip(instant)
        return True

    def _flip(self, instant: int) -> None:
        if self._held:
            self._last_held = instant
        else:
            self._last_free = instant
        self._held = not self._held

    def _drop(self, kind: Kind, invoked: int) -> None:
        pending = self._pending[kind]
        del pending[bisect_left(pending, invoked)]
