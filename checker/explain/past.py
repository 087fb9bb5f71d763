"""Forgetting the past: what happened long before the part of a history that fails."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator, Sequence

from attrs import frozen

from holdfast.checker.budget import Watch
from holdfast.checker.explain.parts import Part
from holdfast.checker.problem import Problem
from holdfast.models.model import Info, Refused

CONFIGURATIONS_MAX = 5000
RECENT = 8
LONGER = (4, 8, 16, 32)

Configuration = tuple[Hashable, frozenset[int], frozenset[int]]
"""A state, and the numbers of the pending operations that have taken effect: of known outcome, of unknown."""

Outlook = frozenset[Configuration]
"""Every configuration that a past can have led to, without those that another makes superfluous."""


@frozen
class _Instant:
    """A moment of a history, and all that the rest of it can depend on.

    Args:
        before: the number of the operation that is invoked next.
        completed: the numbers of the operations that have returned, in that order.
        outlook: what the past has led to.
    """

    before: int
    completed: tuple[int, ...]
    outlook: Outlook


def forget_past(part: Part, still_fails: Callable[[Part], bool], watch: Watch) -> Part:
    """Return ``part`` without most of what had returned by some instant, as late a one as is found.

    Of what had returned by an instant, operations may be removed where the outlook of what remains
    covers the outlook that was: whatever can follow the whole past can then follow the shorter one.

    Args:
        part: any part.
        still_fails: whether a smaller part serves.
        watch: limits the search.
    """
    instants = list(_instants(part.problem(), watch))
    distance = 1
    while distance <= len(instants):
        instant = instants[-distance]
        for kept in _short_pasts(instant.completed):
            shorter = part.without(frozenset(instant.completed).difference(kept))
            outlook = _outlook(shorter, instant.before, watch)
            if _covers(outlook, instant.outlook) and still_fails(shorter):
                return shorter
        distance += 1 + distance // 4
    return part


def _short_pasts(completed: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield some of the operations that had returned: none, one, two, or some more of the last."""
    recent = completed[-RECENT:][
        ::-1
    ]  # the last first: it is the likeliest to have decided the state
    yield ()
    yield from itertools.combinations(recent, 1)
    yield from itertools.combinations(recent, 2)
    for length in LONGER:
        yield completed[-length:]


def _outlook(part: Part, before: int, watch: Watch) -> Outlook:
    for instant in _instants(part.problem(), watch):
        if instant.before == before:
            return instant.outlook
    return frozenset()


def _covers(outlook: Outlook, other: Outlook) -> bool:
    return all(any(_serves_for(mine, its) for mine in outlook) for its in other)


def _serves_for(first: Configuration, second: Configuration) -> bool:
    # An unknown operation that was not used yet may be used later, or never.
    return first[:2] == second[:2] and first[2] <= second[2]


def _instants(problem: Problem, watch: Watch) -> Iterator[_Instant]:
    """Yield the instants just before each invocation, while their outlooks are small.

    An operation takes effect only when a return demands it (just-in-time linearization; Lowe, *Testing
    for Linearizability*): it keeps the outlooks small, and no order is missed.
    """
    past = _Past(problem)
    completed: tuple[int, ...] = ()
    for mark in problem.endpoints:
        if mark >= 0:
            yield _Instant(past.numbers[mark], completed, frozenset(past.configurations))
            past.pending.append(mark)
            continue
        past.let_return(~mark)
        completed += (past.numbers[~mark],)
        if not 0 < len(past.configurations) <= CONFIGURATIONS_MAX or watch.exhausted() is not None:
            return


class _Past:
    """All configurations at once, breadth first."""

    def __init__(self, problem: Problem) -> None:
        self.numbers = [operation.number for operation in problem.operations]
        self.pending: list[int] = []
        self.configurations: set[Configuration] = {
            (problem.model.initial(), frozenset(), frozenset())
        }
        self._problem = problem

    def let_return(self, place: int) -> None:
        """Keep the configurations in which the operation has taken effect, or does so now."""
        number = self.numbers[place]
        seen = self.configurations
        queue = [configuration for configuration in seen if number not in configuration[1]]
        survivors = {(state, done - {number}, used) for state, done, used in seen if number in done}
        for configuration in queue:  # grows as it goes
            for following in self._successors(configuration):
                state, done, used = following
                if number in done:
                    survivors.add((state, done - {number}, used))
                elif following not in seen:
                    seen.add(following)
                    queue.append(following)
        self.pending.remove(place)
        self.configurations = _without_superfluous(survivors)

    def _successors(self, configuration: Configuration) -> Iterator[Configuration]:
        state, done, used = configuration
        for place in self.pending:
            number, result = self.numbers[place], self._problem.results[place]
            if number in done or number in used:
                continue
            following = self._problem.model.step(state, self._problem.calls[place], result)
            if isinstance(following, Refused):
                continue
            if not isinstance(result, Info):
                yield following, done | {number}, used
            elif following != state:
                yield following, done, used | {number}


def _without_superfluous(configurations: set[Configuration]) -> set[Configuration]:
    kept: dict[tuple[Hashable, frozenset[int]], list[frozenset[int]]] = {}
    for state, done, used in sorted(
        configurations, key=lambda configuration: len(configuration[2])
    ):
        least = kept.setdefault((state, done), [])
        if not any(other <= used for other in least):
            least.append(used)
    return {(state, done, used) for (state, done), least in kept.items() for used in least}
