"""The small languages of the command line's options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from holdfast.checker.options import (
    UsageError,
    parse_fault,
    parse_model,
    parse_models,
    parse_programs,
    recorded_model,
)
from holdfast.histories.faults.clock_jump import ClockJump
from holdfast.histories.faults.partition import Partition
from holdfast.histories.faults.restart import Restart
from holdfast.histories.schedule import Strike
from holdfast.models.mutex import Mutex
from holdfast.models.register import CasRegister, Register
from holdfast.registry import UnknownName


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("mutex", Mutex()),
        ("mutex,failed_acquire_means_held=true", Mutex(failed_acquire_means_held=True)),
        ("cas-register,initial_value=0", CasRegister(initial_value=0)),
        ("register,initial_value=abc", Register(initial_value="abc")),
        ("register,initial_value=1+2", Register(initial_value=(1, 2))),
        ("holdfast.models.mutex:Mutex", Mutex()),
    ],
)
def test_a_model_is_named_with_its_parameters(text: str, model: object) -> None:
    assert parse_model(text) == model


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mutexx", "did you mean 'mutex'"),
        ("mutex,initial_value=0", "it takes failed_acquire_means_held"),
        ("mutex,held", "'held' is not PARAMETER=VALUE"),
        ("cas-register,initial_vaule=0", "no parameter 'initial_vaule'; it takes initial_value"),
        ("leased-mutex,ttl=-1", "'ttl' must be >= 1: -1; it takes"),
        ("semaphore,permits=few", "it takes permits"),
        ("json:JSONDecoder", "is no model: a model has functions, initial, step"),
        ("holdfast.models.mutex:Nothing", "cannot be imported"),
        ("no.such.module:Model", "cannot be imported"),
    ],
)
def test_a_model_that_does_not_exist_is_a_usage_error(text: str, problem: str) -> None:
    with pytest.raises((UsageError, UnknownName), match=problem):
        parse_model(text)


@pytest.mark.parametrize(
    ("texts", "models"),
    [
        ([], (None, {})),
        (["mutex"], ("mutex", {})),
        (["cas-register,initial_value=0"], ("cas-register,initial_value=0", {})),
        (
            ["lock=mutex", "x=register,initial_value=0"],
            (None, {"lock": "mutex", "x": "register,initial_value=0"}),
        ),
        (["mutex", "x=register"], ("mutex", {"x": "register"})),
    ],
)
def test_models_are_given_for_all_keys_or_for_one(texts: list[str], models: Any) -> None:
    assert parse_models(texts) == models


def test_a_file_may_name_models_but_no_code() -> None:
    assert recorded_model("cas-register,initial_value=a:b") == "cas-register,initial_value=a:b"
    with pytest.raises(UsageError, match="say --model 'os:getpid' if you trust it"):
        recorded_model("os:getpid")


@pytest.mark.parametrize("texts", [["mutex", "register"], ["x=mutex", "x=register"]])
def test_two_models_for_one_key_are_a_usage_error(texts: list[str]) -> None:
    with pytest.raises(UsageError, match="two models"):
        parse_models(texts)


@pytest.mark.parametrize(
    ("text", "strike"),
    [
        ("clock-jump", Strike(2.5, ClockJump())),
        (
            "clock-jump@1.5,nodes=n1+n2,by_ms=-300",
            Strike(1.5, ClockJump(nodes=("n1", "n2"), by_ms=-300)),
        ),
        (
            'partition@1,groups=[["n1"],["n2","n3"]]',
            Strike(1.0, Partition(groups=(("n1",), ("n2", "n3")))),
        ),
        ("clock-jump,nodes=n3", Strike(2.5, ClockJump(nodes=("n3",)))),
        ("restart@0,keep_data=false", Strike(0, Restart(keep_data=False))),
    ],
)
def test_a_fault_is_named_with_time_and_parameters(text: str, strike: Strike) -> None:
    assert parse_fault(text, default_at=2.5) == strike


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("clock-jmp", "did you mean 'clock-jump'"),
        ("clock-jump@soon", "could not convert"),
        ("clock-jump@-1", "the time is -1"),
        ("clock-jump,by=5", "it takes nodes, by_ms"),
        ("clock-jump,by_ms=far", "by_ms"),
    ],
)
def test_a_fault_that_does_not_exist_is_a_usage_error(text: str, problem: str) -> None:
    with pytest.raises((UsageError, UnknownName), match=problem):
        parse_fault(text, default_at=1)


def test_programs_are_existing_files(tmp_path: Path) -> None:
    program = tmp_path / "redis-server"
    program.touch()
    assert parse_programs([f"redis-server={program}"]) == {"redis-server": program}
    for wrong in ("redis-server", f"redis-server={tmp_path / 'none'}"):
        with pytest.raises(UsageError):
            parse_programs([wrong])
