"""The mutex without owners and the mutex by token, call by call."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Fail, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.mutex import Mutex, OwnedMutex

FREE: Any = ()
HELD = ("a",)


@pytest.mark.parametrize("result", [Ok(), Info()])
@pytest.mark.parametrize(
    ("state", "f", "following"),
    [
        (False, "acquire", True),
        (True, "acquire", Refused("already held")),
        (True, "release", False),
        (False, "release", Refused("not held")),
    ],
)
def test_mutex(state: bool, f: str, result: Result, following: Any) -> None:
    assert Mutex().step(state, Call(f), result) == following


@pytest.mark.parametrize("result", [Ok(), Info()])
@pytest.mark.parametrize(
    ("state", "call", "following"),
    [
        (FREE, Call("acquire", "a"), HELD),
        (HELD, Call("acquire", "a"), Refused("held by 'a'")),
        (HELD, Call("acquire", "b"), Refused("held by 'a'")),
        (HELD, Call("release", "a"), FREE),
        (HELD, Call("release", "b"), Refused("held by 'a', not by 'b'")),
        (FREE, Call("release", "a"), Refused("not held")),
        (FREE, Call("acquire", None), (None,)),
        ((None,), Call("release", None), FREE),
    ],
)
def test_owned_mutex(state: Any, call: Call, result: Result, following: Any) -> None:
    assert OwnedMutex().step(state, call, result) == following


@pytest.mark.parametrize(
    ("model", "free", "held"),
    [
        (Mutex(failed_acquire_means_held=True), False, True),
        (OwnedMutex(failed_acquire_means_held=True), FREE, HELD),
    ],
)
def test_a_failed_acquire_observes_that_somebody_holds(model: Any, free: Any, held: Any) -> None:
    assert model.observed_failures == ("acquire",)
    assert model.step(held, Call("acquire", "b"), Fail()) == held
    refused = Refused("the acquire failed, but nobody holds the lock")
    assert model.step(free, Call("acquire", "b"), Fail()) == refused


def test_a_failed_acquire_observes_nothing_by_default() -> None:
    assert Mutex().observed_failures == ()
    assert OwnedMutex().observed_failures == ()


def test_the_holder_is_told() -> None:
    assert OwnedMutex().holders(FREE) == ()
    assert OwnedMutex().holders(HELD) == HELD


@pytest.mark.parametrize("model", [Mutex(), OwnedMutex()])
def test_an_unknown_function_is_invalid(model: Any) -> None:
    words = f"unknown function 'lock'; this model knows {', '.join(model.functions)}"
    with pytest.raises(InvalidCall, match=f"^{words}$"):
        model.step(model.initial(), Call("lock"), Ok())
