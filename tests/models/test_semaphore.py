"""Semaphores without owners and by token, call by call."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Fail, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.semaphore import OwnedSemaphore, Semaphore

OBSERVING: Any = {"failed_acquire_means_held": True, "failed_release_means_not_holder": True}


NONE: frozenset[str] = frozenset()
ONE, BOTH = frozenset("a"), frozenset("ab")
ALL_TAKEN = Refused("all permits are taken")
FREE = Refused("a permit is free")


@pytest.mark.parametrize("result", [Ok(), Info()])
@pytest.mark.parametrize(
    ("taken", "f", "following"),
    [
        (0, "acquire", 1),
        (1, "acquire", 2),
        (2, "acquire", ALL_TAKEN),
        (2, "release", 1),
        (0, "release", Refused("no permit is taken")),
    ],
)
def test_semaphore(taken: int, f: str, result: Result, following: Any) -> None:
    assert Semaphore().step(taken, Call(f), result) == following


@pytest.mark.parametrize("result", [Ok(), Info()])
@pytest.mark.parametrize(
    ("holders", "call", "following"),
    [
        (NONE, Call("acquire", "a"), ONE),
        (ONE, Call("acquire", "b"), BOTH),
        (BOTH, Call("acquire", "c"), ALL_TAKEN),
        (ONE, Call("acquire", "a"), Refused("'a' has a permit already")),
        (BOTH, Call("release", "b"), ONE),
        (ONE, Call("release", "b"), Refused("'b' has no permit")),
    ],
)
def test_owned_semaphore(
    holders: frozenset[str], call: Call, result: Result, following: Any
) -> None:
    assert OwnedSemaphore().step(holders, call, result) == following


@pytest.mark.parametrize(
    ("model", "full", "not_full"), [(Semaphore(2), 2, 1), (OwnedSemaphore(2), BOTH, ONE)]
)
def test_a_read_tells_whether_all_permits_are_taken(model: Any, full: Any, not_full: Any) -> None:
    assert model.step(full, Call("is_locked"), Ok(True)) == full
    assert model.step(not_full, Call("is_locked"), Ok(False)) == not_full
    assert model.step(full, Call("is_locked"), Ok(False)) == ALL_TAKEN
    assert model.step(not_full, Call("is_locked"), Ok(True)) == FREE


@pytest.mark.parametrize(
    ("model", "full", "not_full"),
    [
        (Semaphore(2, True), 2, 1),
        (
            OwnedSemaphore(2, **OBSERVING),
            BOTH,
            ONE,
        ),
    ],
)
def test_a_failed_acquire_observes_that_all_permits_are_taken(
    model: Any, full: Any, not_full: Any
) -> None:
    assert "acquire" in model.observed_failures
    assert model.step(full, Call("acquire", "c"), Fail()) == full
    refused = Refused("the acquire failed, but a permit is free")
    assert model.step(not_full, Call("acquire", "c"), Fail()) == refused


def test_a_failed_release_observes_that_its_token_has_none() -> None:
    model = OwnedSemaphore(2, failed_release_means_not_holder=True)
    assert model.step(ONE, Call("release", "b"), Fail()) == ONE
    refused = Refused("the release failed, but 'a' holds the lock")
    assert model.step(ONE, Call("release", "a"), Fail()) == refused


@pytest.mark.parametrize("model", [Semaphore, OwnedSemaphore])
def test_there_is_one_permit_at_least(model: Any) -> None:
    assert model(1).permits == 1
    with pytest.raises(ValueError, match="permits"):
        model(0)


def test_holders_and_unknown_functions() -> None:
    assert OwnedSemaphore().holders(BOTH) == ("a", "b")
    cases: list[tuple[Any, Any]] = [(Semaphore(), 0), (OwnedSemaphore(), NONE)]
    for model, state in cases:
        with pytest.raises(InvalidCall, match="unknown function 'lock'"):
            model.step(state, Call("lock"), Ok())
