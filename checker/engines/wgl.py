"""The reference engine: Wing and Gong's search with Lowe's memoisation, in plain Python.

J. Wing and C. Gong, *Testing and Verifying Concurrent Objects*, Journal of Parallel and Distributed
Computing 17 (1993); G. Lowe, *Testing for Linearizability*, Concurrency and Computation: Practice
and Experience 29 (2017). It is written to be followed against the papers; faster engines are
compared with it.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterator, Sequence

from attrs import define

from holdfast.checker.budget import Watch
from holdfast.checker.engines import ENGINES, Answer, DeadEnd, GaveUp, NoOrder, Order
from holdfast.checker.problem import Problem
from holdfast.models.model import Info, Refused

DEAD_ENDS_SHOWN = 8
BYTES_PER_CONFIGURATION = 150
"""About what one takes beyond its bit mask: a pair, a slot in the set of visited ones, a state."""


@ENGINES.register("wgl")
class WingGongLowe:
    """Search depth first for the operation that takes effect next, once from each configuration."""

    def decide(self, problem: Problem, watch: Watch) -> Answer:
        """Return whether the problem's operations have a legal order.

        The time is exponential in the number of operations open at once. Those of unknown outcome
        are among them, as they stay open for ever.
        """
        return _Search(problem).run(watch)


@define(eq=False)
class _Configuration:
    """A point of the search: the state, and what was linearized on the way to it.

    Attributes:
        before: the configuration that it was reached from; ``None`` at the start.
        place: the operation that took effect last; ``None`` at the start.
        linearized: all that took effect, as a bit mask by place.
        state: the model's state after them.
        demanded: the operation that returns next, and must take effect before; ``None`` when all
            that return have.
        candidates: the operations that may take effect next, from the first not tried yet.
        stuck: whether none of those tried could take effect.
    """

    before: _Configuration | None
    place: int | None
    linearized: int
    state: Hashable
    demanded: int | None
    candidates: Iterator[int]
    stuck: bool = True

    def order(self) -> tuple[int, ...]:
        """Return the places of the operations that took effect, in order."""
        places = []
        here: _Configuration | None = self
        while here is not None and here.place is not None:
            places.append(here.place)
            here = here.before
        return tuple(reversed(places))


class _Search:
    def __init__(self, problem: Problem) -> None:
        self._model = problem.model
        self._calls = problem.calls
        self._results = problem.results
        self._unknown = [isinstance(result, Info) for result in problem.results]
        self._endpoints = _EndpointList(problem.endpoints, len(problem.operations))
        self._furthest = _Furthest(problem.endpoints)
        self._visited: set[tuple[int, Hashable]] = set()

    def run(self, watch: Watch) -> Answer:
        here = self._arrive(None, None, 0, self._model.initial())
        pace = watch.pace()
        while here.demanded is not None:
            if pace.due() and (reason := watch.exhausted(self._memory_bytes(here))) is not None:
                return GaveUp(reason, self._furthest.rank, len(self._visited))
            following = self._next(here)
            if following is not None:
                here = following
                continue
            if here.stuck:
                self._furthest.note_dead_end(here)
            if here.before is None:
                completion, dead_ends = self._furthest.found()
                return NoOrder(completion, dead_ends, len(self._visited))
            here = self._undo(here)
        return Order(here.order(), len(self._visited))

    def _next(self, here: _Configuration) -> _Configuration | None:
        """Let the next candidate that can take effect do so; ``None`` when there is none left."""
        for place in here.candidates:
            state = self._model.step(here.state, self._calls[place], self._results[place])
            if isinstance(state, Refused):
                continue
            # It need not happen, and where it changes nothing, leaving it out allows as much.
            if self._unknown[place] and state == here.state:
                continue
            here.stuck = False
            linearized = here.linearized | 1 << place
            if (linearized, state) not in self._visited:
                self._endpoints.lift(place)
                return self._arrive(here, place, linearized, state)
        return None

    def _arrive(
        self, before: _Configuration | None, place: int | None, linearized: int, state: Hashable
    ) -> _Configuration:
        self._visited.add((linearized, state))
        pending, demanded = self._endpoints.frontier()
        # What is demanded first, what need not happen last.
        pending.sort(key=lambda place: (place != demanded, self._unknown[place]))
        if demanded is not None:
            self._furthest.reach(demanded)
        return _Configuration(before, place, linearized, state, demanded, iter(pending))

    def _undo(self, here: _Configuration) -> _Configuration:
        assert here.before is not None
        assert here.place is not None
        self._endpoints.unlift(here.place)
        return here.before

    def _memory_bytes(self, here: _Configuration) -> int:
        return len(self._visited) * (BYTES_PER_CONFIGURATION + sys.getsizeof(here.linearized))


class _EndpointList:
    """Wing and Gong's doubly linked list: endpoints of what is not linearized yet, in order."""

    def __init__(self, endpoints: Sequence[int], operations: int) -> None:
        self._marks = (0, *endpoints)  # node 0 is the list's head and its end
        self._next = [*range(1, len(self._marks)), 0]
        self._previous = [len(endpoints), *range(len(endpoints))]
        self._nodes: list[list[int]] = [[] for _ in range(operations)]
        for node, mark in enumerate(endpoints, start=1):
            self._nodes[mark if mark >= 0 else ~mark].append(node)

    def frontier(self) -> tuple[list[int], int | None]:
        """Return what was invoked before the first return, and the operation that returns there."""
        pending: list[int] = []
        node = self._next[0]
        while node:
            mark = self._marks[node]
            if mark < 0:
                return pending, ~mark
            pending.append(mark)
            node = self._next[node]
        return pending, None

    def lift(self, place: int) -> None:
        """Take the operation's endpoints out of the list."""
        for node in self._nodes[place]:
            self._next[self._previous[node]] = self._next[node]
            self._previous[self._next[node]] = self._previous[node]

    def unlift(self, place: int) -> None:
        """Put back the endpoints that were taken out last."""
        for node in reversed(self._nodes[place]):
            self._next[self._previous[node]] = node
            self._previous[self._next[node]] = node


class _Furthest:
    """The latest return that any configuration demanded, and those that got stuck there.

    Attributes:
        rank: how many returns come before it.
    """

    def __init__(self, endpoints: Sequence[int]) -> None:
        self._returns = [~mark for mark in endpoints if mark < 0]
        self._ranks = {place: rank for rank, place in enumerate(self._returns)}
        self._dead_ends: list[_Configuration] = []
        self.rank = -1

    def reach(self, demanded: int) -> None:
        if self._ranks[demanded] > self.rank:
            self.rank = self._ranks[demanded]
            self._dead_ends.clear()

    def note_dead_end(self, here: _Configuration) -> None:
        if here.demanded == self._returns[self.rank] and len(self._dead_ends) < DEAD_ENDS_SHOWN:
            self._dead_ends.append(here)

    def found(self) -> tuple[int, tuple[DeadEnd, ...]]:
        """Return the operation that returns there, and the dead ends.

        There is one at least: of the configurations that demand this return, the one with the most
        operations linearized.
        """
        dead_ends = tuple(DeadEnd(here.order(), here.state) for here in self._dead_ends)
        assert dead_ends
        return self._returns[self.rank], dead_ends
