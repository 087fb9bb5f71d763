"""A mutex with a lease, call by call: when it is free, and when it cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models.leased_mutex import LeasedMutex, LeaseState
from holdfast.models.model import Call, Fail, Info, InvalidCall, Ok, Refused, Result

OBSERVING: Any = {"failed_acquire_means_held": True, "failed_release_means_not_holder": True}


TTL = 10
HELD = LeaseState(clock=5, holder=("a",), granted=5)
FREE = LeaseState(clock=5)

STEPS: list[tuple[LeaseState, str, tuple[Any, int, int | None], Result, LeaseState | str]] = [
    (FREE, "acquire", ("a", 0, 9), Ok(), LeaseState(5, ("a",), 5)),
    (FREE, "acquire", ("a", 7, 9), Ok(), LeaseState(7, ("a",), 7)),
    (FREE, "acquire", ("a", 0, 4), Ok(), "it had returned by then"),
    (FREE, "acquire", ("a", 0, None), Info(), LeaseState(5, ("a",), 5)),
    (FREE, "acquire", ("a", 0, 9), Fail(), "nobody holds"),
    (HELD, "acquire", ("b", 0, 15), Ok(), LeaseState(15, ("b",), 15)),
    (HELD, "acquire", ("b", 0, 14), Ok(), "whose lease had not expired"),
    (HELD, "acquire", ("b", 0, None), Info(), LeaseState(15, ("b",), 15)),
    (HELD, "acquire", ("b", 8, 9), Fail(), LeaseState(8, ("a",), 5)),
    (HELD, "release", ("a", 6, 7), Ok(), LeaseState(6)),
    (HELD, "release", ("a", 60, 70), Ok(), LeaseState(60)),
    (HELD, "release", ("b", 6, 7), Ok(), "held by 'a', not by 'b'"),
    (HELD, "release", ("a", 6, 14), Fail(), "whose lease had not expired"),
    (HELD, "release", ("a", 6, 15), Fail(), LeaseState(15)),
    (HELD, "release", ("b", 6, 7), Fail(), LeaseState(6, ("a",), 5)),
    (FREE, "release", ("a", 6, 7), Ok(), "not held"),
    (HELD, "is_locked", (None, 6, 7), Ok(True), LeaseState(6, ("a",), 5)),
    (HELD, "is_locked", (None, 6, 14), Ok(False), "whose lease had not expired"),
    (HELD, "is_locked", (None, 6, 15), Ok(False), LeaseState(15)),
    (FREE, "is_locked", (None, 6, 7), Ok(True), "not held"),
    (HELD, "holder", (None, 6, 7), Ok("a"), LeaseState(6, ("a",), 5)),
    (HELD, "holder", (None, 6, 7), Ok("b"), "held by 'a', not by 'b'"),
    (HELD, "holder", (None, 6, 20), Ok(None), LeaseState(15)),
    (HELD, "holder", (None, 6, None), Info(), LeaseState(6, ("a",), 5)),
    (FREE, "holder", (None, 6, 7), Ok("a"), "not held"),
]


@pytest.mark.parametrize(("state", "f", "value", "result", "expected"), STEPS)
def test_a_call(
    state: LeaseState,
    f: str,
    value: tuple[Any, int, int | None],
    result: Result,
    expected: LeaseState | str,
) -> None:
    after = LeasedMutex(TTL, **OBSERVING).step(state, Call(f, value), result)
    if isinstance(after, Refused):
        assert isinstance(expected, str)
        assert expected in after.reason
    else:
        assert after == expected


def test_failures_are_observed_only_if_one_says_so() -> None:
    assert LeasedMutex(TTL).observed_failures == ()
    assert LeasedMutex(TTL, failed_acquire_means_held=True).observed_failures == ("acquire",)
    assert LeasedMutex(TTL, failed_release_means_not_holder=True).observed_failures == ("release",)


@pytest.mark.parametrize("value", ["a", ("a", 0), ("a", "0", 1)])
def test_a_call_without_instants_is_refused(value: Any) -> None:
    with pytest.raises(InvalidCall, match="no instants"):
        LeasedMutex().step(FREE, Call("acquire", value), Ok())


def test_a_lease_lasts() -> None:
    with pytest.raises(ValueError, match="ttl"):
        LeasedMutex(0)
