"""How configurations came about: a tree of steps, each knowing the one before."""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import TypeAlias

from holdfast.checker.core.python.problem import OVERWRITES, Problem


class Step(enum.Enum):
    """What a step of a trail does."""

    LINEARIZE = enum.auto()
    """The operation takes effect."""
    UNKNOWN = enum.auto()
    """One more of a class of operations of unknown outcome takes effect."""
    ABSORB = enum.auto()
    """The operation took effect unseen, just before the latest overwriting one."""


Trail: TypeAlias = "tuple[Trail, Step, int] | None"
"""The trail before, the step, and the operation or its class; ``None`` at the start."""


def order_of(trail: Trail, problem: Problem) -> list[int]:
    """Return the operations of a trail in an order of effect."""
    unknown = _unknown_by_class(problem)
    visible: list[int] = []
    hidden_before: defaultdict[int, list[int]] = defaultdict(list)
    latest_overwrite = 0
    for step, what in _steps(trail):
        if step is Step.ABSORB:
            hidden_before[latest_overwrite].append(what)
            continue
        op = unknown[what].pop() if step is Step.UNKNOWN else what
        if problem.kind[op] == OVERWRITES:
            latest_overwrite = len(visible)
        visible.append(op)
    order: list[int] = []
    for place, op in enumerate(visible):
        order += (*hidden_before[place], op)
    return order


def _steps(trail: Trail) -> list[tuple[Step, int]]:
    steps = []
    while trail is not None:
        trail, step, what = trail
        steps.append((step, what))
    return steps[::-1]


def _unknown_by_class(problem: Problem) -> defaultdict[int, list[int]]:
    """Return the operations of unknown outcome, last first: they are alike, so the first are used first."""
    unknown: defaultdict[int, list[int]] = defaultdict(list)
    for op in reversed(range(len(problem.op_class))):
        if not problem.returns(op):
            unknown[problem.op_class[op]].append(op)
    return unknown
