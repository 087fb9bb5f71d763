"""Forgetting the past: what happened long before the part of a history that fails."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence

from attrs import frozen

from holdfast.checker.budget import Watch
from holdfast.checker.explain.parts import Part
from holdfast.checker.problem import Problem
from holdfast.models.model import Info, Refused

CONFIGURATIONS_MAX = 5000
RECENT = 8

Configuration = tuple[Hashable, frozenset[int]]
"""A state, and the numbers of the pending operations that have taken effect."""


@frozen
class _Instant:
    """A moment of a history, and all that the rest of it can depend on.

    Args:
        before: the number of the operation that is invoked next.
        completed: the numbers of the operations that have returned, in that order.
        outlook: every configuration that the past can have led to.
    """

    before: int
    completed: tuple[int, ...]
    outlook: frozenset[Configuration]


def forget_past(part: Part, watch: Watch) -> Part:
    """Return ``part`` without most of what had returned by some instant, as late a one as is found.

    Of what had returned by an instant, any operations may be removed that leave the outlook as it
    was: what remains of the history can follow after the one past exactly if it can after the other.

    Args:
        part: any part.
        watch: limits the search.
    """
    instants = list(_instants(part.problem(), watch))
    distance = 1
    while distance <= len(instants):
        instant = instants[-distance]
        for kept in _short_pasts(instant.completed):
            shorter = part.without(frozenset(instant.completed).difference(kept))
            if _outlook(shorter, instant.before, watch) == instant.outlook:
                return shorter
        distance += 1 + distance // 4
    return part


def _short_pasts(completed: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield a few of the operations that had returned: none, one, two, or more and more of the last."""
    recent = completed[-RECENT:][
        ::-1
    ]  # the last first: it is the likeliest to have decided the state
    yield ()
    yield from itertools.combinations(recent, 1)
    yield from itertools.combinations(recent, 2)
    length = 4
    while length < len(completed):
        yield completed[-length:]
        length *= 2


def _outlook(part: Part, before: int, watch: Watch) -> frozenset[Configuration] | None:
    for instant in _instants(part.problem(), watch):
        if instant.before == before:
            return instant.outlook
    return None


def _instants(problem: Problem, watch: Watch) -> Iterator[_Instant]:
    """Yield the instants just before each invocation, while their outlooks are small.

    An operation takes effect only when a return demands it (just-in-time linearization; Lowe, *Testing
    for Linearizability*): it keeps the outlooks small, and no order is missed.
    """
    configurations: set[Configuration] = {(problem.model.initial(), frozenset())}
    numbers = [operation.number for operation in problem.operations]
    pending: list[int] = []
    completed: tuple[int, ...] = ()
    for mark in problem.endpoints:
        if mark >= 0:
            yield _Instant(numbers[mark], completed, frozenset(configurations))
            pending.append(mark)
            continue
        configurations = _survivors(problem, configurations, pending, ~mark)
        pending.remove(~mark)
        completed += (numbers[~mark],)
        if not configurations or len(configurations) > CONFIGURATIONS_MAX:
            return
        if watch.exhausted() is not None:
            return


def _survivors(
    problem: Problem, configurations: set[Configuration], pending: list[int], returning: int
) -> set[Configuration]:
    """Return the configurations after the return of ``returning``, which must take effect before."""
    number = problem.operations[returning].number
    survivors = {(state, done - {number}) for state, done in configurations if number in done}
    queue = [configuration for configuration in configurations if number not in configuration[1]]
    seen = set(queue)
    for state, done in queue:  # grows as it goes
        for place in pending:
            if problem.operations[place].number in done:
                continue
            following = problem.model.step(state, problem.calls[place], problem.results[place])
            if isinstance(following, Refused):
                continue
            if following == state and isinstance(problem.results[place], Info):
                continue
            if place == returning:
                survivors.add((following, done))
                continue
            configuration = (following, done | {problem.operations[place].number})
            if configuration not in seen:
                seen.add(configuration)
                queue.append(configuration)
    return survivors
