"""Every rule of the procedures matters: with any of them broken, brute force disagrees."""

from __future__ import annotations

import functools
import inspect
import random
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

import pytest
from tests.checker.lock_histories import MODELS, random_problem

from holdfast.checker.locks import fenced, held, placing, reentrant, token_holds, tokens, unowned
from holdfast.checker.locks.decide import decide
from holdfast.checker.locks.rows import Order
from holdfast.checker.replay import objection

HISTORIES = 60_000

OWNED = ("owned-mutex", "owned-mutex,observing")
OBSERVING = ("owned-mutex,observing",)
FENCED = ("fenced-mutex", "fenced-mutex,observing", "fenced-mutex,consecutive")
UNOWNED = ("mutex,observing",)
PERMITS = ("owned-semaphore",)

Broken = tuple[tuple[str, ...], Callable[..., Any], str, str]

FAULTS: dict[str, Broken] = {
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
    "seen held within a zone only": (OWNED, held._zones, "row.returned < begins[at]", "True"),
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


@functools.cache
def broken_code(function: Callable[..., Any], right: str, wrong: str) -> CodeType:
    """Return the code of a function with some of its words replaced by others."""
    source = textwrap.dedent(inspect.getsource(function))
    assert right in source, f"{function.__qualname__} has no {right!r} any more"
    names = dict(vars(sys.modules[function.__module__]))
    exec(f"from __future__ import annotations\n{source.replace(right, wrong)}", names)
    code: CodeType = names[function.__name__].__code__
    return code


@contextmanager
def broken(function: Any, right: str, wrong: str) -> Iterator[None]:
    """Break a function for a while."""
    broken = broken_code(function, right, wrong)
    code = function.__code__
    function.__code__ = broken
    try:
        yield
    finally:
        function.__code__ = code


def is_noticed(fault: Broken) -> bool:
    """Return whether the procedures, one of them broken, answer otherwise or prove nothing.

    That they are right when they are whole is tested in test_decide.py.
    """
    names, function, right_words, wrong_words = fault
    source = random.Random(repr(names))
    for number in range(HISTORIES):
        model = MODELS[names[number % len(names)]]
        problem = random_problem(model, source)
        right = decide(problem)
        try:
            with broken(function, right_words, wrong_words):
                answer = decide(problem)
        except Exception:  # that, too, is noticed
            return True
        if isinstance(answer, Order) and isinstance(right, Order):
            if objection(problem, answer.places) is not None:
                return True
        elif type(answer) is not type(right):
            return True
    return False


@pytest.mark.parametrize("rule", FAULTS)
def test_a_broken_rule_is_noticed(rule: str) -> None:
    assert is_noticed(FAULTS[rule])
