"""Mutexes with a lease, by token: exact where every acquire was answered within the TTL.

A hold that was granted within [a1, a2] certainly lasts from a2 until its release is invoked, or until
a1 and the TTL. Where a2 comes before that for all, these times fix the order. Then granting each as early
as can be is best: an earlier lease may end earlier, but need not. Without that condition it is the
scheduling of jobs with release times and deadlines on one machine, which is strongly NP-complete
(Garey and Johnson 1979, SS1).

What is outside is put between two histories: one without all that is not certain, in which a contradiction is
one of the whole; and one order that is likely, which is tried on the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import Factory, define, frozen

from holdfast.checker.locks.certificate import (
    CertainHold,
    Certificate,
    DeniedHolder,
    LeasesTooLong,
    StrangersRelease,
)
from holdfast.checker.locks.likely import Placed, likely_order
from holdfast.checker.locks.rows import NEVER, Kind, Order, Outside, Row, Rows
from holdfast.checker.locks.says import kind_of
from holdfast.checker.problem import Problem
from holdfast.models.leased_mutex import LeasedMutex, timed_of
from holdfast.models.model import Ok
from holdfast.models.value import Value


@frozen
class Lease:
    """A hold that certainly happened.

    Args:
        acquire: its acquire.
        release: the release that ended it, or the first of unknown outcome that may have; ``None`` if
            there is none.
        end_max: when it must have ended.
        bound: the row that ``end_max`` is the return of, if there is one.
        certain: whether there is a time at which it certainly held, so that its place among the others is
            known, and nothing of its token leaves a choice.
    """

    acquire: Row
    release: Row | None
    end_max: int
    bound: Row | None
    certain: bool

    def end(self, begin: int, ttl: int) -> int:
        """Return when the hold ends at the earliest, if it began at an instant."""
        if self.release is None:
            return begin + ttl
        released = max(begin, self.release.invoked)
        given_back = self.release.returned < NEVER
        return released if given_back else min(released, begin + ttl)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that its times come from."""
        named = (self.acquire, self.release, self.bound)
        return tuple(dict.fromkeys(row for row in named if row is not None))


@define
class _Calls:
    """The calls of one acquire attempt."""

    acquire: Row | None = None
    releases: list[Row] = Factory(list)
    denied: list[Row] = Factory(list)


def decide_leased(problem: Problem) -> Order | Certificate | Outside:
    """Return an order of effects of a ``LeasedMutex``, or why there is none."""
    model = problem.model
    assert isinstance(model, LeasedMutex)
    rows = rows_of_leases(problem)
    found = _leases(rows, 2 * model.ttl)
    if not isinstance(found, list):
        return found
    certain = [lease for lease in found if lease.certain]
    placed = granted_early(certain, 2 * model.ttl)
    if not isinstance(placed, list):
        return placed
    flips = (Kind.ACQUIRE, Kind.RELEASE)
    if len(certain) < len(found) or any(row.kind not in flips for row in rows):
        return likely_order(problem, rows, _granted_likely(found, 2 * model.ttl))
    return Order(tuple(row.place for hold in placed for row in hold.rows))


def rows_of_leases(problem: Problem) -> list[Row]:
    """Return the operations of a ``LeasedMutex`` as rows; reads of unknown outcome say nothing."""
    tokens: dict[Value, int] = {}
    rows = []
    asked = zip(problem.operations, problem.calls, problem.results, strict=True)
    for place, (operation, call, result) in enumerate(asked):
        kind = kind_of(call, result)
        if kind is not None:
            token = timed_of(call).token
            if kind is Kind.HOLDER and isinstance(result, Ok):
                token = result.value
            number = tokens.setdefault(token, len(tokens))
            returned = operation.returned
            ends = NEVER if returned is None else 2 * returned + 1
            rows.append(Row(place, kind, number, 2 * operation.invoked, ends))
    return rows


