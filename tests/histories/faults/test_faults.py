"""What holds for every fault that is registered."""

from __future__ import annotations

import inspect
from typing import Any

import attrs
import pytest

from holdfast.histories.faults import FAULTS

NAMES = FAULTS.names()


def test_all_kinds_of_disturbance_are_there() -> None:
    assert {
        *("clock-jump", "clock-rate", "pause", "resume", "kill", "restart"),
        *("cut", "partition", "heal"),
    } <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_needs_no_parameters(name: str) -> None:
    kind: Any = FAULTS[name]
    assert kind() == kind()
    assert hash(kind()) == hash(kind())


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_is_frozen_data(name: str) -> None:
    kind: Any = FAULTS[name]
    for attribute in attrs.fields(kind):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(kind(), attribute.name, None)


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_says_in_one_line_what_it_does(name: str) -> None:
    first, *_ = (inspect.getdoc(FAULTS[name]) or "").split("\n\n")
    assert first.endswith(".")
    assert "\n" not in first
    assert "`" not in first
