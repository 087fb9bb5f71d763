"""Locks by token with fencing tokens: the order of the known grants is forced.

Going through them by fencing token, each hold begins and ends as early as it can. An acquire of unknown
outcome takes a fencing token too, so there must be room for it. Observations that somebody held are
decided as for a mutex by token; if that then grants more unknown acquires than there is room for, the
history is left to the search.
"""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.checker.locks.certificate import Certificate, FenceBackwards
from holdfast.checker.locks.held import Swept, sweep
from holdfast.checker.locks.placing import Placed, Span, free_instant, order
from holdfast.checker.locks.rows import ALWAYS, NEVER, Order, Outside, Rows
from holdfast.checker.locks.token_holds import Hold, Possible, TokenHolds, token_holds
from holdfast.checker.locks.tokens import shrunk
from holdfast.checker.locks.unowned import wrong_fences

NOTHING = -1
"""Stands for no operation."""

NO_ROOM = "an unknown acquire needs a fencing token, and its place among the others is open"


def decide_fenced(rows: Rows, *, consecutive: bool) -> Order | Certificate | Outside:
    """Return an order of effects of a mutex by token with fencing tokens, or why there is none.

    Args:
        rows: its calls, in the order of invocation.
        consecutive: whether fencing tokens rise by exactly one.
    """
    wrong = wrong_fences(rows, consecutive=consecutive)
    if wrong is not None:
        return wrong
    found = token_holds(rows)
    if not isinstance(found, TokenHolds):
        return found
    swept: Swept | None = None
    plain = shrunk(found, 1)
    if isinstance(plain, Outside):
        relaxed = sweep(found, strict=False)
        if not isinstance(relaxed, Swept):
            return relaxed
        strict = sweep(found, strict=True)
        if not isinstance(strict, Swept):
            return Outside("the lock was seen held, and a token's own calls overlap")
        swept = strict
    elif not isinstance(plain, Order):
        return plain
    instants = _in_fence_order(found)
    if isinstance(instants, FenceBackwards):
        return instants
    return _Joined(found, swept, instants, consecutive=consecutive).order()


def _in_fence_order(found: TokenHolds) -> list[tuple[Hold, int]] | FenceBackwards:
    """Return the instant of each short hold with a fencing token, as early as the order allows."""
    known = [hold for hold in (*found.certain, *found.instants) if hold.acquire.fence is not None]
    known.sort(key=lambda hold: hold.acquire.fence or 0)
    instants = []
    earliest, cause, of = ALWAYS, NOTHING, NOTHING
    for hold in known:
        if hold.begin_min > earliest:
            earliest, cause, of = hold.begin_min, hold.acquire.place, hold.acquire.place
        if earliest > hold.begin_max:
            return FenceBackwards(hold.since.place, cause, hold.acquire.place, of)
        if hold.end_min > earliest:
            cause = NOTHING if hold.until is None else hold.until.place
            earliest, of = hold.end_min, hold.acquire.place
        if earliest > hold.end_max and hold.release is not None:
            return FenceBackwards(hold.release.place, cause, hold.acquire.place, of)
        if not hold.certain:
            instants.append((hold, earliest))
    return instants


class _Joined:
    """The certain holds, the short ones and the unknown ones, in one order with their fencing tokens."""

    def __init__(
        self,
        found: TokenHolds,
        swept: Swept | None,
        instants: list[tuple[Hold, int]],
        *,
        consecutive: bool,
    ) -> None:
        self._found = found
        self._consecutive = consecutive
        self._instants = instants
        if swept is None:
            self._placed: Sequence[Placed] = [
                Placed(hold.begin_max, hold.end_min, hold.acquire, hold.release)
                for hold in found.certain
            ]
        else:
            self._placed = swept.placed

    def order(self) -> Order | Outside:
        """Return the order, if each unknown acquire in it has room for its fencing token."""
        full = [Span(hold.begin, hold.end) for hold in self._placed]
        ends = [span.end for span in full]
        # A short hold between two certain ones: the first free instant is still in fence order.
        instants = [(hold, free_instant(full, ends, instant)) for hold, instant in self._instants]
        for hold in self._found.instants:
            if hold.acquire.fence is None:
                instants.append((hold, free_instant(full, ends, max(hold.begin_min, hold.end_min))))
        if any(instant > min(hold.begin_max, hold.end_max) for hold, instant in instants):
            return Outside("a short hold has no free instant in the order of fencing tokens")
        placed = list(self._placed)
        if self._consecutive and not self._fill_gaps(placed, instants):
            return Outside(NO_ROOM)
        if not self._rises(placed, instants):
            return Outside(NO_ROOM)
        return order(placed, instants, full, self._found.observations, self._found.own)

    def _rises(self, placed: Sequence[Placed], instants: Sequence[tuple[Hold, int]]) -> bool:
        grants = [(hold.begin, 1, 0, hold.acquire) for hold in placed]
        grants += [(at, 0, number, hold.acquire) for number, (hold, at) in enumerate(instants)]
        highest: int | None = None if self._consecutive else -1
        for *_, acquire in sorted(grants, key=lambda grant: grant[:3]):
            fence = acquire.fence
            if fence is None:
                highest = None if highest is None else highest + 1
                continue
            if highest is not None:
                right = fence == highest + 1 if self._consecutive else fence > highest
                if not right:
                    return False
            highest = fence
        return True

    def _fill_gaps(self, placed: Sequence[Placed], instants: list[tuple[Hold, int]]) -> bool:
        """Grant unknown acquires for an instant each where consecutive fencing tokens are missing."""
        used = {hold.acquire.place for hold in placed}
        free = [
            may for may in self._found.possible if may.acquire.place not in used and may.release
        ]
        free.sort(key=_possible_after, reverse=True)
        known = [(hold.begin, hold.end, hold.acquire) for hold in placed]
        known += [(at, at, hold.acquire) for hold, at in instants]
        known.sort(key=lambda grant: grant[:2])
        highest, since, unknown = None, ALWAYS, 0
        for begin, end, acquire in known:
            if acquire.fence is None:
                unknown += 1
                continue
            if highest is not None:
                for _ in range(acquire.fence - highest - 1 - unknown):
                    if not free or _possible_after(free[-1]) > begin:
                        return False
                    may = free.pop()
                    instants.append((_short(may), max(since, _possible_after(may))))
            highest, since, unknown = acquire.fence, end, 0
        return True


def _possible_after(may: Possible) -> int:
    return max(may.begin_late, may.end_min)


def _short(may: Possible) -> Hold:
    """Return an unknown hold as one that certainly happened, for an instant."""
    return Hold(
        acquire=may.acquire,
        release=may.release,
        since=may.acquire,
        until=may.release,
        begin_min=may.begin_late,
        begin_max=NEVER,
        end_min=may.end_min,
        end_max=NEVER,
        begin_late=may.begin_late,
    )
