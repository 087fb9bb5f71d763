"""Small random histories of any model that shows examples: correct, faulty, and with every outcome."""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from holdfast.histories import Event, History
from holdfast.models import MODELS, Call, Example, Fail, Info, Ok, Refused, Result, WithExamples
from holdfast.models.model import token_of

CLIENTS = 4
KEYS = 2
STEPS_MAX = 18
GAPS = 5

CROWD = 6
CROWDED_STEPS_MAX = 34

Step = tuple[int, int, int, int, int]
"""The client, its call (an example's number), how it is answered, the key, the time since the last step."""

ANSWERS = ("truth",) * 5 + ("example",) * 3 + ("info", "effect unseen", "fail")
"""``truth`` is what a correct object answers at that instant; ``example`` what the example says."""

CROWDED_ANSWERS = (
    ("truth",) * 12 + ("example", "info", "effect unseen"),
    ("truth",) * 3 + ("info", "effect unseen"),
)


def models_with_options() -> Iterator[tuple[str, Any]]:
    """Yield every registered model, and it once more for each of its switches, switched on.

    Leases last as long as a few calls, so that some expire.
    """
    for name, kind in MODELS:
        parameters = inspect.signature(kind).parameters
        always = {"ttl": GAPS} if "ttl" in parameters else {}
        yield name, kind(**always)
        for option, parameter in parameters.items():
            if parameter.default is False:
                yield f"{name},{option}", kind(**always, **{option: True})


def histories_of(model: Any, *, keys: int = 1) -> st.SearchStrategy[History]:
    """Return a strategy for small histories of calls that ``model`` knows."""
    step = st.tuples(
        *(st.integers(0, count - 1) for count in (CLIENTS, 10**6, len(ANSWERS), KEYS, GAPS))
    )
    return st.lists(step, max_size=STEPS_MAX).map(lambda steps: play(model, steps, keys=keys))


def random_history(model: Any, source: random.Random, *, keys: int = 1) -> History:
    """Return such a history drawn from ``source``: much faster than Hypothesis, but it does not shrink."""
    draw = source.randrange
    steps = [
        (draw(CLIENTS), draw(10**6), draw(len(ANSWERS)), draw(KEYS), draw(GAPS))
        for _ in range(draw(STEPS_MAX + 1))
    ]
    return play(model, steps, keys=keys)


def crowded_history(model: Any, source: random.Random) -> History:
    """Return a longer one in which much is open at once, too long for brute force.

    It has few different calls, so that many are alike, and is legal or nearly so: where an engine that
    takes a shortcut may go astray.
    """
    draw = source.randrange
    answers = source.choice(CROWDED_ANSWERS)
    few = [draw(10**6) for _ in range(5)]
    steps = [
        (draw(CROWD), source.choice(few), ANSWERS.index(source.choice(answers)), 0, draw(GAPS))
        for _ in range(draw(CROWDED_STEPS_MAX))
    ]
    return play(model, steps, clients=CROWD)


def play(
    model: WithExamples, steps: Sequence[Step], *, keys: int = 1, clients: int = CLIENTS
) -> History:
    """Return the history of clients that take ``steps``: an idle one calls, a waiting one is answered."""
    return History.of(_Clients(model, keys, clients).play(steps))


class _Clients:
    def __init__(self, model: Any, keys: int, clients: int) -> None:
        self._model = model
        self._clients = clients
        self._keys = [None] if keys == 1 else [f"k{number}" for number in range(keys)]
        self._examples: Sequence[Example] = model.examples()
        self._states = {key: model.initial() for key in self._keys}
        self._processes = list(range(clients))
        self._pending: dict[int, tuple[Call, Result, str | None]] = {}

    def play(self, steps: Sequence[Step]) -> Iterator[Event]:
        time = 0
        for client, which, answer, place, gap in steps:
            time += max(0, gap - 2)  # mostly none, as events at one instant matter
            if client in self._pending:
                yield self._answer(client, ANSWERS[answer], time)
                continue
            call, result = self._examples[which % len(self._examples)]
            key = self._keys[place % len(self._keys)]
            self._pending[client] = call, result, key
            value = token_of(self._model, call.value)  # the history's own times say when
            yield Event("invoke", self._processes[client], call.f, value, time, key=key)

    def _answer(self, client: int, how: str, time: int) -> Event:
        call, example, key = self._pending.pop(client)
        argument = token_of(self._model, call.value)
        process = self._processes[client]
        result = self._result(how, call, example, key)
        match result:
            case Ok(value):
                return Event("ok", process, call.f, value, time, key=key)
            case Fail():
                return Event("fail", process, call.f, argument, time, key=key, error="refused")
            case Info():
                self._processes[client] += self._clients
                return Event("info", process, call.f, argument, time, key=key)

    def _result(self, how: str, call: Call, example: Result, key: str | None) -> Result:
        if how == "truth":
            known = [result for shown, result in self._examples if shown == call]
            return self._take_effect(call, [result for result in known if result != Info()], key)
        if how == "effect unseen":
            self._take_effect(call, [Info()], key)
        return {"example": example, "fail": Fail()}.get(how, Info())

    def _take_effect(self, call: Call, results: Sequence[Result], key: str | None) -> Result:
        for result in results:
            state = self._model.step(self._states[key], call, result)
            if not isinstance(state, Refused):
                self._states[key] = state
                return result
        return Fail()
