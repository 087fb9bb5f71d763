"""A model that may be in any of several states at once: nothing is assumed of what came before."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any

from holdfast.checker.budget import Watch
from holdfast.checker.vocabulary import Asked
from holdfast.models.model import Call, Info, Model, ObservesFailures, Overwrites, Refused, Result

STATES_MAX = 64
STEPS_MAX = 20_000
"""So many states, and steps of the model, are tried to learn which states there are."""


class AnyOf:
    """A model whose state is a set: all states in which the object it stands for may be.

    An order of calls is refused only if it is refused from every state at the start. Some calls of
    unknown outcome may moreover take effect at any time, and as often as they like.

    Args:
        model: the model of the object.
        states: those at the start, all that the object can come to.
        recurring: calls of unknown outcome.
    """

    def __init__(
        self, model: Model[Any], states: Collection[Hashable], recurring: Sequence[Call]
    ) -> None:
        self._model = model
        self._states = frozenset(states)
        self._recurring = recurring
        self._following: dict[Hashable, frozenset[Hashable]] = {}

    @property
    def functions(self) -> Mapping[str, str]:
        """The model's."""
        return self._model.functions

    @property
    def observed_failures(self) -> Collection[str]:
        """The model's."""
        return self._model.observed_failures if isinstance(self._model, ObservesFailures) else ()

    @property
    def overwrites(self) -> Collection[str]:
        """The model's: from every set they lead to the same one."""
        return self._model.overwrites if isinstance(self._model, Overwrites) else ()

    __hash__ = None  # type: ignore[assignment]  # used once, so nothing asked of it is worth keeping

    def initial(self) -> frozenset[Hashable]:
        """Return all states."""
        return self._states

    def step(
        self, state: frozenset[Hashable], call: Call, result: Result
    ) -> frozenset[Hashable] | Refused:
        """Return all that the model returns from any of the states."""
        found: set[Hashable] = set()
        refused = Refused("there is no state")
        for each in state:
            following = self._model.step(each, call, result)
            if isinstance(following, Refused):
                refused = following
            else:
                found |= self._from(following)
        return frozenset(found) or refused

    def _from(self, state: Hashable) -> frozenset[Hashable]:
        """Return the states that the recurring calls lead to."""
        known = self._following.get(state)
        if known is None:
            asked = [(call, Info()) for call in self._recurring]
            known = self._following[state] = frozenset(_reached(self._model, state, asked))
        return known


def states_of(
    model: Model[Any], asked: Collection[Asked], watch: Watch
) -> Sequence[Hashable] | None:
    """Return all states that the calls lead to, answered or not; ``None`` if these are too many to try."""
    tried = {*asked, *((call, Info()) for call, _ in asked)}
    steps_left = STEPS_MAX
    found: list[Hashable] = []
    for state in _reached(model, model.initial(), tried):
        found.append(state)
        steps_left -= len(tried)
        if len(found) > STATES_MAX or steps_left < 0 or watch.exhausted() is not None:
            return None
    return found


def _reached(model: Model[Any], state: Hashable, asked: Collection[Asked]) -> Iterator[Hashable]:
    """Yield the states that calls lead to from ``state``, itself among them."""
    found = [state]
    known = {state}
    for here in found:  # grows as it goes
        yield here
        for call, result in asked:
            following = model.step(here, call, result)
            if not isinstance(following, Refused) and following not in known:
                known.add(following)
                found.append(following)
