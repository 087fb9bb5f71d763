"""The counter, call by call."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.counter import Counter


@pytest.mark.parametrize(
    ("state", "call", "result", "following"),
    [
        (0, Call("read"), Ok(0), 0),
        (3, Call("read"), Ok(3), 3),
        (3, Call("read"), Ok(0), Refused("a read returned 0, but the value is 3")),
        (3, Call("read"), Ok(4), Refused("a read returned 4, but the value is 3")),
        (3, Call("read"), Info(), 3),
        (3, Call("add", 2), Ok(), 5),
        (3, Call("add", 2), Ok(2), 5),
        (3, Call("add", 2), Info(), 5),
        (3, Call("add", -4), Ok(), -1),
        (3, Call("add", 0), Ok(), 3),
        (3, Call("increment"), Ok(), 4),
        (3, Call("increment"), Info(), 4),
        (3, Call("increment"), Ok(4), 4),
        (3, Call("increment"), Ok(5), Refused("an increment returned 5, but the value is 4")),
        (3, Call("increment"), Ok(3), Refused("an increment returned 3, but the value is 4")),
    ],
)
def test_steps(state: int, call: Call, result: Result, following: Any) -> None:
    assert Counter().step(state, call, result) == following


@pytest.mark.parametrize("state", [0, 3])
@pytest.mark.parametrize(
    ("call", "result", "words"),
    [
        (Call("read"), Ok("3"), "result of read is '3'; it must be a whole number$"),
        (Call("read"), Ok(None), "result of read is None; it must be a whole number$"),
        (Call("read"), Ok(True), "result of read is True; it must be a whole number$"),
        (Call("increment"), Ok(1.0), "result of increment is 1.0; it must be .* or null"),
        (Call("increment", 2), Ok(), "increment takes no argument, not 2; add takes one"),
        (Call("add"), Ok(), "argument of add is None; it must be a whole number"),
        (Call("add", True), Info(), "argument of add is True; it must be a whole number"),
        (Call("decrement"), Ok(), "unknown function 'decrement'; .* add, increment, read"),
    ],
)
def test_malformed_calls_are_invalid(state: int, call: Call, result: Result, words: str) -> None:
    with pytest.raises(InvalidCall, match=words):
        Counter().step(state, call, result)


def test_the_initial_value() -> None:
    assert Counter().initial() == 0
    assert Counter(initial_value=-7).initial() == -7
    for value in ("1", None, 1.5, True):
        with pytest.raises(TypeError, match="must be a whole number"):
            Counter(initial_value=value)


def test_reads_only_observe() -> None:
    assert Counter().observations == ("read",)
