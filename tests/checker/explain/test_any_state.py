"""A model that may be in any of several states."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from holdfast.checker.budget import Budget
from holdfast.checker.explain import any_state
from holdfast.checker.explain.any_state import AnyOf, states_of
from holdfast.models import Call, Info, Ok, Refused
from holdfast.models.register import CasRegister, Register


def test_the_states_that_calls_lead_to() -> None:
    asked: Collection[Any] = [(Call("write", 1), Ok(None)), (Call("cas", (1, 2)), Ok(None))]
    states = states_of(CasRegister(), asked, Budget().start())
    assert states is not None
    assert set(states) == {CasRegister().initial(), 1, 2}


def test_steps_of_the_model_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(any_state, "STEPS_MAX", 10)
    asked = [(Call("write", value), Info()) for value in range(4)]
    assert states_of(Register(), asked, Budget().start()) is None


def test_a_set_of_states_steps_as_each_of_them() -> None:
    model = AnyOf(CasRegister(), [0, 1, 2], [Call("cas", (2, 5))])
    assert model.step(frozenset([0, 1]), Call("cas", (1, 2)), Ok(None)) == frozenset([2, 5])
    assert isinstance(model.step(frozenset([0]), Call("cas", (1, 2)), Ok(None)), Refused)
    assert model.initial() == {0, 1, 2}
