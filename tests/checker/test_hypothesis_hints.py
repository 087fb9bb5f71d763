from __future__ import annotations

import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.checker.assertion import assert_linearizable
from holdfast.checker.hypothesis_hints import tell_hypothesis
from holdfast.histories import Event, History
from holdfast.histories.header import HEADER, Header
from holdfast.histories.operation import NEMESIS
from holdfast.models.mutex import OwnedMutex

HISTORY = History.of(
    [
        Event("info", NEMESIS, HEADER, Header("mine", clients=1, seed=0).to_data()),
        *(Event("info", NEMESIS, f, "struck") for f in ("clock-jump", "kill", "clock-jump")),
        Event("invoke", 0, "acquire", "a"),
    ]
)


def test_outside_a_property_nobody_is_told() -> None:
    tell_hypothesis(HISTORY)


def test_a_property_counts_each_kind_of_fault_once_an_example(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events: list[str] = []
    monkeypatch.setattr(hypothesis, "event", events.append)

    @settings(max_examples=1, database=None)
    @given(st.just(HISTORY))
    def asserts(history: History) -> None:
        assert_linearizable(history, OwnedMutex())

    asserts()
    assert events == ["fault: clock-jump", "fault: kill"]
