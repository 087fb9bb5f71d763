"""Events and operations."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from holdfast.histories.operation import NO_EXTRA, Event, Operation, Outcome
from holdfast.models.value import FrozenMapping

CALL = Event("invoke", 3, "acquire", "token", key="lock")


def operation(completion: Event | None) -> Operation:
    completed = None if completion is None else 20
    return Operation(
        number=0, invocation=CALL, completion=completion, invoked=10, completed=completed
    )


@pytest.mark.parametrize(
    ("completion", "outcome", "result", "error", "returned"),
    [
        (Event("ok", 3, "acquire", 7, key="lock"), Outcome.OK, 7, None, 20),
        (Event("fail", 3, "acquire", 7, key="lock", error="no"), Outcome.FAIL, None, "no", 20),
        (Event("info", 3, "acquire", 7, key="lock", error="?"), Outcome.INFO, None, "?", None),
        (None, Outcome.INFO, None, None, None),
    ],
    ids=["ok", "fail", "info", "pending"],
)
def test_what_became_of_a_call(
    completion: Event | None, outcome: Outcome, result: Any, error: Any, returned: int | None
) -> None:
    """Only an ok has a result, and only an ok or a fail is known to be over at some instant."""
    done = operation(completion)
    assert (done.outcome, done.result, done.error, done.returned) == (
        outcome,
        result,
        error,
        returned,
    )
    assert (done.process, done.f, done.value, done.key) == (3, "acquire", "token", "lock")


@pytest.mark.parametrize("thing", [CALL, operation(None)], ids=["event", "operation"])
def test_they_do_not_change(thing: Any) -> None:
    with pytest.raises(AttributeError, match="immutable"):
        thing.key = "other"


def test_equal_ones_hash_alike_so_that_they_can_be_collected() -> None:
    extra = FrozenMapping({"zone": ["a", {"b": 1}]})
    first = Event("invoke", 3, "acquire", extra=extra)
    second = Event("invoke", 3, "acquire", extra=FrozenMapping({"zone": ["a", {"b": 1}]}))
    assert len({first, second, CALL}) == 2
    assert len({operation(None), operation(None)}) == 1


def test_an_event_has_no_extra_fields_by_default_and_shares_that_nothing() -> None:
    assert CALL.extra is NO_EXTRA
    assert CALL.extra == {}


def test_they_travel_between_processes() -> None:
    done = operation(Event("ok", 3, "acquire", FrozenMapping({"fence": 1}), key="lock"))
    assert pickle.loads(pickle.dumps(done)) == done
