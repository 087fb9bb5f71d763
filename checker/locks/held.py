"""A mutex by token with observations that somebody held: exact for nearly all histories, by a sweep.

The certain holds stand in a forced order. Between two of them lies a *zone*. An observation "held" within
a zone needs the hold before to end late, the hold after to begin early, or an acquire of unknown outcome
to have been granted. Ending late and beginning early forbid nothing but what must find the lock free. One
unknown acquire explains all observations up to the next instant that must be free; a later use of it
dominates an earlier one, as all that one may be used for later can be served by it too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from attrs import frozen

from holdfast.checker.locks.certificate import Certificate, NeverHeld
from holdfast.checker.locks.placing import Placed, Span, order
from holdfast.checker.locks.rows import ALWAYS, NEVER, Order, Outside, Rows
from holdfast.checker.locks.token_holds import TokenHolds, token_holds
from holdfast.checker.locks.tokens import instants_of, shrunk
from holdfast.checker.locks.zones import Maybe, Want, Zone, maybes_of, zones_of


@frozen
class Swept:
    """How the sweep chose the holds.

    Args:
        placed: all holds that last, in order.
        used: how many unknown acquires were granted in each zone.
    """

    placed: tuple[Placed, ...]
    used: tuple[int, ...]


def decide_held(rows: Rows) -> Order | Certificate | Outside:
    """Return an order of effects of a mutex by token, or why there is none.

    Args:
        rows: its calls, in the order of invocation.
    """
    found = token_holds(rows)
    if not isinstance(found, TokenHolds):
        return found
    answer = shrunk(found, 1)
    return stretched(found) if isinstance(answer, Outside) else answer


def stretched(found: TokenHolds) -> Order | Certificate | Outside:
    """Return the order that longer holds and unknown acquires make, or why there is none.

    Outside the exact fragment the history is put between two that are in it: one that allows more, and
    one that allows less.
    """
    relaxed = sweep(found, strict=False)
    if not isinstance(relaxed, Swept):
        return relaxed
    if is_exact(found):
        return ordered(found, relaxed)
    strict = sweep(found, strict=True)
    if isinstance(strict, Swept):
        return ordered(found, strict)
    return Outside(
        "the lock was seen held, and a token's own calls overlap or have unknown outcomes"
    )


def is_exact(found: TokenHolds) -> bool:
    """Return whether what the sweep decides is exact: no token's own calls leave it a choice."""
    return (
        not found.instants
        and all(hold.begin_late == hold.begin_min for hold in found.certain)
        and all(possible.begin_late == possible.begin_min for possible in found.possible)
    )


def ordered(found: TokenHolds, swept: Swept) -> Order:
    """Return the order of all operations that follows from the holds of the sweep."""
    full = [Span(hold.begin, hold.end) for hold in swept.placed]
    instants = instants_of(found.instants, full)
    return order(swept.placed, instants, full, found.observations, found.own)


def sweep(found: TokenHolds, *, strict: bool) -> Swept | NeverHeld:
    """Return how the holds can explain all observations, or why they cannot.

    Args:
        found: what the tokens say; the certain holds do not overlap, and nothing needs the lock to be
            free while one is certain.
        strict: whether to allow less than is possible, rather than more, where tokens' own calls overlap.
    """
    return _Sweep(found, strict).run()


