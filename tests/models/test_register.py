"""The register and the one with compare-and-set, call by call."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Fail, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.register import CasRegister, Register


@pytest.mark.parametrize("model", [Register(), CasRegister()])
@pytest.mark.parametrize(
    ("state", "call", "result", "following"),
    [
        (None, Call("read"), Ok(None), None),
        (None, Call("read"), Ok(1), Refused("read 1, but the value is None")),
        (1, Call("read"), Ok(1), 1),
        (1, Call("read"), Ok(None), Refused("read None, but the value is 1")),
        (1, Call("read"), Info(), 1),
        (1, Call("write", 2), Ok(), 2),
        (1, Call("write", 2), Ok(2), 2),
        (1, Call("write", 2), Info(), 2),
        (1, Call("write", None), Ok(), None),
    ],
)
def test_reads_and_writes(
    model: Any, state: Any, call: Call, result: Result, following: Any
) -> None:
    assert model.step(state, call, result) == following


@pytest.mark.parametrize(
    "model", [Register(null_read_is_unknown=True), CasRegister(null_read_is_unknown=True)]
)
def test_a_read_of_null_can_be_taken_for_unknown(model: Any) -> None:
    assert model.step(1, Call("read"), Ok(None)) == 1
    assert model.step(None, Call("read"), Ok(None)) is None
    assert model.step(1, Call("read"), Ok(2)) == Refused("read 2, but the value is 1")
    assert model.step(1, Call("write", 2), Ok(None)) == 2


@pytest.mark.parametrize(
    ("state", "result", "following"),
    [
        (1, Ok(), 2),
        (1, Info(), 2),
        (3, Ok(), Refused("expected 1, but the value is 3")),
        (3, Info(), Refused("expected 1, but the value is 3")),
        (3, Fail(), 3),
        (1, Fail(), Refused("the cas failed, but the value is 1")),
    ],
)
def test_compare_and_set(state: Any, result: Result, following: Any) -> None:
    model = CasRegister(failed_cas_means_different=True)
    assert model.step(state, Call("cas", (1, 2)), result) == following


def test_a_failed_compare_and_set_observes_nothing_by_default() -> None:
    assert CasRegister().observed_failures == ()
    assert CasRegister(failed_cas_means_different=True).observed_failures == ("cas",)


@pytest.mark.parametrize("argument", [None, 1, (1,), (1, 2, 3)])
def test_a_malformed_compare_and_set_is_invalid(argument: Any) -> None:
    with pytest.raises(InvalidCall, match=r"must be \[old, new\]"):
        CasRegister().step(1, Call("cas", argument), Ok())


@pytest.mark.parametrize("model", [Register(), CasRegister()])
def test_an_unknown_function_is_invalid(model: Any) -> None:
    with pytest.raises(
        InvalidCall, match="unknown function 'increment'; this model knows read, write"
    ):
        model.step(None, Call("increment"), Ok())


@pytest.mark.parametrize("kind", [Register, CasRegister])
def test_the_initial_value(kind: Any) -> None:
    assert kind().initial() is None
    assert kind(initial_value=[1, {"a": []}]).initial() == (1, {"a": ()})
