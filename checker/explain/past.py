"""Forgetting the past: what happened long before the part of a history that fails."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence

from attrs import frozen

from holdfast.checker.budget import Watch
from holdfast.checker.explain.parts import Part
from holdfast.checker.problem import Problem
from holdfast.models.model import Info, Refused

SEEN_MAX = 20_000
RECENT = 8
LONGER = (4, 8, 16, 32)

Point = tuple[Hashable, frozenset[int]]
"""A state, and the numbers of the pending operations of known outcome that have taken effect."""

Outlook = Mapping[Point, Sequence[frozenset[int]]]
"""What a past can have led to: each point, with the least sets of unknown operations that it took."""


@frozen
class _Instant:
    """A moment of a history, and all that the rest of it can depend on.

    Args:
        before: the number of the operation that is invoked next.
        returned: how many operations have returned.
        outlook: what the past has led to.
    """

    before: int
    returned: int
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
    problem = part.problem()
    returns = [problem.operations[~mark].number for mark in problem.endpoints if mark < 0]
    wanted = {
        len(problem.operations) - distance for distance in _distances(len(problem.operations))
    }
    instants = [
        instant for place, instant in enumerate(_instants(problem, watch)) if place in wanted
    ]
    for instant in reversed(instants):
        completed = returns[: instant.returned]
        for kept in _short_pasts(completed):
            if watch.exhausted() is not None:
                return part
            shorter = part.without(frozenset(completed).difference(kept))
            outlook = _outlook(shorter, instant.before, watch)
            if _covers(outlook, instant.outlook) and still_fails(shorter):
                return shorter
    return part


def _distances(most: int) -> Iterator[int]:
    """Yield distances from the end: near it every one, farther away fewer and fewer."""
    distance = 1
    while distance <= most:
        yield distance
        distance += 1 + distance // 4


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
    return {}


def _covers(outlook: Outlook, other: Outlook) -> bool:
    # An unknown operation that was not used yet may be used later, or never.
    return all(
        any(mine <= its for mine in outlook.get(point, ()))
        for point, used in other.items()
        for its in used
    )


def _instants(problem: Problem, watch: Watch) -> Iterator[_Instant]:
    """Yield the instants just before each invocation, while their outlooks are small.

    An operation takes effect only when a return demands it (just-in-time linearization; Lowe, *Testing
    for Linearizability*): it keeps the outlooks small, and no order is missed.
    """
    past = _Past(problem)
    returned = 0
    for mark in problem.endpoints:
        if mark >= 0:
            yield _Instant(past.numbers[mark], returned, past.outlook)
            past.pending.append(mark)
            continue
        past.let_return(~mark)
        returned += 1
        if not past.outlook or watch.exhausted() is not None:
            return


class _Past:
    """All that a past can have led to, breadth first."""

    def __init__(self, problem: Problem) -> None:
        self.numbers = [operation.number for operation in problem.operations]
        self.pending: list[int] = []
        self.outlook: Outlook = {(problem.model.initial(), frozenset()): [frozenset()]}
        self._problem = problem

    def let_return(self, place: int) -> None:
        """Keep the points at which the operation has taken effect, or does so now.

        Keep none if there are too many.
        """
        number = self.numbers[place]
        queue = [(point, used) for point, every in self.outlook.items() for used in every]
        seen = set(queue)
        survivors = set()
        for (state, done), used in queue:  # grows as it goes
            if number in done:
                survivors.add(((state, done - {number}), used))
                continue
            for following in self._successors(state, done, used):
                if following not in seen:
                    seen.add(following)
                    queue.append(following)
            if len(seen) > SEEN_MAX:
                survivors.clear()
                break
        self.pending.remove(place)
        self.outlook = _least(survivors)

    def _successors(
        self, state: Hashable, done: frozenset[int], used: frozenset[int]
    ) -> Iterator[tuple[Point, frozenset[int]]]:
        for place in self.pending:
            number, result = self.numbers[place], self._problem.results[place]
            if number in done or number in used:
                continue
            following = self._problem.model.step(state, self._problem.calls[place], result)
            if isinstance(following, Refused):
                continue
            if not isinstance(result, Info):
                yield (following, done | {number}), used
            elif following != state:
                yield (following, done), used | {number}


def _least(configurations: Collection[tuple[Point, frozenset[int]]]) -> Outlook:
    outlook: dict[Point, list[frozenset[int]]] = {}
    for point, used in sorted(configurations, key=lambda configuration: len(configuration[1])):
        least = outlook.setdefault(point, [])
        if not any(other <= used for other in least):
            least.append(used)
    return outlook
