"""What a model is asked: calls with their tokens, and with their instants where it takes them."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast import Linearizable, NotLinearizable, check
from holdfast.checker.locks.certificate import LeasesTooLong
from holdfast.histories import Event, History
from holdfast.histories.asked import asked_values
from holdfast.histories.errors import HistoryError
from holdfast.models.leased_mutex import LeasedMutex
from holdfast.models.mutex import Mutex, OwnedMutex

ENGINES = ("locks", "search", "wgl", "auto")

EVENTS = [
    Event("invoke", 0, "acquire", None, 0),
    Event("info", "nemesis", "pause", None, 5),
    Event("ok", 0, "acquire", "a", 10),
    Event("invoke", 1, "acquire", "b", 60),
    Event("ok", 1, "acquire", "b", 70),
    Event("invoke", 0, "release", None, 90),
    Event("invoke", 1, "is_locked", None, 95),
    Event("info", 1, "is_locked", None, 99),
]
TAKEN_TWICE = History.of(EVENTS)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Mutex(), {}),
        (OwnedMutex(), {0: "a", 1: "b", 2: "a"}),
        (
            LeasedMutex(),
            {0: ("a", 0, 10), 1: ("b", 60, 70), 2: ("a", 90, None), 3: (None, 95, None)},
        ),
    ],
)
def test_what_is_asked(model: Any, expected: dict[int, Any]) -> None:
    assert asked_values(TAKEN_TWICE, model) == expected


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("ttl", "expected"), [(70, Linearizable), (71, NotLinearizable)])
def test_a_lock_is_granted_again_when_its_lease_has_expired(
    engine: str, ttl: int, expected: type
) -> None:
    assert isinstance(check(TAKEN_TWICE, LeasedMutex(ttl), engine=engine), expected)


def test_the_certificate_names_the_leases() -> None:
    verdict = check(TAKEN_TWICE, LeasedMutex(71), engine="locks")
    assert isinstance(verdict, NotLinearizable)
    assert verdict.counterexample.certificate == LeasesTooLong((0, 2, 1))


def test_a_model_that_goes_by_the_clock_needs_times() -> None:
    untimed = History.of([Event("invoke", 0, "acquire", "a"), Event("ok", 0, "acquire", "a")])
    with pytest.raises(HistoryError, match="no times"):
        check(untimed, LeasedMutex())
