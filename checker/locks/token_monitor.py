"""A mutex by token, decided event by event: exact on every prefix, in amortised constant time.

What holds now and has no release under way excludes all others. A hold with a release under way, or of
unknown outcome, may turn out to have lasted longer when that release fails or a later one succeeds. So of
each such hold is kept what would then contradict it: the first hold that certainly began later, and the
first time that needed a free instant and ended. Holds whose end is settled are forgotten.
"""

from __future__ import annotations

from collections import deque

from attrs import Factory, define

from holdfast.checker.locks.certificate import (
    CertainHold,
    Certificate,
    DeniedHolder,
    NeverFree,
    StrangersRelease,
    TooManyHolders,
)
from holdfast.checker.locks.rows import NEVER, Kind
from holdfast.models.value import Value


@define(eq=False)
class _Attempt:
    """One acquire attempt whose calls may still matter.

    Args:
        acquire: the acquire's number, -1 before it is invoked or after it failed.
        acquired: when it was invoked.
        open: whether the acquire may still return.
        begin: when it returned, if it was granted.
        releases: by number, when each release was invoked that may have ended the hold.
        lost: those of them whose outcome stays unknown.
        released: the release that succeeded while the acquire was still out, -1 for none.
        started: when the first later hold certainly began, and that hold.
        needed: when the first time ended that needed a free instant and began after ``begin``, and what
            needed it.
        denied: when the first release returned that was denied after ``begin``, and which.
        within: of a hold whose own release overlaps its acquire: the hold that contains ``begin``.
        gone: whether it was settled.
    """

    acquire: int = -1
    acquired: int = 0
    open: bool = False
    begin: int = NEVER
    releases: dict[int, int] = Factory(dict)
    lost: set[int] = Factory(set)
    released: int = -1
    started: tuple[int, _Attempt | None] = (NEVER, None)
    needed: tuple[int, tuple[int, ...]] = (NEVER, ())
    denied: tuple[int, int] = (NEVER, -1)
    within: _Attempt | None = None
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


