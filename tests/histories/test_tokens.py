"""Which acquire attempt a call belongs to."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.histories.history import History
from holdfast.histories.operation import Event, EventType, Process
from holdfast.histories.tokens import tokens_of

Row = tuple[Process, str, Any, EventType | None, Any, Any]
"""process, function, argument, how it ended, result, and the token that must be found."""

TABLES: dict[str, list[Row]] = {
    "the argument is the token": [
        (0, "acquire", "a", "ok", None, "a"),
        (0, "release", "a", "ok", None, "a"),
        (1, "acquire", "b", "fail", None, "b"),
    ],
    "the argument goes before the result": [
        (0, "acquire", "a", "ok", 17, "a"),
        (0, "release", "a", "ok", True, "a"),
    ],
    "the result is the token where there is no argument": [
        (0, "acquire", None, "ok", 17, 17),
        (0, "release", None, "ok", None, 17),
        (0, "acquire", None, "ok", 18, 18),
        (0, "release", None, "ok", None, 18),
    ],
    "a release belongs to the latest acquire of its own process": [
        (0, "acquire", "a", "ok", None, "a"),
        (1, "acquire", "b", "ok", None, "b"),
        (0, "release", None, "ok", None, "a"),
        (1, "release", None, "ok", None, "b"),
    ],
    "a process that names no token is one": [
        (0, "acquire", None, "ok", None, 0),
        (1, "acquire", None, "fail", None, 1),
        (0, "release", None, "ok", None, 0),
        ("c", "acquire", None, None, None, "c"),
    ],
    "the value of a failed or unknown completion is no result": [
        (0, "acquire", None, "fail", 17, 0),
        (1, "acquire", None, "info", 17, 1),
    ],
    "zero, false and the empty string are tokens": [
        (0, "acquire", 0, "ok", 9, 0),
        (1, "acquire", "", "ok", 9, ""),
        (2, "acquire", False, "ok", 9, False),
    ],
    "other functions have no token and change none": [
        (0, "acquire", "a", "ok", None, "a"),
        (0, "read", "x", "ok", "y", None),
        (0, "release", None, "ok", None, "a"),
    ],
}


@pytest.mark.parametrize("rows", TABLES.values(), ids=TABLES)
def test_tokens(rows: list[Row]) -> None:
    events = []
    for process, f, value, end, result, _ in rows:
        events.append(Event("invoke", process, f, value))
        if end is not None:
            events.append(Event(end, process, f, result))
    tokens = tokens_of(History.of(events), ("acquire", "release"))
    assert [tokens.get(number) for number in range(len(rows))] == [row[-1] for row in rows]
    assert set(tokens) == {number for number, row in enumerate(rows) if row[1] != "read"}


def test_a_token_that_the_completion_tells_holds_for_calls_concurrent_with_it() -> None:
    """The operations are in the order of invocation; the result of the first comes last of all."""
    history = History.of(
        [
            Event("invoke", 0, "acquire"),
            Event("invoke", 1, "acquire"),
            Event("ok", 1, "acquire", 2),
            Event("ok", 0, "acquire", 1),
            Event("invoke", 0, "release"),
            Event("invoke", 1, "release"),
        ]
    )
    assert tokens_of(history, ("acquire", "release")) == {0: 1, 1: 2, 2: 1, 3: 2}
