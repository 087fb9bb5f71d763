"""The stack, call by call."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Fail, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.persistent_sequence import PersistentSequence
from holdfast.models.stack import Stack


@pytest.mark.parametrize(
    ("before", "call", "result", "following"),
    [
        ([], Call("push", 1), Ok(), [1]),
        ([1], Call("push", 2), Ok(2), [1, 2]),
        ([1], Call("push", 1), Info(), [1, 1]),
        ([1, 2], Call("pop"), Ok(2), [1]),
        ([1, 2], Call("pop"), Ok(1), Refused("popped 1, but 2 is on top")),
        ([1, 2], Call("pop"), Info(), [1]),
        ([1, 2], Call("pop"), Ok(None), Refused("found it empty, but 2 is on top")),
        ([1, 2], Call("pop"), Fail(), Refused("the pop failed, but 2 is on top")),
        ([], Call("pop"), Ok(1), Refused("popped 1, but the stack is empty")),
        ([], Call("pop"), Ok(None), []),
        ([], Call("pop"), Info(), []),
        ([], Call("pop"), Fail(), []),
    ],
)
def test_steps(before: list[Any], call: Call, result: Result, following: Any) -> None:
    expected = following if isinstance(following, Refused) else PersistentSequence(following)
    assert Stack().step(PersistentSequence(before), call, result) == expected


def test_a_failed_pop_observes_nothing_by_default() -> None:
    assert Stack().observed_failures == ()
    assert Stack(failed_pop_means_empty=True).observed_failures == ("pop",)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (Call("push"), "push of null"),
        (Call("peek"), "unknown function 'peek'; this model knows push, pop"),
    ],
)
def test_malformed_calls_are_invalid(call: Call, words: str) -> None:
    with pytest.raises(InvalidCall, match=words):
        Stack().step(PersistentSequence(), call, Ok())
