"""The time between certain holds, and what must find the lock free, or held, in it."""

from __future__ import annotations

from bisect import bisect_left

from attrs import Factory, define, frozen

from holdfast.checker.locks.rows import NEVER, Kind, Row
from holdfast.checker.locks.token_holds import Hold, TokenHolds
from holdfast.checker.locks.tokens import windows


@frozen
class Want:
    """A time in which some instant must be free (or held), and for which rows."""

    begin: int
    end: int
    places: tuple[int, ...]


@frozen
class Maybe:
    """An unknown acquire that may explain observations: granted from ``begin``, ended from ``end`` on."""

    begin: int
    end: int
    acquire: Row
    release: Row | None


@define
class Zone:
    """The time between two certain holds, and what happened in it.

    Args:
        frees: what must find the lock free in this zone.
        across: what must find it free here or in the next zone: it spans the hold in between.
        helds: what must find it held in this zone, within it.
    """

    frees: list[Want] = Factory(list)
    across: list[Want] = Factory(list)
    helds: list[Want] = Factory(list)


def zones_of(found: TokenHolds, strict: bool) -> list[Zone]:
    """Return the zones before, between and behind the certain holds.

    Args:
        found: what the tokens say.
        strict: whether to allow less than is possible, rather than more, where tokens' own calls overlap.
    """
    begins = [hold.begin_max for hold in found.certain]
    ends = [hold.end_min for hold in found.certain]
    zones = [Zone() for _ in range(len(ends) + 1)]
    for want in _free_wants(found, strict):
        at = bisect_left(ends, want.begin)  # the holds before it certainly ended before
        across = False
        if at < len(ends):
            if (
                begins[at] < want.begin
            ):  # it begins within a hold: only the zone behind can serve it
                at += 1
            else:
                across = want.end > ends[at]
        (zones[at].across if across else zones[at].frees).append(want)
    for row in found.observations:
        if row.kind is Kind.HELD:
            at = bisect_left(ends, row.invoked)
            if at == len(begins) or row.returned < begins[at]:
                zones[at].helds.append(Want(row.invoked, row.returned, (row.place,)))
    return zones


def _free_wants(found: TokenHolds, strict: bool) -> list[Want]:
    if strict:
        return [Want(*window) for window in windows(found)]
    wants = [
        Want(row.invoked, row.returned, (row.place,))
        for row in found.observations
        if row.kind is Kind.FREE
    ]
    for hold in found.instants:
        wants += _around(hold)
    return wants


def _around(hold: Hold) -> list[Want]:
    """Return that a hold which may be short has a free instant just before and just after."""
    before = Want(hold.begin_min, min(hold.begin_max, hold.end_max), (hold.acquire.place,))
    assert hold.release is not None
    if hold.end_max == NEVER:
        return [before]
    return [before, Want(max(hold.begin_min, hold.end_min), hold.end_max, (hold.release.place,))]


def maybes_of(found: TokenHolds, strict: bool) -> list[Maybe]:
    """Return the unknown acquires that may explain observations; for ``strict`` see ``zones_of``."""
    maybes = [
        Maybe(
            possible.begin_late if strict else possible.begin_min,
            possible.end_min,
            possible.acquire,
            possible.release,
        )
        for possible in found.possible
    ]
    if not strict:
        maybes += [
            Maybe(hold.begin_min, hold.end_min, hold.acquire, hold.release)
            for hold in found.instants
        ]
    return maybes
