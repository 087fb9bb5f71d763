"""Rules of the procedures for other locks, each with words that break it."""

from __future__ import annotations

from tests.checker.locks.faults_by_token import FENCED, Broken

from holdfast.checker.locks import leased, likely, reentrant, unowned, window

UNOWNED = ("mutex,observing",)
LEASED = ("leased-mutex",)
DENIED = ("leased-mutex,observing",)

OF_OTHERS: dict[str, Broken] = {
    "equal fencing tokens": (
        ("unowned-fenced-mutex", *FENCED),
        unowned.wrong_fences,
        "lower.fence == higher.fence",
        "False",
    ),
    "missing fencing tokens": (
        ("unowned-fenced-mutex,consecutive",),
        unowned.wrong_fences,
        "missing > 0 and",
        "False and",
    ),
    "the first to return goes first": (
        UNOWNED,
        unowned._Counting._invoke,
        "(row.returned, at)",
        "(-row.returned, at)",
    ),
    "a release only while held": (UNOWNED, unowned._Counting._serve, "self._holds == 0", "False"),
    "an acquire only while free": (
        UNOWNED,
        unowned._Counting._serve,
        "self._holds == self._permits",
        "False",
    ),
    "each change serves those that wait": (
        UNOWNED,
        unowned._Counting._take_effect,
        "self._observe(kind)",
        "pass",
    ),
    "room for unknown grants": (
        ("unowned-fenced-mutex",),
        unowned._Fenced._grant,
        "self._highest += 1",
        "pass",
    ),
    "a window begins in any state": (UNOWNED, window.Window._has_order, "1 if fresh else", "1 or"),
    "what may lie between is counted": (
        UNOWNED,
        window.outnumbered,
        "count > len(returns) - before + more",
        "count > len(returns) - before",
    ),
    "nothing is given back before it was taken": (
        ("semaphore",),
        window.outnumbered,
        "if stuck.kind is Kind.RELEASE and fresh else permits",
        "if stuck.kind is Kind.RELEASE else permits",
    ),
    "what reaches into a window counts": (
        UNOWNED,
        window.Window.refutes,
        "calls.append(_call(row, needed=False))",
        "pass",
    ),
    "what ended before a window is no part of it": (
        UNOWNED,
        window.Window.refutes,
        "row.returned < begin:",
        "row.returned < end:",
    ),
    "two releases of a lease": (LEASED, leased._lease, "len(known) > 1", "False"),
    "a release of a lease without an acquire": (
        LEASED,
        leased._lease,
        "known and acquire is None",
        "False",
    ),
    "a release before the lease": (
        LEASED,
        leased._lease,
        "known and known[0].returned < acquire.invoked",
        "False",
    ),
    "an unknown lease need not happen": (
        LEASED,
        leased._lease,
        "if acquire is None or (acquire.returned == NEVER and not known)",
        "if acquire is None",
    ),
    "the first lost release of a lease counts": (
        LEASED,
        leased._lease,
        "lost = min(",
        "lost = max(",
    ),
    "a lease that may have ended when it was answered": (
        LEASED,
        leased._lease,
        "acquire.returned >= ends",
        "False",
    ),
    "a lease that was lost early": (DENIED, leased._lease, "bound.returned < ends", "False"),
    "a denial after the lease bounds it": (
        DENIED,
        leased._lease,
        "if row.invoked > acquire.returned)]",
        "if False)]",
    ),
    "a denial that may be before or after": (
        DENIED,
        leased._lease,
        "certain=clear",
        "certain=True",
    ),
    "a lease lasts": (LEASED, leased.Lease.end, "return begin + ttl", "return begin"),
    "a lost release ends a lease": (
        LEASED,
        leased.Lease.end,
        "min(released, begin + ttl)",
        "released",
    ),
    "a lease ends although its release is lost": (
        LEASED,
        leased.Lease.end,
        "min(released, begin + ttl)",
        "begin + ttl",
    ),
    "a lease begins after the one before": (
        LEASED,
        leased.granted_early,
        "begin = max(lease.acquire.invoked, ended)",
        "begin = lease.acquire.invoked",
    ),
    "a lease begins before its answer": (
        LEASED,
        leased.granted_early,
        "begin > lease.acquire.returned or",
        "",
    ),
    "a lease has ended when that was seen": (
        DENIED,
        leased.granted_early,
        "or ended > lease.end_max",
        "",
    ),
    "the leases before count if they pushed": (
        LEASED,
        leased.granted_early,
        "elif chain and chain[-1].end(",
        "elif chain and ended or chain[-1].end(",
    ),
    "a token with two leases": (LEASED, leased._leases, "its.acquire is not None", "False"),
    "a likely order is tried": (
        LEASED,
        likely.likely_order,
        "objection(problem, order) is not None",
        "False",
    ),
    "holds are counted": (
        ("reentrant-mutex",),
        reentrant._Reduced._acquire,
        "owner.holds == self._holds_max and",
        "False and",
    ),
    "the last release ends the hold": (
        ("reentrant-mutex",),
        reentrant._Reduced._release,
        "if owner.holds == 0:\n        self",
        "if True:\n        self",
    ),
    "a release without a hold": (
        ("reentrant-mutex",),
        reentrant._Reduced._release,
        "Miscounted(row.place, None) if row.returned < NEVER else None",
        "None",
    ),
    "calls of an owner that overlap": (
        ("reentrant-mutex",),
        reentrant._overlap,
        "return True",
        "return False",
    ),
}
