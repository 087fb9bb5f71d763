"""A second brute force, for histories of a dozen operations: every order, with what was seen remembered."""

from __future__ import annotations

from typing import Any

from holdfast.checker.problem import Problem
from holdfast.models import Info, Refused


def has_order(problem: Problem) -> bool:
    """Return whether the operations have a legal order that keeps real-time order."""
    model: Any = problem.model
    size = len(problem.operations)
    asked = list(zip(problem.calls, problem.results, strict=True))
    required = sum(1 << at for at, (_, result) in enumerate(asked) if not isinstance(result, Info))
    before, returned = [0] * size, 0
    for mark in problem.endpoints:
        if mark >= 0:
            before[mark] = returned
        else:
            returned |= 1 << ~mark
    seen = set()
    stack = [(0, model.initial())]
    while stack:
        done, state = stack.pop()
        if done & required == required:
            return True
        for at in range(size):
            if done >> at & 1 or before[at] & ~done:
                continue
            following = model.step(state, *asked[at])
            if isinstance(following, Refused):
                continue
            entry = (done | 1 << at, following)
            if entry not in seen:
                seen.add(entry)
                stack.append(entry)
    return False
