"""Rules of the procedures for locks by token, each with words that break it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from holdfast.checker.locks import fenced, held, placing, token_holds, tokens, zones

OWNED = ("owned-mutex", "owned-mutex,observing")
OBSERVING = ("owned-mutex,observing",)
FENCED = ("fenced-mutex", "fenced-mutex,observing", "fenced-mutex,consecutive")
PERMITS = ("owned-semaphore",)

Broken = tuple[tuple[str, ...], Callable[..., Any], str, str]
"""The models whose histories show it, the function, its words, and what stands there instead."""

BY_TOKEN: dict[str, Broken] = {
    "two releases": (OWNED, token_holds._hold, "len(known) > 1", "False"),
    "a release without an acquire": (OWNED, token_holds._hold, "if known:\n", "if False:\n"),
    "a release before the acquire": (
        OWNED,
        token_holds._hold,
        "if known and known[0].returned < acquire.invoked",
        "if False",
    ),
    "an unknown acquire need not happen": (
        OWNED,
        token_holds._hold,
        "if acquire.returned == NEVER and not known and not calls.told",
        "if False",
    ),
    "a read before the acquire": (
        OWNED,
        token_holds._hold,
        "if since.returned < acquire.invoked",
        "if False",
    ),
    "a read after the release": (
        OWNED,
        token_holds._hold,
        "if release.returned < until.invoked",
        "if False",
    ),
    "a read lengthens a hold": (OWNED, token_holds._hold, "[release, *calls.told]", "[release]"),
    "the first lost release counts": (OWNED, token_holds._hold, "lost = min(", "lost = max("),
    "denied within its own hold": (
        OWNED,
        token_holds._denied,
        "row.invoked > hold.begin_max and row.returned < hold.end_min",
        "False",
    ),
    "a later denial bounds the end": (
        OWNED,
        token_holds._denied,
        "end_max = min(end_max, row.returned)",
        "pass",
    ),
    "a token used again": (OWNED, token_holds._by_attempt, "again.keys() & overlapping", "False"),
    "overlapping holds": (OWNED, tokens.saturated, "len(holding) > permits", "False"),
    "too many permits": (PERMITS, tokens.saturated, "len(holding) > permits", "False"),
    "a hold that ended is no more": (PERMITS, tokens.saturated, "heappop(holding)", "break"),
    "a time that must be free": (OWNED, tokens.never_free, "instant > end", "False"),
    "a short hold needs a free instant": (
        OWNED,
        tokens.windows,
        "frees + [_window(hold) for hold in found.instants]",
        "frees",
    ),
    "seen held": (OWNED, tokens.shrunk, "> row.returned", "> NEVER"),
    "a free instant is not within": (
        OWNED,
        placing.free_instant,
        "full[at].begin < instant",
        "False",
    ),
    "a hold ends where it must be free": (OWNED, held._Sweep._end, "frees, begin_max", "begin_max"),
    "a hold ends before a later denial": (OWNED, held._Sweep._end, "min(hold.end_max, ", "min("),
    "what spans a hold must be free behind it": (
        OBSERVING,
        held._Sweep._end,
        "self._pending, ",
        "",
    ),
    "a hold begins early for what was seen": (
        OWNED,
        held._Sweep._fill,
        "if self._begin_min(number) < first and next_free == NEVER",
        "if False",
    ),
    "but not before its acquire": (
        OWNED,
        held._Sweep._fill,
        "self._begin_min(number) < first and ",
        "",
    ),
    "and not before what must be free": (OWNED, held._Sweep._fill, " and next_free == NEVER", ""),
    "unknown acquires run out": (
        OWNED,
        held._Sweep._ready_for,
        "heappop(self._ready)[2]",
        "self._ready[0][2]",
    ),
    "an unknown acquire is granted after its call": (
        OWNED,
        held._Sweep._ready_for,
        "self._waiting[-1].begin < begin",
        "True",
    ),
    "an unknown acquire must be given back": (
        OWNED,
        held._Sweep._ready_for,
        "self._ready[0][0] < end or ",
        "True or ",
    ),
    "what lies across a hold": (OBSERVING, held._Sweep.run, "if want.begin > begins", "if False"),
    "seen held within a zone only": (OWNED, zones.zones_of, "row.returned < begins[at]", "True"),
    "fencing tokens rise": (FENCED, fenced._in_fence_order, "earliest > hold.begin_max", "False"),
    "unknown grants take fencing tokens": (
        FENCED,
        fenced._Joined._rises,
        "highest + 1\n            continue",
        "highest\n            continue",
    ),
    "no fencing token is missing": (
        ("fenced-mutex,consecutive",),
        fenced._Joined._fill_gaps,
        "acquire.fence - highest - 1 - unknown",
        "0",
    ),
}
