"""The fewest calls, and the least time, that show why a lock without owners cannot have behaved so.

All that a history says outside of some time is forgotten: the lock may have been in any state before, and
what reaches into that time need not have taken effect in it. Named are calls that must have.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence

from attrs import frozen

from holdfast.checker.locks.certificate import Outnumbered, TooManyFlips
from holdfast.checker.locks.rows import NEVER, Kind, Row
from holdfast.checker.verify_part import PartCall, TooMuch, has_order
from holdfast.models.fenced_mutex import UnownedFencedMutex, UnownedFencedState
from holdfast.models.model import Call, Info, Ok, Result
from holdfast.models.semaphore import Semaphore

WIDTHS = (4, 16, 64)
"""So many calls around the one that nothing explains are tried to begin with, then they are counted."""

TRIED_MAX = 2_000
"""So many configurations are tried of each window: fewer than a certificate may cost whom verifies it."""

FLIPS = (Kind.ACQUIRE, Kind.RELEASE)

_OTHER = {Kind.ACQUIRE: Kind.RELEASE, Kind.RELEASE: Kind.ACQUIRE}


@frozen
class Near:
    """A history seen from one of its calls.

    Args:
        rows: the calls that reach into a time around it, in the order of invocation.
        fresh: whether nothing that changes the lock had returned before that time.
        begin: when that time begins.
        end: when it ends.
    """

    rows: Sequence[Row]
    fresh: bool
    begin: int
    end: int


def near(
    rows: Sequence[Row], stuck: Row, width: int, *, after: bool = False, fresh: bool = True
) -> Near:
    """Return what reaches into the time of some calls around one.

    Args:
        rows: all calls, in the order of invocation.
        stuck: the one around which.
        width: how many before it.
        after: whether as many after it count as well.
        fresh: whether there were no others before.
    """
    by_then = [row for row in rows if row.invoked < stuck.returned]
    begin = by_then[max(0, len(by_then) - width)].invoked
    end = stuck.returned
    if after:
        later = sorted(row.returned for row in rows if end < row.returned < NEVER)
        end = max([end, *later[:width]])
    there = [row for row in rows if row.invoked < end and row.returned > begin]
    fresh = fresh and not any(row.returned < begin and row.kind in FLIPS for row in rows)
    return Near(there, fresh, begin, end)


@frozen
class Window:
    """A lock without owners, and what is known of it in some time.

    Args:
        permits: how many may hold at once.
        fenced: whether grants have fencing tokens, and if so whether they are consecutive.
        near: the calls.
    """

    permits: int
    fenced: bool | None
    near: Near

    def refutes(self, named: Sequence[Row]) -> bool:
        """Return whether these calls cannot all have happened in the time from the first to the last."""
        if not named:
            return False
        begin, end = min(row.invoked for row in named), max(row.returned for row in named)
        places = {row.place for row in named}
        calls = [_call(row, needed=True) for row in named]
        fresh = self.near.fresh
        # Unknown calls from before are alike, and between two that are named no more are of use than permits.
        useful = dict.fromkeys(FLIPS, self.permits * (len(named) + 1))
        for row in self.near.rows:
            if row.kind not in FLIPS or row.place in places or row.invoked > end:
                continue
            if row.returned < begin:
                fresh = False
                continue
            if row.returned == NEVER and row.invoked < begin:
                useful[row.kind] -= 1
                if useful[row.kind] < 0:
                    continue
            calls.append(_call(row, needed=False))
        try:
            return not self._has_order(calls, fresh=fresh)
        except TooMuch:
            return False

    def _has_order(self, calls: Sequence[PartCall], *, fresh: bool) -> bool:
        if self.fenced is None:
            taken = range(1 if fresh else self.permits + 1)
            return has_order(Semaphore(self.permits), taken, calls, TRIED_MAX)
        model = UnownedFencedMutex(False, self.fenced)
        initial = model.initial()
        states: list[Hashable] = [initial]
        if not fresh:
            states.append(UnownedFencedState(held=True, highest=initial.highest))
        return has_order(model, states, calls, TRIED_MAX)

    def contained(self) -> list[Row]:
        """Return the calls that must have happened in the time concerned."""
        begin, end = self.near.begin, self.near.end
        return [row for row in self.near.rows if row.invoked >= begin and row.returned <= end]

    def fewest(self) -> TooManyFlips | None:
        """Return as few calls as show it; ``None`` if those in this time do not."""
        named = self.contained()
        if not self.refutes(named):
            return None
        for size in (len(named) // 2, len(named) // 4, 1):
            begin = 0
            while size > 0 and begin < len(named):
                rest = [*named[:begin], *named[begin + size :]]
                if self.refutes(rest):
                    named = rest
                else:
                    begin += size
        return _told(named)


def _told(named: Sequence[Row]) -> TooManyFlips:
    last = max(named, key=lambda row: row.returned)
    return TooManyFlips(last.place, tuple(sorted(row.place for row in named)))


def fewest(
    rows: Sequence[Row], stuck: Row, permits: int, *, fenced: bool | None = None
) -> TooManyFlips | Outnumbered:
    """Return the certificate of a history in which nothing explains a call.

    Args:
        rows: all calls, in the order of invocation.
        stuck: the call.
        permits: how many may hold at once.
        fenced: whether there are fencing tokens, and if so whether they are consecutive.
    """
    after = fenced is not None
    every = near(rows, stuck, len(rows), after=after)
    found: TooManyFlips | Outnumbered | None = outnumbered(every, stuck, permits)
    for width in (*WIDTHS, 16 * WIDTHS[-1], len(rows)):
        if found is not None:
            return found
        found = Window(permits, fenced, near(rows, stuck, width, after=after)).fewest()
    return found or _told(Window(permits, fenced, every).contained())


def fewest_near(
    rows: Sequence[Row], stuck: Row, *, fresh: bool
) -> TooManyFlips | Outnumbered | None:
    """Return the certificate of a mutex, if some calls just before the one that nothing explains suffice.

    Args:
        rows: the calls that reach into the time of the ``WIDTHS[-1]`` calls before.
        stuck: the call that nothing explains.
        fresh: whether there were no others before.
    """
    found: TooManyFlips | Outnumbered | None
    found = outnumbered(near(rows, stuck, WIDTHS[-1], fresh=fresh), stuck, 1)
    for width in WIDTHS:
        if found is None:
            found = Window(1, None, near(rows, stuck, width, fresh=fresh)).fewest()
    return found


def outnumbered(near: Near, stuck: Row, permits: int) -> Outnumbered | None:
    """Return the shortest time up to a call's return in which too many were like it, if there is one."""
    if stuck.kind not in _OTHER:
        return None
    end, other = stuck.returned, _OTHER[stuck.kind]
    returns = sorted(row.returned for row in near.rows if row.kind is other and row.invoked < end)
    those = [row for row in near.rows if row.kind is stuck.kind and row.returned <= end]
    first_return = min((row.returned for row in those), default=NEVER)
    for count, first in enumerate(reversed(those), start=1):
        if first.invoked < near.begin:
            break
        before = bisect_left(returns, first.invoked)
        fresh = near.fresh and not before and first_return > first.invoked
        more = 0 if stuck.kind is Kind.RELEASE and fresh else permits
        others = len(returns) - before
        if count > others + more:
            last = max(those[-count:], key=lambda row: row.returned)
            return Outnumbered(first.place, last.place, count, others)
    return None


def _call(row: Row, *, needed: bool) -> PartCall:
    call, result = _CALLS[row.kind]
    if row.kind is Kind.ACQUIRE and row.fence is not None:
        result = Ok(row.fence)
    if row.returned == NEVER:
        result = Info()
    return PartCall(call, result, row.invoked, row.returned, needed)


_CALLS: dict[Kind, tuple[Call, Result]] = {
    Kind.ACQUIRE: (Call("acquire"), Ok()),
    Kind.RELEASE: (Call("release"), Ok()),
    Kind.HELD: (Call("is_locked"), Ok(True)),
    Kind.FREE: (Call("is_locked"), Ok(False)),
}
