"""Any model decided event by event: what may have taken effect so far, kept from return to return."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from heapq import heappop, heappush
from typing import Any

from attrs import Factory, define, frozen

from holdfast.models.model import (
    Call,
    Fail,
    Info,
    Model,
    Observes,
    ObservesFailures,
    Refused,
    Result,
)

Configuration = tuple[Hashable, frozenset[int]]
"""The model's state, and which of the open operations have taken effect, by number."""


@frozen
class Unexplained:
    """No order of effects explains this event: the history up to it is not linearizable.

    Args:
        operation: the number of the operation that it completes.
    """

    operation: int


@define(eq=False)
class _Called:
    """An operation. While it is out its result is ``Info``, which is what it then amounts to.

    Args:
        number: its number.
        call: what was asked.
        result: what was answered.
        lost: whether its outcome stays unknown.
        undone: whether it certainly had no effect, and says nothing.
    """

    number: int
    call: Call
    result: Result = Factory(Info)
    lost: bool = False
    undone: bool = False


@define(eq=False)
class _Mark:
    """An invocation or a return at an instant, with what was possible just before it."""

    of: _Called
    returns: bool
    instant: int
    before: frozenset[Configuration]
    open: tuple[_Called, ...]


class Frontier:
    """Takes a history's calls and returns, and tells the first that no order of effects explains.

    G. Lowe's just-in-time linearization (*Testing for Linearizability*, 2017), breadth first. A result
    that comes late changes what was possible since its call: that much is done again, so an event costs
    as much as happened during its operation. Of two ways to the same state, one that needed more
    operations of unknown outcome is dropped. In the worst case the time of an event and the memory are
    still exponential in the operations that are out or of unknown outcome, as for every search.

    Args:
        model: the sequential specification.
    """

    def __init__(self, model: Model[Any]) -> None:
        self._model = model
        self._observes = model.observations if isinstance(model, Observes) else ()
        self._failures = model.observed_failures if isinstance(model, ObservesFailures) else ()
        self._now: frozenset[Configuration] = frozenset([(model.initial(), frozenset())])
        self._open: tuple[_Called, ...] = ()
        self._out: dict[int, _Called] = {}
        self._marks: list[_Mark] = []

    @property
    def remembered(self) -> int:
        """How many configurations, open operations and events are kept."""
        return len(self._now) + len(self._open) + len(self._marks)

    def invoke(self, number: int, call: Call, instant: int) -> None:
        """Take in that a call was made.

        Args:
            number: the operation.
            call: what was asked.
            instant: when; returns of a later instant that came first are concurrent with it.
        """
        called = _Called(number, call)
        self._out[number] = called
        at = len(self._marks)
        while at and self._marks[at - 1].instant > instant:
            at -= 1
        self._again_from(at, _Mark(called, False, instant, self._now, self._open))

    def complete(
        self, number: int, result: Result, instant: int, call: Call | None = None
    ) -> Unexplained | None:
        """Take in how a call ended, and tell whether nothing explains it.

        Args:
            number: the operation.
            result: what was answered.
            instant: when.
            call: what the call was, where that is known only now.
        """
        called = self._out.pop(number)
        begin = next(at for at, mark in enumerate(self._marks) if mark.of is called)
        called.result, called.call = result, call or called.call
        called.lost = isinstance(result, Info)
        called.undone = (isinstance(result, Fail) and called.call.f not in self._failures) or (
            called.lost and called.call.f in self._observes
        )
        if called.undone or not called.lost:
            if not called.undone:
                self._marks.append(_Mark(called, True, instant, self._now, self._open))
            self._again_from(begin)
        self._forget(instant)
        return None if self._now else Unexplained(number)

    def _again_from(self, at: int, new: _Mark | None = None) -> None:
        """Go through the events from one on again, or from a new one that belongs before it."""
        if at < len(self._marks):
            self._now, self._open = self._marks[at].before, self._marks[at].open
        if new is not None:
            self._marks.insert(at, new)
        for mark in self._marks[at:]:
            mark.before, mark.open = self._now, self._open
            self._advance(mark)

    def _advance(self, mark: _Mark) -> None:
        if mark.of.undone:
            return
        if not mark.returns:
            self._open = (*self._open, mark.of)
            return
        self._now = frozenset(self._explained(mark.of))
        self._open = tuple(called for called in self._open if called is not mark.of)

    def _explained(self, returning: _Called) -> Iterator[Configuration]:
        """Yield what is possible once an operation has returned, which must have taken effect."""
        lost = frozenset(called.number for called in self._open if called.lost)
        reached = _Least(lost)
        after = _Least(lost)
        heap: list[tuple[int, int, Configuration]] = []
        for configuration in self._now:
            if reached.add(configuration):
                heappush(heap, (len(configuration[1]), len(heap), configuration))
        pushed = len(heap)
        while heap:
            *_, (state, done) = heappop(heap)
            if returning.number in done:
                after.add((state, done - {returning.number}))
                continue
            for called in self._may_take_effect(done):
                following = self._model.step(state, called.call, called.result)
                # What need not happen and changes nothing may as well be left out.
                idle = following == state and isinstance(called.result, Info)
                if isinstance(following, Refused) or idle:
                    continue
                next_one = (following, done | {called.number})
                if reached.add(next_one):
                    pushed += 1
                    heappush(heap, (len(next_one[1]), pushed, next_one))
        return after.all()

    def _may_take_effect(self, done: frozenset[int]) -> Iterator[_Called]:
        lost: set[Call] = set()
        for called in self._open:
            if called.undone or called.number in done:
                continue
            # Of several lost calls that are alike, one stands for all.
            if called.lost and called.call in lost:
                continue
            if called.lost:
                lost.add(called.call)
            yield called

    def _forget(self, instant: int) -> None:
        """Forget the events before the first call that is out: nothing changes them any more.

        A call that is made yet, but at this same time, comes before what returned now.
        """
        first = next(
            (
                at
                for at, mark in enumerate(self._marks)
                if mark.of.number in self._out or mark.instant >= instant
            ),
            len(self._marks),
        )
        del self._marks[:first]


class _Least:
    """Configurations, without those that needed more lost operations than another for the same.

    Args:
        lost: the operations whose outcome stays unknown.
    """

    def __init__(self, lost: frozenset[int]) -> None:
        self._lost = lost
        self._found: dict[Configuration, list[frozenset[int]]] = {}

    def add(self, configuration: Configuration) -> bool:
        """Take in a configuration; return whether none before it was as good."""
        state, done = configuration
        needed = done & self._lost
        others = self._found.setdefault((state, done - self._lost), [])
        if any(other <= needed for other in others):
            return False
        others[:] = [other for other in others if not needed <= other]
        others.append(needed)
        return True

    def all(self) -> Iterator[Configuration]:
        """Yield the configurations."""
        for (state, done), every in self._found.items():
            for needed in every:
                yield state, done | needed
