"""A second brute force, for histories of a dozen operations: every order, with what was seen remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.checker.lock_operations import Drawn

from holdfast.checker.problem import Problem
from holdfast.models import Info, Refused
from holdfast.models.model import Call, Result


def has_order(problem: Problem) -> bool:
    """Return whether the operations have a legal order that keeps real-time order."""
    asked = list(zip(problem.calls, problem.results, strict=True))
    return _has_order(problem.model, asked, problem.endpoints)


def calls_have_order(model: Any, calls: Sequence[Drawn]) -> bool:
    """Return whether calls have a legal order, for models that take no instants."""
    marks = [(2 * invoked, at) for at, (_, _, invoked, _) in enumerate(calls)]
    marks += [
        (2 * returned + 1, ~at)
        for at, (_, result, _, returned) in enumerate(calls)
        if not isinstance(result, Info)
    ]
    marks.sort()
    return _has_order(model, [drawn[:2] for drawn in calls], [mark for _, mark in marks])


def _has_order(model: Any, asked: Sequence[tuple[Call, Result]], endpoints: Sequence[int]) -> bool:
    size = len(asked)
    required = sum(1 << at for at, (_, result) in enumerate(asked) if not isinstance(result, Info))
    before, returned = [0] * size, 0
    for mark in endpoints:
        if mark >= 0:
            before[mark] = returned
        else:
            returned |= 1 << ~mark
    step = model.step
    seen = set()
    stack = [(0, model.initial())]
    while stack:
        done, state = stack.pop()
        if done & required == required:
            return True
        for at in range(size):
            if done >> at & 1 or before[at] & ~done:
                continue
            following = step(state, *asked[at])
            if following.__class__ is Refused:
                continue
            entry = (done | 1 << at, following)
            if entry not in seen:
                seen.add(entry)
                stack.append(entry)
    return False
