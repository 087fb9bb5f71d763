"""Makes a counterexample small: from all operations of a key to a few that contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from attrs import evolve

from holdfast.checker.budget import Watch
from holdfast.checker.engines import Answer, NoOrder, Order
from holdfast.checker.engines.search import Search
from holdfast.checker.explain.parts import Part
from holdfast.checker.explain.past import forget_past
from holdfast.checker.explain.window import Windows
from holdfast.histories.operation import Operation
from holdfast.models.model import OwnedByToken
from holdfast.models.value import Value

T = TypeVar("T")

FEW = 8
"""So many operations are read at a glance; more are worth an argument on what may be forgotten."""

MANY = 500
"""With more operations than these a part is looked at from the failing completion backwards."""


def minimize(part: Part, found: NoOrder, watch: Watch) -> Part:
    """Return a part of ``part`` that is not linearizable, as small as is found in time.

    Each step removes what ``Part`` or ``Windows`` says may be removed, and stands only if the search
    engine finds the rest not linearizable.

    Args:
        part: all operations of a key; they are not linearizable.
        found: what an engine answered for them.
        watch: limits the search; once it is exhausted, the smallest part so far is returned.
    """
    return _Minimizer(watch).minimize(part, found).self_contained()


def smallest(
    items: Sequence[T],
    fails: Callable[[Sequence[T]], bool],
    enough: Callable[[], bool] = lambda: False,
) -> Sequence[T]:
    """Return a few of ``items`` that still fail, none of which can be left out.

    Delta debugging: A. Zeller and R. Hildebrandt, *Simplifying and Isolating Failure-Inducing Input*,
    IEEE Transactions on Software Engineering 28 (2002).

    Args:
        items: what fails when taken together.
        fails: whether some of them, in order, still do.
        enough: whether to be content with what was found so far.
    """
    size = max(1, len(items) // 2)
    while items:
        for begin in range(0, len(items), size):
            if enough():
                return items
            rest = [*items[:begin], *items[begin + size :]]
            if fails(rest):
                items, size = rest, min(size, max(1, len(rest)))
                break
        else:
            if size == 1:
                break
            size = (size + 1) // 2
    return items


class _Minimizer:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def minimize(self, part: Part, found: NoOrder) -> Part:
        completion = part.operations[found.completion]
        if len(part.operations) > MANY and not isinstance(part.model, OwnedByToken):
            return self._last_moments(part, completion)
        cut = part.cut_after(completion)
        few = self._one_or_two_tokens(cut, completion, _suspects(part, found))
        smaller = few or self._several_tokens(part, completion) or cut
        if len(smaller.operations) > FEW:
            recent = forget_past(smaller, self._fails, self._watch)
            if recent is not smaller:
                return self._remove_observations(recent, smaller)
        if smaller is cut:  # which nobody has found to fail yet
            smaller = self._first_failing_cut(part, completion)
        return self._remove_observations(smaller, smaller)

    def _last_moments(self, part: Part, completion: Operation) -> Part:
        windows = Windows.of(part, self._watch)
        if windows is None:  # the model's states are too many
            cut = part.cut_after(completion)
            recent = forget_past(cut, self._fails, self._watch)
            return part if recent is cut else self._remove_observations(recent, recent)
        window = windows.shortest(completion)
        if window is None:
            return part
        return self._remove(
            window.part,
            [frozenset([number]) for number in window.part.observations()],
            lambda removed: windows.fails(window.without(removed)),
        )

    def _one_or_two_tokens(
        self, cut: Part, completion: Operation, suspects: Iterable[Value]
    ) -> Part | None:
        """Look for the token that completes last, alone or with another: it shows most violations."""
        cut = cut.without(cut.observations())
        calls = cut.tokens_removable()
        by_number = {operation.number: operation for operation in cut.operations}
        always = frozenset(by_number) - _union(calls.values())
        token = cut.token(completion.number)
        if token not in calls or completion.number not in calls[token]:
            return None
        for other in (token, *suspects, *reversed(list(calls))):
            if self._over():
                return None
            kept = always | calls[token] | calls.get(other, frozenset())
            two = evolve(cut, operations=tuple(by_number[number] for number in sorted(kept)))
            if self._fails(two):
                return two
        return None

    def _several_tokens(self, part: Part, completion: Operation) -> Part | None:
        if not isinstance(part.model, OwnedByToken):
            return None
        cut = self._first_failing_cut(part, completion)
        unobserved = cut.without(cut.observations())
        if not self._fails(unobserved):
            return None
        return self._remove(
            unobserved,
            list(unobserved.tokens_removable().values()),
            lambda removed: self._fails(unobserved.without(removed)),
        )

    def _remove_observations(self, part: Part, whole: Part) -> Part:
        """Remove observations that ``whole`` does not need either.

        In a part whose past was forgotten, a value of that past looks like one that never was; then an
        observation would seem superfluous that tells the value was gone.
        """

        def serves(removed: frozenset[int]) -> bool:
            if not self._fails(part.without(removed)):
                return False
            return part is whole or self._fails(whole.without(removed))

        return self._remove(part, [frozenset([number]) for number in part.observations()], serves)

    def _remove(
        self,
        part: Part,
        removable: Sequence[frozenset[int]],
        serves: Callable[[frozenset[int]], bool],
    ) -> Part:
        """Remove of ``removable`` as much as is found in time; ``serves`` tells what may be removed."""
        every = _union(removable)
        kept = smallest(removable, lambda kept: serves(every - _union(kept)), self._over)
        return part.without(every - _union(kept))

    def _over(self) -> bool:
        return self._watch.exhausted() is not None

    def _first_failing_cut(self, part: Part, completion: Operation) -> Part:
        """Cut at the first return up to which ``part`` is not linearizable.

        An engine knows already, at a return, what pending operations will be answered later. The
        cut forgets that, so the first cut that fails may be at a later return.
        """
        returns = [part.operations[~mark] for mark in part.problem().endpoints if mark < 0]
        middle = low = returns.index(completion)
        high = len(returns) - 1
        while low < high:
            answer = self._decide(part.cut_after(returns[middle]))
            if isinstance(answer, NoOrder):
                high = middle
            elif isinstance(answer, Order):
                low = middle + 1
            else:
                return part
            middle = (low + high) // 2
        return part.cut_after(returns[high])

    def _fails(self, part: Part) -> bool:
        return isinstance(self._decide(part), NoOrder)

    def _decide(self, part: Part) -> Answer:
        return Search().decide(part.problem(), self._watch)


def _union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*sets)


def _suspects(part: Part, found: NoOrder) -> list[Value]:
    """Return the tokens that hold where the search got stuck."""
    model = part.model
    if not isinstance(model, OwnedByToken):
        return []
    return [token for dead_end in found.dead_ends for token in model.holders(dead_end.state)]
