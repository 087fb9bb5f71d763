"""Which grants a history tells of."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.checker.explain.holds import holds_of
from holdfast.histories import Event, History
from holdfast.histories.operation import EventType
from holdfast.models.mutex import OwnedMutex
from holdfast.models.reentrant_mutex import ReentrantMutex

OWNED: Any = OwnedMutex()
OWNED_REPEATEDLY: Any = ReentrantMutex()

Steps = list[tuple[EventType, str]]

ACQUIRED: Steps = [("invoke", "acquire"), ("ok", "acquire")]
RELEASED: Steps = [("invoke", "release"), ("ok", "release")]


def history_of(steps: Steps, token: Any = None) -> History:
    return History.of(
        Event(type, 3, f, token if type == "invoke" else None, 10 * place)
        for place, (type, f) in enumerate(steps)
    )


@pytest.mark.parametrize("token", [None, "t"])
def test_a_token_that_is_used_again_is_another_grant(token: str | None) -> None:
    history = history_of([*ACQUIRED, *RELEASED, *ACQUIRED], token)
    first, second = holds_of(history, None, OWNED)
    assert (first.granted, first.given_back) == (10, 20)
    assert (second.granted, second.given_back) == (50, None)


@pytest.mark.parametrize(("wanted", "granted"), [([0], [10]), ([1], [10]), ([2], [50]), ([], [])])
def test_only_the_grants_that_are_asked_for(wanted: list[int], granted: list[int]) -> None:
    history = history_of([*ACQUIRED, *RELEASED, *ACQUIRED])
    assert [hold.granted for hold in holds_of(history, None, OWNED, wanted)] == granted


def test_an_owner_that_holds_repeatedly_has_one_grant() -> None:
    history = history_of([*ACQUIRED, *ACQUIRED, *RELEASED])
    (hold,) = holds_of(history, None, OWNED_REPEATEDLY)
    assert (hold.granted, hold.given_back) == (10, 40)
