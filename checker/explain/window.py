"""The last moments before a failure: so few operations that fail whatever came before them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence

from attrs import evolve, frozen
from msgspec.structs import replace

from holdfast.checker.budget import Watch
from holdfast.checker.engines import NoOrder
from holdfast.checker.engines.search import Search
from holdfast.checker.explain.any_state import AnyOf, states_of
from holdfast.checker.explain.parts import Part
from holdfast.checker.problem import Problem
from holdfast.histories.operation import Operation, Outcome
from holdfast.models.model import Call

DISTANCE_MAX = 4096
"""So many operations before the failing completion a window may begin."""

LATER_MAX = 64
"""So many returns after it a window may end."""


@frozen
class Window:
    """What was open at an instant or invoked from then on, up to a completion.

    Args:
        part: those operations, and ``recurring``.
        recurring: the numbers of operations of unknown outcome, one for each call. They were invoked
            before the instant, and are taken to be as many as any order could have use for.
    """

    part: Part
    recurring: frozenset[int]

    def without(self, numbers: Collection[int]) -> Window:
        """Return the window without the operations of these numbers."""
        return evolve(self, part=self.part.without(numbers))


@frozen
class Windows:
    """The windows of a part, each of them judged from whatever state it may have begun in.

    Suppose an order of the whole part is legal. At any instant the model is in one of its states then,
    and what took effect from there up to a completion is legal from that state. So if a window has no
    legal order from any state, the whole has none. docs/decisions/0005 has the details.

    Args:
        part: the whole.
        states: all states that its calls can lead to, the initial one among them.
        invoked: by place, when the operation was invoked.
        returned: by place, when it returned; infinite where its outcome is unknown.
        observing: the places of operations that only observe.
        unknown: the first place of each call that is of unknown outcome and does not only observe.
        watch: limits the search.
    """

    part: Part
    states: Collection[Hashable]
    invoked: Sequence[int]
    returned: Sequence[float]
    observing: frozenset[int]
    unknown: Mapping[Call, int]
    watch: Watch

    @classmethod
    def of(cls, part: Part, watch: Watch) -> Windows | None:
        """Return the windows of ``part``, or ``None`` where the model has too many states."""
        problem = part.problem()
        asked = problem.vocabulary.asked
        states = states_of(
            part.model, [asked[number] for number in sorted(set(problem.asks))], watch
        )
        if states is None:
            return None
        returned = [operation.returned for operation in part.operations]
        observing = _places(part, part.observations())
        unknown: dict[Call, int] = {}
        for place, instant in enumerate(returned):
            if instant is None and place not in observing:
                unknown.setdefault(asked[problem.asks[place]][0], place)
        return cls(
            part=part,
            states=states,
            invoked=[operation.invoked for operation in part.operations],
            returned=[float("inf") if instant is None else instant for instant in returned],
            observing=observing,
            unknown=unknown,
            watch=watch,
        )

    def shortest(self, completion: Operation) -> Window | None:
        """Return the latest window that fails from every state, up to ``completion`` or a bit later."""
        for end in self._ends(completion):
            place = bisect_left(self.invoked, end.invoked)
            farthest = min(place, DISTANCE_MAX)
            passing, failing = -1, 0
            while not self._over():
                if self.fails(self.window(place - failing, end)):
                    return self._latest(place, passing, failing, end)
                if failing == farthest:
                    break
                passing, failing = failing, min(farthest, max(1, 2 * failing))
        return None

    def fails(self, window: Window) -> bool:
        """Return whether ``window`` has no legal order from any state."""
        part = window.part.without(window.recurring)
        recurring = [call for call, place in self.unknown.items() if self._is_in(place, window)]
        model = AnyOf(part.model, self.states, recurring)
        problem = Problem.of(model, part.operations, part.tokens)
        return isinstance(Search().decide(problem, self.watch), NoOrder)

    def window(self, begin: int, end: Operation) -> Window:
        """Return what was open at the invocation at the place ``begin`` or came later, up to ``end``."""
        instant = self.invoked[begin]
        first = bisect_left(self.invoked, instant)
        last = bisect_right(self.invoked, _returned(end))
        operations = self.part.operations
        open = [
            replace(operations[place], completion=None, completed=None)
            for place, returned in enumerate(self.returned[:first])
            if instant <= returned < float("inf") and place not in self.observing
        ]
        recurring = {call: place for call, place in self.unknown.items() if place < first}
        inside = evolve(self.part, operations=(*open, *operations[first:last])).cut_after(end)
        exact = [
            operation
            for operation, call in zip(inside.operations, inside.problem().calls, strict=True)
            if operation.outcome is not Outcome.INFO or call not in recurring
        ]
        shown = [operations[place] for place in recurring.values()]
        together = sorted([*shown, *exact], key=lambda operation: operation.number)
        return Window(
            part=evolve(self.part, operations=tuple(together)),
            recurring=frozenset(operation.number for operation in shown),
        )

    def _is_in(self, place: int, window: Window) -> bool:
        return self.part.operations[place].number in window.recurring

    def _ends(self, completion: Operation) -> Iterator[Operation]:
        """Yield the completion, and some that come after it.

        An engine knows already how open operations will be answered, which the window does not.
        """
        yield completion
        later = sorted(
            (instant, place)
            for place, instant in enumerate(self.returned)
            if _returned(completion) < instant < float("inf")
        )
        distance = 1
        while distance <= min(LATER_MAX, len(later)):
            yield self.part.operations[later[distance - 1][1]]
            distance *= 2

    def _latest(self, place: int, passing: int, failing: int, end: Operation) -> Window:
        while failing - passing > 1 and not self._over():
            middle = (passing + failing) // 2
            if self.fails(self.window(place - middle, end)):
                failing = middle
            else:
                passing = middle
        return self.window(place - failing, end)

    def _over(self) -> bool:
        return self.watch.exhausted() is not None


def _places(part: Part, numbers: Collection[int]) -> frozenset[int]:
    wanted = frozenset(numbers)
    return frozenset(
        place for place, operation in enumerate(part.operations) if operation.number in wanted
    )


def _returned(completion: Operation) -> int:
    assert completion.returned is not None
    return completion.returned
