"""The last moments of a history: what fails from whatever state condemns all of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from tests.checker.brute_force import is_linearizable
from tests.checker.random_histories import models_with_options, random_history
from tests.checker.tables import history, info, ok

from holdfast.checker.budget import Budget
from holdfast.checker.engines import NoOrder
from holdfast.checker.engines.wgl import WingGongLowe
from holdfast.checker.explain.any_state import AnyOf
from holdfast.checker.explain.parts import Part
from holdfast.checker.explain.window import Window, Windows
from holdfast.checker.problem import Problem
from holdfast.histories import Operation
from holdfast.histories.asked import asked_values
from holdfast.models.counter import Counter
from holdfast.models.mutex import Mutex
from holdfast.models.register import CasRegister, Register

MODELS = dict(models_with_options())
HISTORIES = 150


def windows_of(model: Any, *rows: Operation) -> Windows:
    found = Windows.of(Part.of(Problem.of(model, history(*rows), {}), {}), Budget().start())
    assert found is not None
    return found


def every_window(windows: Windows) -> Iterator[Window]:
    for end in windows.part.operations:
        if end.returned is None:
            continue
        for begin, instant in enumerate(windows.invoked):
            if instant <= end.invoked:
                yield windows.window(begin, end)


def random_windows(name: str) -> Iterator[tuple[bool, Windows]]:
    """Yield whether a random history is linearizable, and its windows if its model has them."""
    model, source = MODELS[name], random.Random(name)
    for _ in range(HISTORIES):
        recorded = random_history(model, source)
        tokens = asked_values(tuple(recorded), model)
        part = Part.of(Problem.of(model, recorded, tokens), tokens)
        windows = Windows.of(part, Budget().start())
        if windows is not None:
            yield is_linearizable(model, recorded), windows


def wrongs(name: str) -> int:
    """Return how many linearizable histories a window condemns."""
    return sum(
        any(map(windows.fails, every_window(windows)))
        for linearizable, windows in random_windows(name)
        if linearizable
    )


@pytest.mark.parametrize("name", MODELS)
def test_no_window_of_a_linearizable_history_fails(name: str) -> None:
    assert wrongs(name) == 0


def test_most_other_histories_have_a_window_that_fails() -> None:
    shown = []
    for linearizable, windows in random_windows("cas-register"):
        if linearizable:
            continue
        found = WingGongLowe().decide(windows.part.problem(), Budget().start())
        assert isinstance(found, NoOrder)
        shown.append(windows.shortest(windows.part.operations[found.completion]) is not None)
    assert sum(shown) > len(shown) / 2


@pytest.mark.parametrize(
    "broken", ["one state at the start", "nothing recurs", "unknown calls are forgotten"]
)
def test_a_broken_argument_is_noticed(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    if broken == "one state at the start":
        monkeypatch.setattr(AnyOf, "initial", lambda self: frozenset([self._model.initial()]))
    elif broken == "nothing recurs":
        monkeypatch.setattr(AnyOf, "_from", lambda self, state: {state})
    else:
        monkeypatch.setattr(Windows, "_is_in", lambda self, place, window: False)
    assert wrongs("cas-register") > 0


OLD = [ok("write", number % 5, 10 * number, 10 * number + 5) for number in range(600)]

TABLE: dict[str, tuple[Any, list[Operation], list[tuple[str, Any, str]]]] = {
    "a stale read needs the write before it": (
        Register(),
        [*OLD, ok("read", None, 9000, 9001, 3)],
        [("write", 4, "ok"), ("read", None, "ok")],
    ),
    "a lock held twice needs no past": (
        Mutex(),
        [
            *(
                row
                for time in range(0, 4000, 10)
                for row in (
                    ok("acquire", None, time, time + 2),
                    ok("release", None, time + 4, time + 6),
                )
            ),
            ok("acquire", None, 9000, 9001),
            ok("acquire", None, 9002, 9003),
        ],
        [("acquire", None, "ok"), ("acquire", None, "ok")],
    ),
    "of an unknown call one is shown": (
        CasRegister(),
        [
            *(info("cas", (1, 2), time, time + 1) for time in range(0, 60, 2)),
            *OLD[10:],
            ok("read", None, 9000, 9001, 3),
        ],
        [("cas", (1, 2), "info"), ("write", 4, "ok"), ("read", None, "ok")],
    ),
    "a write that is open when it begins is of unknown outcome": (
        Register(),
        [
            *OLD,
            ok("write", 2, 8000, 9500),
            ok("write", 1, 8001, 8002),
            ok("read", None, 9000, 9001, 3),
        ],
        [("write", 2, "info"), ("write", 1, "ok"), ("read", None, "ok")],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_shortest_window(name: str) -> None:
    model, rows, expected = TABLE[name]
    windows = windows_of(model, *rows)
    window = windows.shortest(windows.part.operations[-1])
    assert window is not None
    assert not is_linearizable(model, window.part.operations)
    assert [(one.f, one.value, one.outcome.value) for one in window.part.operations] == expected


def test_a_model_with_too_many_states_has_no_windows() -> None:
    rows = history(*(ok("add", 1, 10 * number, 10 * number + 5) for number in range(100)))
    part = Part.of(Problem.of(Counter(), rows, {}), {})
    assert Windows.of(part, Budget().start()) is None


def test_a_watch_ends_it() -> None:
    part = Part.of(Problem.of(Register(), history(*OLD), {}), {})
    assert Windows.of(part, Budget(cancelled=lambda: True).start()) is None
