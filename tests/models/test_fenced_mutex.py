"""The mutex with fencing tokens, call by call."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Fail, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.fenced_mutex import FencedMutex, FencedState

START = FencedState((), -1)
FREE = FencedState((), 7)
HELD = FencedState(("a",), 7)


@pytest.mark.parametrize(
    ("state", "call", "result", "following"),
    [
        (START, Call("acquire", "a"), Ok(0), FencedState(("a",), 0)),
        (START, Call("acquire", "a"), Ok(7), HELD),
        (FREE, Call("acquire", "b"), Ok(8), FencedState(("b",), 8)),
        (FREE, Call("acquire", "b"), Ok(7), Refused("its fencing token 7 is not above 7")),
        (FREE, Call("acquire", "b"), Ok(3), Refused("its fencing token 3 is not above 7")),
        (HELD, Call("acquire", "b"), Ok(8), Refused("held by 'a'")),
        (FREE, Call("acquire", "b"), Info(), FencedState(("b",), 8)),
        (HELD, Call("acquire", "b"), Info(), Refused("held by 'a'")),
        (HELD, Call("release", "a"), Ok(), FREE),
        (HELD, Call("release", "a"), Info(), FREE),
        (HELD, Call("release", "b"), Ok(), Refused("held by 'a', not by 'b'")),
        (FREE, Call("release", "a"), Ok(), Refused("not held")),
    ],
)
def test_fenced_mutex(state: FencedState, call: Call, result: Result, following: Any) -> None:
    assert FencedMutex().step(state, call, result) == following


def test_a_failed_acquire_may_observe_that_somebody_holds() -> None:
    model = FencedMutex(failed_acquire_means_held=True)
    assert model.observed_failures == ("acquire",)
    assert model.step(HELD, Call("acquire", "b"), Fail()) == HELD
    refused = Refused("the acquire failed, but nobody holds the lock")
    assert model.step(FREE, Call("acquire", "b"), Fail()) == refused
    assert FencedMutex().observed_failures == ()


@pytest.mark.parametrize("state", [FREE, HELD])
@pytest.mark.parametrize("fence", [None, "8", True, -1, 8.0])
def test_a_grant_without_its_fencing_token_is_invalid(state: FencedState, fence: Any) -> None:
    with pytest.raises(InvalidCall, match="must return its fencing token, a whole number"):
        FencedMutex().step(state, Call("acquire", "b"), Ok(fence))


def test_an_unknown_function_is_invalid() -> None:
    with pytest.raises(InvalidCall, match="unknown function 'lock'"):
        FencedMutex().step(START, Call("lock"), Ok())


def test_the_holder_is_told() -> None:
    assert FencedMutex().holders(FREE) == ()
    assert FencedMutex().holders(HELD) == ("a",)
