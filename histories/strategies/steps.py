"""From flat steps to a history: how one drawn list becomes operations, whatever was drawn.

A step is one client's call. Step ``i`` is invoked at instant ``i`` and returns ``length`` instants later, so
without lengths all calls come one after another; and any real-time order of operations is some list of
steps. A step whose client is busy is left out: a list stays legal when any of its items goes, which is what
Hypothesis needs to make it small.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from attrs import frozen

from holdfast.histories.history import History
from holdfast.histories.operation import Event
from holdfast.models.model import (
    Call,
    Example,
    Fail,
    Info,
    Model,
    ObservesFailures,
    Ok,
    Refused,
    Result,
    takes_instants,
    token_of,
)

INSTANT_NS = 1_000_000


class Answer(enum.Enum):
    """How a step is answered."""

    TRUE = "what a correct object answers"
    FALSE = "what an example says, without an effect"
    FAIL = "it failed, without an effect"
    LATE = "unknown, with an effect"
    LOST = "unknown, without an effect"
    NEVER = "not at all: no completion is recorded, but it has its effect"


class Who(NamedTuple):
    """Which client calls which object, both by number from 0."""

    client: int
    key: int


class What(NamedTuple):
    """A call and how it is answered.

    Args:
        call: the call.
        answer: how it is answered.
        false: what a ``FALSE`` answer says.
    """

    call: Call
    answer: Answer
    false: Result | None = None


class When(NamedTuple):
    """How many instants after its invocation a call returns, and takes effect."""

    length: int
    effect: int


Step = tuple[What, When, Who]
"""One client's call. Three choices: Hypothesis cannot delete an item that was drawn with many more."""


def play(
    model: Model[Any],
    examples: Sequence[Example],
    steps: Sequence[Step],
    *,
    clients: int,
    keys: int,
    source: str,
) -> History:
    """Return the history of ``clients`` that take ``steps`` on correct objects, one for each key.

    It is linearizable unless an answer is ``FALSE``: the order of the effects is the proof.
    """
    taken = _taken(steps, clients)
    results = _Objects(model, examples).results(taken)
    events = _events(model, taken, results, clients=clients, keys=keys)
    return History.of(events, source=source)


def failure_observes(model: Model[Any], f: str) -> bool:
    """Return whether a failure of the function ``f`` says something about the state."""
    return isinstance(model, ObservesFailures) and f in model.observed_failures


@frozen
class _Taken:
    """A step that is taken, with its instants."""

    what: What
    who: Who
    begin: int
    effect: int
    end: int


def _taken(steps: Sequence[Step], clients: int) -> list[_Taken]:
    idle_from = [0] * clients
    taken = []
    for begin, (what, when, who) in enumerate(steps):
        if begin >= idle_from[who.client]:
            end = begin + when.length
            idle_from[who.client] = end + 1
            taken.append(_Taken(what, who, begin, begin + when.effect, end))
    return taken


class _Objects:
    """Correct objects, one for each key."""

    def __init__(self, model: Model[Any], examples: Sequence[Example]) -> None:
        self._model = model
        self._examples = examples
        self._states: dict[int, Any] = {}

    def results(self, taken: Sequence[_Taken]) -> list[Result]:
        """Return what each step is answered; they take effect in the order of their instants."""
        results: dict[int, Result] = {}
        for place in sorted(range(len(taken)), key=lambda place: taken[place].effect):
            results[place] = self._result(taken[place])
        return [results[place] for place in range(len(taken))]

    def _result(self, step: _Taken) -> Result:
        call, answer, false = step.what
        match answer:
            case Answer.TRUE:
                return self._take_effect(step, self._known(call))
            case Answer.FALSE:
                assert false is not None, "a false answer says something"
                return false
            case Answer.FAIL:
                return Fail()
            case Answer.LATE | Answer.NEVER:
                self._take_effect(step, [Info()])
        return Info()

    def _known(self, call: Call) -> list[Result]:
        alike = [result for shown, result in self._examples if shown == call]
        return [result for result in alike if result != Info()]

    def _take_effect(self, step: _Taken, results: Sequence[Result]) -> Result:
        """Answer with the first of ``results`` that the object can give now.

        If it can give none, a call of which a failure says nothing fails, and any other gets no answer.
        """
        state = self._states.get(step.who.key, self._model.initial())
        for result in results:
            following = self._model.step(state, self._timed(step, result), result)
            if not isinstance(following, Refused):
                self._states[step.who.key] = following
                return result
        return Info() if failure_observes(self._model, step.what.call.f) else Fail()

    def _timed(self, step: _Taken, result: Result) -> Call:
        """Return the call as the model is asked it: at its own instants, where it goes by such."""
        call = step.what.call
        if not takes_instants(self._model):
            return call
        returned = None if isinstance(result, Info) else step.end * INSTANT_NS
        return Call(call.f, (token_of(self._model, call.value), step.begin * INSTANT_NS, returned))


def _events(
    model: Model[Any],
    taken: Sequence[_Taken],
    results: Sequence[Result],
    *,
    clients: int,
    keys: int,
) -> Iterator[Event]:
    """Yield the events by time; at one instant in the order of the steps."""
    processes = list(range(clients))
    marks = [(step.begin, place, False) for place, step in enumerate(taken)]
    marks += [(step.end, place, True) for place, step in enumerate(taken)]
    for instant, place, ends in sorted(marks):
        step, result = taken[place], results[place]
        process, call, time = processes[step.who.client], step.what.call, instant * INSTANT_NS
        argument = token_of(model, call.value)
        key = None if keys == 1 else f"k{step.who.key}"
        if not ends:
            yield Event("invoke", process, call.f, argument, time, key=key)
            continue
        match result:
            case Ok(value):
                yield Event("ok", process, call.f, value, time, key=key)
            case Fail(error):
                yield Event("fail", process, call.f, argument, time, key=key, error=error)
            case Info():
                processes[step.who.client] += clients
                if step.what.answer is not Answer.NEVER:
                    yield Event("info", process, call.f, argument, time, key=key)
