"""What a monitor of locks by token remembers: acquire attempts, and demands that holds may yet break."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from attrs import Factory, define, frozen

from holdfast.checker.locks.certificate import CertainHold, Certificate, NeverFree, TooManyHolders
from holdfast.checker.locks.rows import NEVER


@define(eq=False)
class Attempt:
    """One acquire attempt whose calls may still matter.

    Args:
        acquire: the acquire's number, -1 before it is invoked or after it failed.
        acquired: when it was invoked.
        open: whether the acquire may still return.
        begin: when it returned, if it was granted.
        releases: by number, when each release was invoked that may have ended the hold.
        lost: those of them whose outcome stays unknown.
        released: the release that succeeded while the acquire was still out, -1 for none.
        denied: when the first release returned that was denied after ``begin``, and which.
        short: what its hold demands as long as one instant is enough for it.
        gone: whether its end is settled.
    """

    acquire: int = -1
    acquired: int = 0
    open: bool = False
    begin: int = NEVER
    releases: dict[int, int] = Factory(dict)
    lost: set[int] = Factory(set)
    released: int = -1
    denied: tuple[int, int] = (NEVER, -1)
    short: Demand | None = None
    gone: bool = False

    def end(self) -> int:
        """Return when the hold may have ended at the earliest."""
        return min(self.releases.values(), default=NEVER)

    def short_from(self) -> int:
        """Return from when on an instant would do for its hold."""
        return max(self.acquired, self.end())

    def told(self) -> CertainHold:
        """Return the time in which it certainly holds as a part of a certificate."""
        until = min(self.releases, key=lambda number: self.releases[number], default=None)
        return CertainHold(self.acquire, self.acquire, until)

    def calls(self) -> tuple[int, ...]:
        """Return the acquire and the release that overlap."""
        return (self.acquire, min(self.releases, key=lambda number: self.releases[number]))


@define(eq=False)
class Demand:
    """A time during all of which only so many holds can have been certain.

    Args:
        begin: its begin: a hold that begins before may contain it.
        end: its end: a hold that ends after may contain it.
        room: how many holds may contain it.
        around: the certain holds that contain its end; they contain all of it if they began before it.
        needing: the operations that need a permit then; none if it is a hold that begins.
        may_narrow: whether it is that of a short hold, which may yet begin later.
    """

    begin: int
    end: int
    room: int
    around: list[Attempt]
    needing: tuple[int, ...] = ()
    may_narrow: bool = False

    def broken(self) -> Certificate | None:
        """Return the holds that are too many, if they are."""
        holds = [one for one in self.around if one.begin < self.begin]
        if len(holds) <= self.room:
            return None
        told = tuple(one.told() for one in sorted(holds, key=lambda one: one.begin))
        return NeverFree(told, self.needing) if self.needing else TooManyHolders(told)


@frozen
class Ended:
    """A hold that ended.

    Args:
        begin: when it certainly began; ``NEVER`` if that is not known.
        end: when the release was invoked that ended it.
        release: that release.
    """

    begin: int
    end: int
    release: int


def of_use(demands: Sequence[Demand], begins: Sequence[int]) -> list[Demand]:
    """Return the demands that may be broken before any other that is returned.

    Args:
        demands: in the order of their ends.
        begins: when the holds began that are not settled, in order.
    """
    tightest: dict[int, int] = {}
    kept = []
    for demand in demands:
        before = bisect_left(begins, demand.begin)
        settled = sum(one.gone and one.begin < demand.begin for one in demand.around)
        spare = demand.room - settled
        if demand.may_narrow:
            kept.append(demand)
        elif before > spare and spare < tightest.get(before, NEVER):
            tightest[before] = spare
            kept.append(demand)
    return kept
