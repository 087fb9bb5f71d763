"""What each token's calls say about its hold: when it can begin and end, or that there can be none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import Factory, define, evolve, frozen

from holdfast.checker.locks.certificate import (
    CertainHold,
    Certificate,
    DeniedHolder,
    StrangersRead,
    StrangersRelease,
    TakenTwice,
)
from holdfast.checker.locks.rows import NEVER, Kind, Outside, Row, Rows


@frozen
class Hold:
    """A hold that certainly happened: it begins in [begin_min, begin_max], ends in [end_min, end_max].

    Args:
        acquire: its acquire.
        release: the release that ends it, known or not; ``None`` if there is none.
        since: the row whose return is ``begin_max``.
        until: the row whose invocation is ``end_min``; ``None`` if nothing can end it.
        denied: releases that found another holder, or none.
        begin_late: where it begins after every denied release that may have come before or after;
            greater than ``begin_min`` only where there are such.
    """

    acquire: Row
    release: Row | None
    since: Row
    until: Row | None
    begin_min: int
    begin_max: int
    end_min: int
    end_max: int
    begin_late: int

    @property
    def certain(self) -> bool:
        """Whether there is a time in which it certainly held; else one instant is enough."""
        return self.begin_max < self.end_min

    def told(self) -> CertainHold:
        """Return the time in which it certainly held as a part of a certificate."""
        until = None if self.until is None else self.until.place
        return CertainHold(self.acquire.place, self.since.place, until)


@frozen
class Possible:
    """A hold that may have happened: an acquire of unknown outcome, without a known release.

    Args:
        acquire: the acquire.
        release: the first release of unknown outcome, ``None`` if there is none.
        begin_late: where it begins after every denied release of its token.
    """

    acquire: Row
    release: Row | None
    begin_late: int

    @property
    def begin_min(self) -> int:
        """When it can begin."""
        return self.acquire.invoked

    @property
    def end_min(self) -> int:
        """When it can end."""
        return NEVER if self.release is None else self.release.invoked


@define
class _Calls:
    """The calls of one acquire attempt."""

    acquire: Row | None = None
    releases: list[Row] = Factory(list)
    denied: list[Row] = Factory(list)
    told: list[Row] = Factory(list)


@frozen
class TokenHolds:
    """What a history's tokens say.

    Args:
        certain: the holds that certainly lasted for a while, in the order in which they began.
        instants: the holds for which an instant is enough.
        possible: the holds that may have happened.
        observations: the rows that say that somebody held, or nobody.
        own: the rows that say something of one token's hold, with it if it certainly happened.
    """

    certain: Sequence[Hold]
    instants: Sequence[Hold]
    possible: Sequence[Possible]
    observations: Sequence[Row]
    own: Sequence[tuple[Row, Hold | None]]


def token_holds(rows: Rows) -> TokenHolds | Certificate | Outside:
    """Return what the tokens' calls say; or why one of them alone is impossible.

    Args:
        rows: in the order of invocation.
    """
    calls = _by_attempt(rows)
    if not isinstance(calls, list):
        return calls
    certain: list[Hold] = []
    instants: list[Hold] = []
    possible: list[Possible] = []
    own: list[tuple[Row, Hold | None]] = []
    for attempt in calls:
        found = _hold(attempt)
        match found:
            case Hold():
                (certain if found.certain else instants).append(found)
            case Possible():
                possible.append(found)
            case None:
                pass
            case _:
                return found
        hold = found if isinstance(found, Hold) else None
        own += [(row, hold) for row in (*attempt.denied, *attempt.told)]
    certain.sort(key=lambda hold: hold.begin_max)
    observed = [row for row in rows if row.kind in (Kind.HELD, Kind.FREE)]
    return TokenHolds(certain, instants, possible, observed, own)


def _by_attempt(rows: Rows) -> list[_Calls] | TakenTwice | Outside:
    """Return the calls of each acquire attempt.

    A token used for several attempts is told apart where its calls follow each other and all outcomes
    before the last are known. Otherwise the procedures would be wrong.
    """
    attempts: list[_Calls] = []
    latest: dict[int, _Calls] = {}
    last_return: dict[int, int] = {}
    overlapping: set[int] = set()
    again: dict[int, TakenTwice | None] = {}
    for row in rows:
        if row.kind in (Kind.HELD, Kind.FREE):
            continue
        token = row.token
        if row.invoked < last_return.get(token, row.invoked):
            overlapping.add(token)
        last_return[token] = max(last_return.get(token, row.returned), row.returned)
        calls = latest.get(token)
        if calls is None or (row.kind is Kind.ACQUIRE and calls.acquire is not None):
            if calls is not None:
                again[token] = again.get(token) or _taken_twice(calls, row)
            calls = latest[token] = _Calls()
            attempts.append(calls)
        if row.kind is Kind.ACQUIRE:
            calls.acquire = row
        else:
            {Kind.RELEASE: calls.releases, Kind.NOT_HOLDER: calls.denied, Kind.HOLDER: calls.told}[
                row.kind
            ].append(row)
    if again.keys() & overlapping:
        return Outside("a token is used for several attempts whose calls overlap")
    return next((wrong for wrong in again.values() if wrong is not None), attempts)


def _taken_twice(calls: _Calls, again: Row) -> TakenTwice | None:
    assert calls.acquire is not None
    if any(row.returned < NEVER for row in calls.releases) or again.returned == NEVER:
        return None
    return TakenTwice(calls.acquire.place, again.place)


def _hold(calls: _Calls) -> Hold | Possible | Certificate | None:
    known = [row for row in calls.releases if row.returned < NEVER]
    if len(known) > 1:
        return StrangersRelease(known[1].place, known[0].place)
    acquire = calls.acquire
    if acquire is None:
        if known:
            return StrangersRelease(known[0].place, None)
        return StrangersRead(calls.told[0].place, None) if calls.told else None
    lost = min(calls.releases, key=lambda row: row.invoked, default=None)
    release = known[0] if known else lost
    if known and known[0].returned < acquire.invoked:
        return StrangersRelease(known[0].place, acquire.place)
    if acquire.returned == NEVER and not known and not calls.told:
        late = max([acquire.invoked, *(row.invoked for row in calls.denied)])
        return Possible(acquire, release, late)
    since = min([acquire, *calls.told], key=lambda row: row.returned)
    if since.returned < acquire.invoked:
        return StrangersRead(since.place, acquire.place)
    until = release
    if release is not None:
        until = max([release, *calls.told], key=lambda row: row.invoked)
        if release.returned < until.invoked:
            return StrangersRead(until.place, release.place)
    hold = Hold(
        acquire=acquire,
        release=release,
        since=since,
        until=until,
        begin_min=acquire.invoked,
        begin_max=since.returned,
        end_min=NEVER if until is None else until.invoked,
        end_max=NEVER if release is None else release.returned,
        begin_late=acquire.invoked,
    )
    return _denied(hold, calls.denied) if hold.certain else hold


def _denied(hold: Hold, denied: Iterable[Row]) -> Hold | Certificate:
    """Return a certain hold with what failed releases of its token say."""
    begin_min, end_max, begin_late = hold.begin_min, hold.end_max, hold.begin_late
    for row in denied:
        if row.invoked > hold.begin_max and row.returned < hold.end_min:
            return DeniedHolder(hold.told(), row.place)
        if row.invoked > hold.begin_max:  # it came after the hold
            end_max = min(end_max, row.returned)
        elif row.returned < hold.end_min:  # it came before the hold
            begin_min = max(begin_min, row.invoked)
        else:
            begin_late = max(begin_late, row.invoked)
    return evolve(hold, begin_min=begin_min, end_max=end_max, begin_late=max(begin_min, begin_late))
