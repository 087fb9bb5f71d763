"""The reentrant mutex, call by call."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Fail, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.reentrant_mutex import FREE, ReentrantMutex, ReentrantState

ONCE = ReentrantState(("a",), 1)
TWICE = ReentrantState(("a",), 2)
AS_OFTEN = Refused("'a' holds it 2 times, as often as it may")


@pytest.mark.parametrize("result", [Ok(), Info()])
@pytest.mark.parametrize(
    ("state", "call", "following"),
    [
        (FREE, Call("acquire", "a"), ONCE),
        (ONCE, Call("acquire", "a"), TWICE),
        (TWICE, Call("acquire", "a"), AS_OFTEN),
        (ONCE, Call("acquire", "b"), Refused("held by 'a'")),
        (TWICE, Call("release", "a"), ONCE),
        (ONCE, Call("release", "a"), FREE),
        (ONCE, Call("release", "b"), Refused("held by 'a', not by 'b'")),
        (FREE, Call("release", "a"), Refused("not held")),
    ],
)
def test_an_owner_gives_back_as_often_as_it_took(
    state: ReentrantState, call: Call, result: Result, following: Any
) -> None:
    assert ReentrantMutex().step(state, call, result) == following


@pytest.mark.parametrize(
    ("state", "answer", "following"),
    [
        (FREE, False, FREE),
        (ONCE, True, ONCE),
        (FREE, True, Refused("not held")),
        (TWICE, False, Refused("already held")),
    ],
)
def test_a_read_tells_whether_somebody_holds(
    state: ReentrantState, answer: bool, following: Any
) -> None:
    assert ReentrantMutex().step(state, Call("is_locked"), Ok(answer)) == following
    assert ReentrantMutex().step(state, Call("is_locked"), Info()) == state


@pytest.mark.parametrize(
    ("state", "call", "following"),
    [
        (ONCE, Call("acquire", "b"), ONCE),
        (TWICE, Call("acquire", "a"), TWICE),
        (
            ONCE,
            Call("acquire", "a"),
            Refused("the acquire failed, but 'a' may hold the lock once more"),
        ),
        (FREE, Call("acquire", "a"), Refused("the acquire failed, but nobody holds the lock")),
        (ONCE, Call("release", "b"), ONCE),
        (FREE, Call("release", "a"), FREE),
        (ONCE, Call("release", "a"), Refused("the release failed, but 'a' holds the lock")),
    ],
)
def test_failures_observe_if_wanted(state: ReentrantState, call: Call, following: Any) -> None:
    model = ReentrantMutex(2, failed_acquire_means_held=True, failed_release_means_not_holder=True)
    assert set(model.observed_failures) == {"acquire", "release"}
    assert model.step(state, call, Fail()) == following


def test_one_hold_at_most_is_a_mutex() -> None:
    refused = ReentrantMutex(1).step(ONCE, Call("acquire", "a"), Ok())
    assert refused == Refused("'a' holds it 1 times, as often as it may")
    with pytest.raises(ValueError, match="holds_max"):
        ReentrantMutex(0)


def test_holders_and_unknown_functions() -> None:
    assert ReentrantMutex().holders(FREE) == ()
    assert ReentrantMutex().holders(TWICE) == ("a",)
    with pytest.raises(InvalidCall, match="unknown function 'lock'"):
        ReentrantMutex().step(FREE, Call("lock"), Ok())
