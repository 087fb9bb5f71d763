"""A second opinion on a witness: it is replayed on the model by code that no engine shares."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Sequence
from itertools import accumulate
from operator import lt
from typing import Any
from weakref import WeakKeyDictionary

from holdfast.checker.problem import Problem
from holdfast.checker.vocabulary import Asked, Vocabulary
from holdfast.histories import core
from holdfast.histories.columns import FAIL, INFO, OUTCOMES, taken
from holdfast.models.lock import ACQUIRE, RELEASE
from holdfast.models.model import Model, Refused
from holdfast.models.mutex import OwnedMutex


def objection(problem: Problem, places: Sequence[int]) -> str | None:
    """Return why a witness does not prove that the problem has a legal order; ``None`` if it does.

    It proves it if every operation known to have happened is in it exactly once, unknown ones at most
    once, nothing stands before what it certainly came after, and the model accepts it.

    Args:
        problem: one key's operations.
        places: the places of the operations that took effect, in order.
    """
    column = array("i", places)
    return (
        _counted_wrongly(problem, column)
        or _out_of_order(problem, column)
        or _refused(problem, column)
    )


def _counted_wrongly(problem: Problem, places: array[int]) -> str | None:
    count = len(problem.operations)
    if places and not 0 <= min(places) <= max(places) < count:
        stranger = next(place for place in places if not 0 <= place < count)
        return f"there is no operation at place {stranger}"
    outcomes = problem.columns.outcome
    there = set(places)
    known = len(places) - core.taken(outcomes, 1, places).count(INFO)
    if len(there) == len(places) and known == count - outcomes.count(INFO):
        return None
    missing = (at for at in range(count) if outcomes[at] != INFO and at not in there)
    wrong = next(missing, None)
    if wrong is None:
        wrong = _twice(places)
    times = places.count(wrong)
    return (
        f"operation {problem.columns.number[wrong]}, of outcome {OUTCOMES[outcomes[wrong]].value}, "
        f"stands in it {times} times"
    )


def _twice(places: array[int]) -> int:
    seen: set[int] = set()
    return next(place for place in places if place in seen or seen.add(place))  # type: ignore[func-returns-value]


def _out_of_order(problem: Problem, places: array[int]) -> str | None:
    invoked = taken(problem.columns.invoked, places)
    # Of those that stand before, the one invoked last suffices: whoever precedes any precedes it.
    latest = list(accumulate(invoked, max))
    returned = taken(problem.columns.completed, places)
    if not any(map(lt, returned, latest)):
        return None
    for index, place in enumerate(places):
        if returned[index] < latest[index] and problem.columns.outcome[place] != INFO:
            before = places[invoked.index(latest[index])]
            return (
                f"operation {problem.columns.number[place]} stands after operation "
                f"{problem.columns.number[before]}, but returned before that was invoked"
            )
    return None


def _refused(problem: Problem, places: array[int]) -> str | None:
    if isinstance(problem.model, OwnedMutex) and _alternates(problem, places):
        return None
    row = _states_of(problem.vocabulary).row(problem.model.initial())
    going = iter(taken(problem.asks, places))
    try:
        for ask in going:
            row = row[ask]
    except _RefusedHere as refusal:
        refused = places[len(places) - 1 - sum(1 for _ in going)]
        return f"the model refuses operation {problem.columns.number[refused]}: {refusal}"
    return None


def _alternates(problem: Problem, places: array[int]) -> bool:
    """Return whether acquires and releases follow in turn, each release under the token before it.

    That is all that a mutex by token demands, and most witnesses are so; others are asked of the model.
    """
    columns = problem.columns
    if FAIL in columns.outcome or not {ACQUIRE, RELEASE}.issuperset(columns.functions):
        return False
    functions, tokens = taken(columns.f, places), taken(columns.value, places)
    if not places:
        return True
    acquires = columns.functions.index(ACQUIRE)
    given = functions[1::2]
    taken_first = functions[::2].count(acquires) == len(functions[::2])
    return taken_first and acquires not in given and tokens[: 2 * len(given) : 2] == tokens[1::2]


class _RefusedHere(Exception):
    """The model refuses what comes next."""


class _States:
    """The model's states, each with where it leads: a model is asked the same question once."""

    def __init__(self, model: Model[Any], asked: Sequence[Asked]) -> None:
        self.model = model
        self.asked = asked
        self.rows: dict[Hashable, _Row] = {}

    def row(self, state: Hashable) -> _Row:
        found = self.rows.get(state)
        if found is None:
            found = self.rows[state] = _Row(self, state)
        return found


STATES_MAX = 5_000
"""With more states than this, they are not remembered for the next replay."""

_known: WeakKeyDictionary[Vocabulary, _States] = WeakKeyDictionary()


def _states_of(vocabulary: Vocabulary) -> _States:
    states = _known.get(vocabulary)
    if states is None or len(states.rows) > STATES_MAX:
        states = _known[vocabulary] = _States(vocabulary.model, vocabulary.asked)
    return states


class _Row(dict[int, "_Row"]):
    """From one state, by what is asked, to the next."""

    def __init__(self, states: _States, state: Hashable) -> None:
        super().__init__()
        self._states = states
        self._state = state

    def __missing__(self, ask: int) -> _Row:
        states = self._states
        following = states.model.step(self._state, *states.asked[ask])
        if isinstance(following, Refused):
            raise _RefusedHere(following.reason)
        row = self[ask] = states.row(following)
        return row