def _leases(rows: Rows, ttl: int) -> list[Lease] | Certificate | Outside:
    """Return the holds that certainly happened, or why a token's calls are impossible."""
    calls: dict[int, _Calls] = {}
    for row in rows:
        its = calls.setdefault(row.token, _Calls())
        if row.kind is Kind.RELEASE:
            its.releases.append(row)
        elif row.kind is Kind.NOT_HOLDER:
            its.denied.append(row)
        elif row.kind is Kind.ACQUIRE:
            if its.acquire is not None:
                return Outside("a token is used for several attempts")
            its.acquire = row
    leases = []
    for its in calls.values():
        found = _lease(its, ttl)
        if isinstance(found, Lease):
            leases.append(found)
        elif found is not None:
            return found
    return leases


def _lease(its: _Calls, ttl: int) -> Lease | Certificate | None:
    """Return a token's hold; ``None`` if it need not have happened."""
    known = [row for row in its.releases if row.returned < NEVER]
    acquire = its.acquire
    if len(known) > 1:
        return StrangersRelease(known[1].place, known[0].place)
    if known and acquire is None:
        return StrangersRelease(known[0].place, None)
    if acquire is None or (acquire.returned == NEVER and not known):
        return None
    if known and known[0].returned < acquire.invoked:
        return StrangersRelease(known[0].place, acquire.place)
    lost = min(its.releases, key=lambda row: row.invoked, default=None)
    release = known[0] if known else lost
    bounds = [*known, *(row for row in its.denied if row.invoked > acquire.returned)]
    bound = min(bounds, key=lambda row: row.returned, default=None)
    end_max = NEVER if bound is None else bound.returned
    lease = Lease(acquire, release, end_max, bound, certain=False)
    ends = lease.end(acquire.invoked, ttl)
    if acquire.returned >= ends:
        return lease
    if bound is not None and bound.returned < ends:
        until = None if release is None else release.place
        return DeniedHolder(CertainHold(acquire.place, acquire.place, until), bound.place)
    clear = all(
        row.invoked > acquire.returned or row.returned < acquire.invoked for row in its.denied
    )
    return Lease(acquire, release, end_max, bound, certain=clear)


def granted_early(leases: Iterable[Lease], ttl: int) -> list[Placed] | LeasesTooLong:
    """Return every lease granted as early as it can be, or why there is no such order.

    Args:
        leases: those whose place among the others is certain.
        ttl: for how long each lasts.
    """
    placed: list[Placed] = []
    chain: list[Lease] = []
    ended = -NEVER
    for lease in sorted(leases, key=lambda lease: lease.acquire.returned):
        if chain and ended <= lease.acquire.invoked:
            chain = []  # it does not depend on any before
        elif chain and chain[-1].end(chain[-1].acquire.invoked, ttl) == ended:
            chain = chain[-1:]  # however early that one began
        chain.append(lease)
        begin = max(lease.acquire.invoked, ended)
        ended = lease.end(begin, ttl)
        if begin > lease.acquire.returned or ended > lease.end_max:
            return _too_long(chain, early=begin <= lease.acquire.returned)
        placed.append(_placed(lease, begin, ended))
    return placed


def _granted_likely(leases: Iterable[Lease], ttl: int) -> list[Placed]:
    """Return all leases one after the other, those without a certain place where they probably fit."""
    placed: list[Placed] = []
    ended = -NEVER
    for lease in sorted(leases, key=lambda lease: min(lease.acquire.returned, lease.end_max)):
        begin = max(lease.acquire.invoked, ended)
        if not lease.certain and lease.release is not None:
            begin = max(begin, min(lease.release.invoked, lease.acquire.returned))
        ended = lease.end(begin, ttl)
        placed.append(_placed(lease, begin, ended))
    return placed


def _placed(lease: Lease, begin: int, end: int) -> Placed:
    release = lease.release
    if release is not None and release.returned == NEVER and release.invoked > end:
        release = None  # it expired
    return Placed(begin, end, lease.acquire, release)


def _too_long(chain: Sequence[Lease], *, early: bool) -> LeasesTooLong:
    """Return the chain as a certificate; of the last lease its end counts only if it ended too early."""
    *before, last = chain
    rows = [row for lease in before for row in lease.rows]
    return LeasesTooLong(
        tuple(row.place for row in (*rows, *(last.rows if early else last.rows[:1])))
    )
