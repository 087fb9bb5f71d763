"""Forgetting the settled past: what happened long before the part of a history that fails."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from attrs import frozen

from holdfast.checker.budget import Watch
from holdfast.checker.explain.parts import Part
from holdfast.checker.problem import Problem
from holdfast.histories.operation import Outcome
from holdfast.models.model import Info, Refused

CONFIGURATIONS_MAX = 5000

Configuration = tuple[Hashable, frozenset[int]]
"""A state, and the numbers of the pending operations that have taken effect."""


@frozen
class _Settled:
    """An instant at which nothing is pending but operations of unknown outcome.

    Args:
        before: the number of the operation that is invoked next.
        outlook: all configurations that the past may have led to; what follows depends on no more.
    """

    before: int
    outlook: frozenset[Configuration]


def forget_settled_past(part: Part, watch: Watch) -> Part:
    """Return ``part`` without what was completed before some instant, as late a one as is found.

    Take a shorter past, in which the operations completed before a settled instant are missing. If
    at a later settled instant its outlook contains that of the whole past, they may be removed: the
    rest of any legal order of the whole can follow after the shorter past as well.

    Args:
        part: any part.
        watch: limits the search.
    """
    instants = list(_settled(part.problem(), watch))
    outlooks = {instant.before: instant.outlook for instant in instants}
    distance = 1
    while distance <= len(instants):
        begin = instants[-distance].before
        shorter = _forget(part, begin)
        for instant in _settled(shorter.problem(), watch):
            whole = outlooks.get(instant.before)
            if instant.before >= begin and whole is not None and instant.outlook >= whole:
                return shorter
        distance += 1 + distance // 4
    return part


def _forget(part: Part, begin: int) -> Part:
    # Numbers rise with the invocations, and at a settled instant all that completes has completed.
    return part.without(
        [
            operation.number
            for operation in part.operations
            if operation.number < begin and operation.outcome is not Outcome.INFO
        ]
    )


def _settled(problem: Problem, watch: Watch) -> Iterator[_Settled]:
    """Yield the settled instants with their outlooks, breadth first, while they are small.

    An operation takes effect only when a return demands it (Lowe, *Testing for Linearizability*,
    just-in-time linearization): so outlooks are small, and no order is missed.
    """
    configurations: set[Configuration] = {(problem.model.initial(), frozenset())}
    pending: list[int] = []
    for mark in problem.endpoints:
        if mark >= 0:
            if all(isinstance(problem.results[place], Info) for place in pending):
                number = problem.operations[mark].number
                yield _Settled(number, frozenset(configurations))
            pending.append(mark)
            continue
        configurations = _survivors(problem, configurations, pending, ~mark)
        pending.remove(~mark)
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
