"""The set, call by call."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.persistent_map import PersistentMap
from holdfast.models.set import Set, SetState


def state_of(elements: Any) -> SetState:
    return SetState(PersistentMap((element, True) for element in elements))


@pytest.mark.parametrize(
    ("before", "call", "result", "following"),
    [
        ([], Call("add", 1), Ok(), [1]),
        ([], Call("add", 1), Info(), [1]),
        ([], Call("add", 1), Ok(True), [1]),
        ([], Call("add", 1), Ok(False), Refused("add(1) returned False, but it was not there")),
        ([1], Call("add", 1), Ok(1), [1]),
        ([1], Call("add", 1), Ok(False), [1]),
        ([1], Call("add", 1), Ok(True), Refused("add(1) returned True, but it was there")),
        ([1], Call("add", (1, "a")), Ok(), [1, (1, "a")]),
        ([1, 2], Call("remove", 1), Ok(), [2]),
        ([1, 2], Call("remove", 1), Ok(1), [2]),
        ([1, 2], Call("remove", 1), Info(), [2]),
        ([1, 2], Call("remove", 1), Ok(True), [2]),
        ([1], Call("remove", 1), Ok(False), Refused("remove(1) returned False, but it was there")),
        ([2], Call("remove", 1), Ok(), [2]),
        ([2], Call("remove", 1), Info(), [2]),
        ([2], Call("remove", 1), Ok(False), [2]),
        (
            [2],
            Call("remove", 1),
            Ok(True),
            Refused("remove(1) returned True, but it was not there"),
        ),
        ([2], Call("contains", 2), Ok(True), [2]),
        ([2], Call("contains", 1), Ok(False), [2]),
        ([2], Call("contains", 1), Info(), [2]),
        (
            [2],
            Call("contains", 1),
            Ok(True),
            Refused("contains(1) returned True, but it was not there"),
        ),
        (
            [2],
            Call("contains", 2),
            Ok(False),
            Refused("contains(2) returned False, but it was there"),
        ),
        ([], Call("read"), Ok(()), []),
        ([1, 2], Call("read"), Ok((2, 1)), [1, 2]),
        ([1, 2], Call("read"), Ok(frozenset((1, 2))), [1, 2]),
        ([1, 2], Call("read"), Info(), [1, 2]),
        ([1, 2], Call("read"), Ok((2, 3)), Refused("read 3, which is not there")),
        ([1, 2], Call("read"), Ok((2, 2)), Refused("read 2 twice")),
        ([1, 2], Call("read"), Ok((1, 2, 1)), Refused("read 1 twice")),
        ([1, 2], Call("read"), Ok((2,)), Refused("read without 1, which is there")),
        (
            [10, 9, 1],
            Call("read"),
            Ok((1,)),
            Refused("read without 9 and 1 more, which are there"),
        ),
    ],
)
def test_steps(before: list[Any], call: Call, result: Result, following: Any) -> None:
    expected = following if isinstance(following, Refused) else state_of(following)
    assert Set().step(state_of(before), call, result) == expected


@pytest.mark.parametrize(
    ("call", "result", "words"),
    [
        (Call("read"), Ok(None), "the result of a read is None; it must be a list"),
        (Call("read"), Ok("ab"), "the result of a read is 'ab'; it must be a list"),
        (Call("contains", 1), Ok(None), "the result of contains is None; it must be true or false"),
        (Call("contains", 1), Ok(1), "the result of contains is 1; it must be true or false"),
        (Call("clear"), Ok(), "unknown function 'clear'; .* add, remove, contains, read"),
    ],
)
def test_malformed_calls_are_invalid(call: Call, result: Result, words: str) -> None:
    with pytest.raises(InvalidCall, match=words):
        Set().step(Set().initial(), call, result)


def test_states_are_told_by_their_elements() -> None:
    assert str(state_of([])) == "{}"
    assert str(state_of([10, 9])) == "{9, 10}"


def test_contains_and_read_only_observe() -> None:
    assert Set().observations == ("contains", "read")
