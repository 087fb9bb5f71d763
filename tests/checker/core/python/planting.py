"""Faults planted in the twin in plain Python, and what shows each: the engines disagree.

tests/native/mutations.py plants the like in the compiled core.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import pytest
from attrs import frozen
from tests.checker.engine_agreement import SWITCHES, core, disagreement
from tests.checker.random_histories import crowded_history, models_with_options
from tests.checker.tables import history, info, ok

from holdfast.checker.core.python import impossible, strategy
from holdfast.histories import Operation
from holdfast.models import Call, Refused, Result

MODELS = dict(models_with_options())
HISTORIES = 6000
SETTINGS = [{**dict.fromkeys(SWITCHES, True), "patience": patience} for patience in (0, 1, 5)]

Plant = Callable[[pytest.MonkeyPatch], None]


class Shows(Protocol):
    """Histories on which a fault shows."""

    def disagreements(self) -> Iterator[str | None]:
        """Yield for each history how the engines disagree, if they do."""
        ...


@frozen
class Drawn:
    """Random histories of a model.

    Args:
        model: its name.
        first: the number of one that shows the fault; if it no longer does, others are tried.
    """

    model: str
    first: int = 0

    def disagreements(self) -> Iterator[str | None]:
        """See ``Shows``."""
        for number in range(self.first, self.first + HISTORIES):
            drawn = crowded_history(MODELS[self.model], random.Random(f"{self.model} {number}"))
            yield disagreement(MODELS[self.model], drawn, SETTINGS, None)


@frozen(eq=False)
class Made:
    """One history made by hand, which is legal.

    Args:
        rows: its operations, each a ``step`` or a ``lost`` one.
        steps: the state that a step leads to from another; all others are refused. It begins in "".
    """

    rows: Sequence[Operation]
    steps: Mapping[tuple[str, str], str]

    functions = {"take": "a step"}  # noqa: RUF012 (an attribute of every model)

    def initial(self) -> str:
        """Return the state before the first step."""
        return ""

    def step(self, state: str, call: Call, _result: Result) -> str | Refused:
        """Return the state after a step."""
        return self.steps.get((state, str(call.value)), Refused(f"no {call.value} in {state}"))

    def disagreements(self) -> Iterator[str | None]:
        """See ``Shows``."""
        yield disagreement(self, history(*self.rows), SETTINGS, expected=True)


def step(name: str, invoked: int, completed: int) -> Operation:
    """Return an operation that returns."""
    return ok("take", name, invoked, completed)


def lost(*names: str) -> list[Operation]:
    """Return operations of unknown outcome, invoked before all others."""
    return [info("take", name, 0, 1) for name in names]


def assert_noticed(monkeypatch: pytest.MonkeyPatch, shows: Shows, plant: Plant) -> None:
    """Assert that the engines agree, and no longer do with the fault."""
    # Let proofs of impossibility begin inside histories as short as these, and stall at times.
    monkeypatch.setattr(impossible, "WINDOWS", (2, 4, 8, 16))
    monkeypatch.setattr(strategy, "PERSISTENCE", 16)
    with core("twin"):
        assert next(shows.disagreements()) is None
        plant(monkeypatch)
        with suppress(IndexError):  # more of unknown outcome are used than there are
            assert any(shows.disagreements())


def replaced(name: str, fault: Any, *places: Any) -> Plant:
    """Return what puts ``fault`` under a name."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        for place in places:
            monkeypatch.setattr(place, name, fault)

    return plant


def wrapped(place: Any, name: str, fault: Callable[..., Any]) -> Plant:
    """Return what lets ``fault`` be called instead, given the original and its arguments."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        original = getattr(place, name)
        monkeypatch.setattr(
            place, name, lambda *arguments, **named: fault(original, *arguments, **named)
        )

    return plant