class TokenMonitor:
    """Takes a mutex's events and tells the first that makes them impossible.

    Instants are those of rows: doubled, and one more for returns. Operations are named by numbers.
    """

    def __init__(self) -> None:
        self._attempts: dict[Value, _Attempt] = {}
        self._holding: _Attempt | None = None
        self._unstarted: list[_Attempt] = []
        self._unneeded: deque[_Attempt] = deque()
        self._short: dict[Value, _Attempt] = {}
        # Releases still out of holds that another release has ended.
        self._superseded: dict[int, tuple[int, Value]] = {}

    @property
    def remembered(self) -> int:
        """How many attempts are kept."""
        return len(self._attempts)

    def invoke(self, number: int, kind: Kind, token: Value, instant: int) -> None:
        """Take in that a call was made.

        Raises:
            ValueError: a token is used again while a release of it may still take effect.
        """
        if kind is Kind.ACQUIRE:
            attempt = self._attempts.setdefault(token, _Attempt())
            superseded = any(of == token for _, of in self._superseded.values())
            if attempt.acquire >= 0 or superseded:
                raise ValueError(
                    f"operation {number} uses a token again whose calls before are not settled: "
                    "give each acquire attempt a token of its own"
                )
            attempt.acquire, attempt.acquired, attempt.open = number, instant, True
        elif kind is Kind.RELEASE:
            attempt = self._attempts.setdefault(token, _Attempt())
            if attempt.released >= 0:
                self._superseded[number] = attempt.released, token
                return
            attempt.releases[number] = instant
            if self._holding is attempt:
                self._holding = None

    def granted(self, token: Value, instant: int) -> Certificate | None:
        """Take in that a token's acquire succeeded."""
        attempt = self._attempts[token]
        attempt.begin, attempt.open = instant, False
        if attempt.released >= 0:  # the time that it needs was weighed when its release returned
            self._settle(token)
            return None
        self._unneeded.append(attempt)
        if len(self._unneeded) > 2 * len(self._attempts) + 16:
            self._unneeded = deque(one for one in self._unneeded if not one.gone)
        if attempt.releases:
            attempt.within = self._holding
            self._short[token] = attempt
            self._unstarted.append(attempt)
            return self._not_within(attempt)
        return self._starts(attempt)

    def not_granted(self, token: Value, *, known: bool) -> Certificate | None:
        """Take in that a token's acquire failed, or that its outcome stays unknown."""
        attempt = self._attempts[token]
        attempt.open = False
        if known:
            attempt.acquire = -1
            if attempt.released >= 0:
                return StrangersRelease(attempt.released, None)
        if attempt.released >= 0 or (known and not attempt.releases):
            self._settle(token)
        return None

    def released(self, number: int, token: Value, instant: int) -> Certificate | None:
        """Take in that a release succeeded."""
        if number in self._superseded:
            return StrangersRelease(number, self._superseded[number][0])
        attempt = self._attempts[token]
        if attempt.acquire < 0:
            return StrangersRelease(number, None)
        invoked = attempt.releases[number]
        for other in attempt.releases.keys() - attempt.lost - {number}:
            self._superseded[other] = number, token
        attempt.releases = {number: invoked}
        if attempt.begin == NEVER:
            attempt.released = number
            calls = (attempt.acquire, number)
            wrong = self._needs(max(attempt.acquired, invoked), instant, calls)
            if not attempt.open:
                self._settle(token)
            return wrong
        wrong = self._lasted(token, attempt)
        if wrong is None and invoked < attempt.begin:
            wrong = self._needed_before(attempt.short_from(), attempt.begin, attempt.calls())
        self._settle(token)
        return wrong

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
        invoked = attempt.releases.pop(number)
        if attempt.begin == NEVER or attempt.released >= 0:
            if attempt.acquire < 0 and not attempt.releases:
                self._settle(token)
            return None
        if means and invoked > attempt.begin:
            attempt.denied = min(attempt.denied, (instant, number))
        return self._lasted(token, attempt)

    def release_lost(self, number: int, token: Value) -> None:
        """Take in that the outcome of a release stays unknown."""
        if self._superseded.pop(number, None) is None:
            self._attempts[token].lost.add(number)

    def found_free(self, number: int, invoked: int, instant: int) -> Certificate | None:
        """Take in that a read found the lock free."""
        return self._needs(invoked, instant, (number,))

    def _starts(self, attempt: _Attempt) -> Certificate | None:
        """Take in that a hold certainly began and lasts."""
        if self._holding is not None:
            return TooManyHolders((self._holding.told(), attempt.told()))
        self._holding = attempt
        for other in self._unstarted:
            other.started = (attempt.begin, attempt)
        self._unstarted = [attempt]
        return None

    def _needs(self, begin: int, end: int, calls: tuple[int, ...]) -> Certificate | None:
        """Take in that a time which ends now must contain a free instant."""
        if self._holding is not None and self._holding.begin < begin:
            return NeverFree((self._holding.told(),), calls)
        while self._unneeded and self._unneeded[0].begin < begin:
            self._unneeded.popleft().needed = (end, calls)
        return None

    def _needed_before(self, begin: int, end: int, calls: tuple[int, ...]) -> Certificate | None:
        """Take in that a time which ended earlier must contain a free instant."""
        for other in self._attempts.values():
            if other.begin < begin and end < other.needed[0]:
                other.needed = (end, calls)
        if self._holding is not None and self._holding.begin < begin:
            return NeverFree((self._holding.told(),), calls)
        return None

    def _not_within(self, short: _Attempt) -> Certificate | None:
        """Demand a free instant in the time of a hold that may be short."""
        if short.within is not None and short.within.begin < short.short_from():
            return NeverFree((short.within.told(),), short.calls())
        return None

    def _lasted(self, token: Value, attempt: _Attempt) -> Certificate | None:
        """Take in that a hold may have ended later than was thought."""
        end = attempt.end()
        if end < attempt.begin:
            return self._not_within(attempt)
        if self._short.pop(token, None) is not None:
            if attempt.within is not None:
                return TooManyHolders((attempt.within.told(), attempt.told()))
            self._started_before(attempt)
        if attempt.started[0] < end and attempt.started[1] is not None:
            return TooManyHolders((attempt.told(), attempt.started[1].told()))
        if attempt.needed[0] < end:
            return NeverFree((attempt.told(),), attempt.needed[1])
        if attempt.denied[0] < end:
            return DeniedHolder(attempt.told(), attempt.denied[1])
        for short in self._short.values():
            if attempt.begin < short.begin < end:
                short.within = attempt
                wrong = self._not_within(short)
                if wrong is not None:
                    return wrong
        if end == NEVER:
            self._holding = attempt
        return None

    def _started_before(self, attempt: _Attempt) -> None:
        """Take in that a hold certainly began earlier: an instant had seemed enough for it."""
        for other in self._attempts.values():
            if other.begin < attempt.begin < other.started[0]:
                other.started = (attempt.begin, attempt)

    def _settle(self, token: Value) -> None:
        attempt = self._attempts.pop(token)
        attempt.gone = True
        self._short.pop(token, None)
        if attempt in self._unstarted:
            self._unstarted.remove(attempt)
        while self._unneeded and self._unneeded[0].gone:
            self._unneeded.popleft()
