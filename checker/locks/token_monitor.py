"""Locks by token, decided event by event: exact on every prefix, with what is remembered kept small.

A history is linearizable if no *demand* is broken: at most so many holds are certain during all of some
time. When a hold certainly begins, at most as many as there are permits are certain just then; and where
a read found a permit free, or a hold may have been short, one fewer. (Intervals with pairwise an instant
in common have one in common, so the beginnings suffice.)

Most demands are settled when they arise. But a hold with a release under way, or of unknown outcome, may
turn out to have lasted longer when that release fails or another succeeds. So a demand is kept as long
as such holds might still break it, and of those that the same holds might break only the first to end
with each number of holds to spare. Holds whose end is settled are forgotten.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from holdfast.checker.frontier import Unexplained
from holdfast.checker.locks.certificate import Certificate, DeniedHolder, StrangersRelease
from holdfast.checker.locks.demands import Attempt, Demand, Ended, of_use
from holdfast.checker.locks.rows import ALWAYS, NEVER, Kind
from holdfast.models.value import Value

SLACK = 16
"""How many demands are kept before it is looked through which are still of use."""

ENDED_MAX = 16
"""How many holds that ended are remembered, for reads that saw them and releases that come twice."""


class UsedAgain(ValueError):
    """A token is used again before the calls of its attempt before are settled."""


class TokenMonitor:
    """Takes the events of a lock by token and tells the first that makes them impossible.

    Instants are those of rows: doubled, and one more for returns. Operations are named by numbers.

    Args:
        permits: how many may hold at once.
    """

    def __init__(self, permits: int = 1) -> None:
        self._permits = permits
        self._attempts: dict[Value, Attempt] = {}
        self._running: list[Attempt] = []
        # When those that were granted and are not settled began, in order.
        self._begins: list[int] = []
        # In the order of their ends.
        self._demands: list[Demand] = []
        self._demands_max = SLACK
        # Releases still out of holds that another release has ended.
        self._superseded: dict[int, tuple[int, Value]] = {}
        self._full_until = ALWAYS
        # The last holds that ended, for what comes a little later.
        self._ended: dict[Value, Ended] = {}
        self._forgot = False

    @property
    def remembered(self) -> int:
        """How many attempts and demands are kept, with the holds around these."""
        around = sum(len(demand.around) for demand in self._demands)
        kept = len(self._attempts) + len(self._superseded) + len(self._ended)
        return kept + len(self._demands) + around

    @property
    def held(self) -> bool:
        """Whether somebody certainly holds now."""
        return bool(self._running)

    def began(self, token: Value) -> int:
        """Return when the token's hold began that is not settled; ``NEVER`` if there is none."""
        attempt = self._attempts.get(token)
        return NEVER if attempt is None else attempt.begin

    def end(self, token: Value) -> int:
        """Return when the token's hold may have ended at the earliest; ``NEVER`` if nothing can have."""
        attempt = self._attempts.get(token)
        return NEVER if attempt is None else attempt.end()

    def invoke(self, number: int, kind: Kind, token: Value, instant: int) -> None:
        """Take in that a call was made.

        Raises:
            UsedAgain: of an attempt before, a call may still take effect.
        """
        if kind is Kind.ACQUIRE:
            attempt = self._attempts.setdefault(token, Attempt())
            superseded = any(of == token for _, of in self._superseded.values())
            if attempt.acquire >= 0 or superseded:
                raise UsedAgain(
                    f"operation {number} uses a token again whose calls before are not settled: "
                    "give each acquire attempt a token of its own"
                )
            attempt.acquire, attempt.acquired, attempt.open = number, instant, True
        elif kind is Kind.RELEASE:
            attempt = self._attempts.setdefault(token, Attempt())
            if attempt.released >= 0:
                self._superseded[number] = attempt.released, token
                return
            attempt.releases[number] = instant
            if attempt in self._running:
                if len(self._running) == self._permits:
                    self._full_until = instant
                self._running.remove(attempt)
                self._ended_at_once(attempt, instant)

    def granted(self, token: Value, instant: int) -> Certificate | None:
        """Take in that a token's acquire succeeded."""
        attempt = self._attempts[token]
        attempt.begin, attempt.open = instant, False
        insort(self._begins, instant)
        if attempt.released >= 0:  # the time that it needs was weighed when its release returned
            self._settle(token)
            return None
        if attempt.releases:
            return self._is_short(attempt)
        self._running.append(attempt)
        return self._demand(instant + 1, instant, self._permits)

    def not_granted(self, token: Value, *, known: bool) -> Certificate | Unexplained | None:
        """Take in that a token's acquire failed, or that its outcome stays unknown."""
        attempt = self._attempts[token]
        attempt.open = False
        if known:
            attempt.acquire = -1
            if attempt.released >= 0:
                return self._strangers(attempt.released, token)
        if attempt.released >= 0 or (known and not attempt.releases):
            self._settle(token)
        return None

    def released(self, number: int, token: Value, instant: int) -> Certificate | Unexplained | None:
        """Take in that a release succeeded."""
        if number in self._superseded:
            return StrangersRelease(number, self._superseded[number][0])
        attempt = self._attempts[token]
        if attempt.acquire < 0:
            return self._strangers(number, token)
        before, invoked = attempt.end(), attempt.releases[number]
        for other in attempt.releases.keys() - attempt.lost - {number}:
            self._superseded[other] = number, token
        attempt.releases = {number: invoked}
        if attempt.begin == NEVER:
            attempt.released = number
            calls = (attempt.acquire, number)
            begin = max(attempt.acquired, invoked)
            wrong = self._demand(begin, instant, self._permits - 1, calls)
            if not attempt.open:
                self._settle(token)
            return wrong
        wrong = self._lasted(attempt, before)
        self._settle(token)
        return wrong

    def _strangers(self, number: int, token: Value) -> Certificate | Unexplained:
        """Return that a release succeeded though its token did not hold."""
        if token in self._ended:
            return StrangersRelease(number, self._ended[token].release)
        # It may have held long ago.
        return Unexplained(number) if self._forgot else StrangersRelease(number, None)

    def not_released(
        self, number: int, token: Value, instant: int, *, means: bool
    ) -> Certificate | None:
        """Take in that a release failed.

        Args:
            number: the release.
            token: its token.
            instant: when it returned.
            means: whether that means that its token did not hold.
        """
        if self._superseded.pop(number, None) is not None:
            return None
        attempt = self._attempts[token]
        before, invoked = attempt.end(), attempt.releases.pop(number)
        if attempt.begin == NEVER or attempt.released >= 0:
            if attempt.acquire < 0 and not attempt.releases:
                self._settle(token)
            return None
        if means and invoked > attempt.begin:
            attempt.denied = min(attempt.denied, (instant, number))
        return self._lasted(attempt, before)

    def release_lost(self, number: int, token: Value) -> None:
        """Take in that the outcome of a release stays unknown."""
        if self._superseded.pop(number, None) is None:
            self._attempts[token].lost.add(number)

    def found_free(self, number: int, invoked: int, instant: int) -> Certificate | None:
        """Take in that a read found a permit free."""
        return self._demand(invoked, instant, self._permits - 1, (number,))

    def was_full(self, since: int) -> bool:
        """Return whether all permits were certainly taken at some instant since then.

        A read that found no permit free is explained by that, whatever else becomes known.
        """
        return len(self._running) >= self._permits or self._full_until >= since

    def held_by(self, token: Value, since: int) -> bool:
        """Return whether ``token`` certainly held at some instant since then; it may be forgotten."""
        begin, end = NEVER, NEVER
        if token in self._attempts:
            begin, end = self._attempts[token].begin, self._attempts[token].end()
        elif token in self._ended:
            begin, end = self._ended[token].begin, self._ended[token].end
        return begin < end >= since

    def _demand(
        self, begin: int, end: int, room: int, needing: tuple[int, ...] = ()
    ) -> Certificate | None:
        """Take in a demand that ends now; return how it is broken already, if it is."""
        demand = Demand(begin, end, room, list(self._running), needing)
        if bisect_left(self._begins, begin) > room:  # so many might contain it one day
            self._keep(demand)
        return demand.broken()

    def _keep(self, demand: Demand) -> None:
        self._demands.append(demand)
        if len(self._demands) > self._demands_max:
            self._demands = of_use(self._demands, self._begins)
            self._demands_max = 2 * len(self._demands) + SLACK

    def _is_short(self, attempt: Attempt) -> Certificate | None:
        """Take in that a hold was granted that may be over already."""
        begin, room = attempt.short_from(), self._permits - 1
        around, calls = list(self._running), attempt.calls()
        attempt.short = Demand(begin, attempt.begin, room, around, calls, may_narrow=True)
        self._keep(attempt.short)
        return attempt.short.broken()

    def _ended_at_once(self, attempt: Attempt, instant: int) -> None:
        """Take in that a hold may have ended at an instant at which something has returned already."""
        for demand in reversed(self._demands):
            if demand.end < instant:
                break
            if attempt in demand.around:
                demand.around.remove(attempt)
        if instant < attempt.begin:
            self._is_short(attempt)

    def _lasted(self, attempt: Attempt, before: int) -> Certificate | None:
        """Take in that a hold did not end at ``before`` but later."""
        end, short = attempt.end(), attempt.short
        if short is not None and end < attempt.begin:
            short.begin, short.needing = attempt.short_from(), attempt.calls()
            return short.broken()
        if short is not None:
            # It certainly began, maybe together with others, and its demand becomes that of a beginning.
            attempt.short, before = None, attempt.begin - 1
            short.begin, short.room, short.needing = attempt.begin + 1, self._permits, ()
            short.may_narrow = False
            short.around.append(attempt)
            if (wrong := short.broken()) is not None:
                return wrong
        wrong = self._contains(attempt, before, end)
        if wrong is None and attempt.denied[0] < end:
            wrong = DeniedHolder(attempt.told(), attempt.denied[1])
        if end == NEVER and attempt not in self._running:
            self._running.append(attempt)
        return wrong

    def _contains(self, attempt: Attempt, before: int, end: int) -> Certificate | None:
        """Take in that a hold contains what ended between two instants."""
        first = bisect_right(self._demands, before, key=lambda demand: demand.end)
        for demand in self._demands[first:]:
            if demand.end >= end:
                break
            if attempt not in demand.around:
                demand.around.append(attempt)
            if (wrong := demand.broken()) is not None:
                return wrong
        return None

    def _settle(self, token: Value) -> None:
        attempt = self._attempts.pop(token)
        attempt.gone = True
        if attempt.short is not None:
            attempt.short.may_narrow, attempt.short = False, None
        if attempt.begin < NEVER:
            del self._begins[bisect_left(self._begins, attempt.begin)]
        if attempt.releases:
            release = min(attempt.releases, key=lambda number: attempt.releases[number])
            self._ended.pop(token, None)
            self._ended[token] = Ended(attempt.begin, attempt.end(), release)
            if len(self._ended) > ENDED_MAX:
                self._forgot = True
                del self._ended[next(iter(self._ended))]