class _Sweep:
    def __init__(self, found: TokenHolds, strict: bool) -> None:
        self._holds = found.certain
        self._strict = strict
        self._zones = zones_of(found, strict)
        self._all = maybes_of(found, strict)
        self._waiting = sorted(self._all, key=lambda maybe: maybe.begin, reverse=True)
        self._ready: list[tuple[int, int, Maybe]] = []
        self._placed: list[Placed] = []
        self._used: list[int] = []
        self._hurried: list[bool] = [False]
        self._pending = NEVER

    def run(self) -> Swept | NeverHeld:
        ends = ALWAYS
        for number, zone in enumerate(self._zones):
            begin_max = self._begin_max(number)
            if number:
                ends = self._end(number - 1, zone, begin_max)
            begins = self._fill(number, zone, ends, begin_max)
            if isinstance(begins, NeverHeld):
                return begins
            if number < len(self._holds):
                hold = self._holds[number]
                self._placed.append(Placed(begins, NEVER, hold.acquire, hold.release))
                self._pending = _least_end(zone.across, begins)
                # As it had to begin early, what lies across it must find the lock free behind it.
                self._hurried.append(self._pending < _least_end(zone.across, begin_max))
        return Swept(tuple(self._placed), tuple(self._used))

    def _begin_max(self, number: int) -> int:
        return self._holds[number].begin_max if number < len(self._holds) else NEVER

    def _begin_min(self, number: int) -> int:
        if number == len(self._holds):
            return NEVER
        hold = self._holds[number]
        return hold.begin_late if self._strict else hold.begin_min

    def _end(self, number: int, zone: Zone, begin_max: int) -> int:
        """Let a hold end as late as what must find the lock free afterwards allows."""
        hold = self._holds[number]
        frees = min((want.end for want in zone.frees), default=NEVER)
        ends = min(hold.end_max, self._pending, frees, begin_max)
        assert ends >= hold.end_min
        last = self._placed.pop()
        self._placed.append(Placed(last.begin, ends, last.acquire, last.release))
        return ends

    def _fill(self, number: int, zone: Zone, ends: int, begin_max: int) -> int | NeverHeld:
        """Explain what found the lock held in a zone; return when the hold after it begins."""
        frees, helds = _Ordered(zone.frees), _Ordered(zone.helds)
        self._used.append(0)
        while True:
            first = helds.least_end(ends)
            if first == NEVER:
                return begin_max
            next_free = frees.least_end(first)
            if self._begin_min(number) < first and next_free == NEVER:
                return first
            until = min(next_free, begin_max)
            maybe = self._ready_for(first, until)
            if maybe is None:
                return self._never_held(number, first, until)
            self._used[-1] += 1
            self._placed.append(Placed(first, until, maybe.acquire, maybe.release))
            ends = until

    def _ready_for(self, begin: int, end: int) -> Maybe | None:
        """Use up an unknown acquire that can be granted by ``begin`` and ended by ``end``."""
        while self._waiting and self._waiting[-1].begin < begin:
            maybe = self._waiting.pop()
            heappush(self._ready, (maybe.end, maybe.acquire.place, maybe))
        if self._ready and (self._ready[0][0] < end or end == NEVER):
            return heappop(self._ready)[2]
        return None

    def _never_held(self, number: int, seen: int, until: int) -> NeverHeld:
        """Return why: from the first zone on in which unknown acquires were used up.

        Further back, where a hold in between had to begin early: so what saw the lock held before it counts.
        """
        first = next((zone for zone, used in enumerate(self._used) if used), number)
        while self._hurried[first]:
            first -= 1
        zones = self._zones[first : number + 1]
        across = self._zones[first - 1].across if first else []
        frees = [want for zone in zones for want in (*zone.frees, *zone.across)] + across
        return NeverHeld(
            holds=tuple(hold.told() for hold in self._holds[max(first - 1, 0) : number + 1]),
            observations=_places(want for zone in zones for want in zone.helds if want.end <= seen),
            frees=_places(want for want in frees if want.begin < until),
            lost=tuple(sorted({may.acquire.place for may in self._all if may.begin < seen})),
        )


def _least_end(wants: Iterable[Want], after: int) -> int:
    """Return the least end of those that begin after an instant."""
    return min((want.end for want in wants if want.begin > after), default=NEVER)


def _places(wants: Iterable[Want]) -> tuple[int, ...]:
    return tuple(sorted({place for want in wants for place in want.places}))


class _Ordered:
    """Wants in the order in which they begin, with the least end from each on."""

    def __init__(self, wants: Sequence[Want]) -> None:
        in_order = sorted(wants, key=lambda want: want.begin)
        self._begins = [want.begin for want in in_order]
        self._least = [NEVER] * (len(in_order) + 1)
        for at in reversed(range(len(in_order))):
            self._least[at] = min(self._least[at + 1], in_order[at].end)

    def least_end(self, after: int) -> int:
        """Return the least end of those that begin after an instant."""
        return self._least[bisect_right(self._begins, after)]
