"""One key of a key-value store, call by call."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.key_value import KeyValue


@pytest.mark.parametrize(
    ("state", "call", "result", "following"),
    [
        ("", Call("get"), Ok(""), ""),
        ("", Call("get"), Ok("a"), Refused("got 'a', but the value is ''")),
        ("a", Call("get"), Ok("a"), "a"),
        ("a", Call("get"), Ok(""), Refused("got '', but the value is 'a'")),
        ("a", Call("get"), Info(), "a"),
        ("a", Call("put", "b"), Ok(), "b"),
        ("a", Call("put", "b"), Ok("b"), "b"),
        ("a", Call("put", "b"), Info(), "b"),
        ("a", Call("put", ""), Ok(), ""),
        ("", Call("append", "b"), Ok(), "b"),
        ("a", Call("append", "b"), Ok(), "ab"),
        ("a", Call("append", "b"), Ok("b"), "ab"),
        ("a", Call("append", "b"), Info(), "ab"),
        ("a", Call("append", ""), Ok(), "a"),
    ],
)
def test_steps(state: str, call: Call, result: Result, following: Any) -> None:
    assert KeyValue().step(state, call, result) == following


@pytest.mark.parametrize(
    ("call", "result", "words"),
    [
        (Call("get"), Ok(None), "the result of get is None; it must be a string"),
        (Call("get"), Ok(1), "the result of get is 1; it must be a string"),
        (Call("put"), Ok(), "the argument of put is None; it must be a string"),
        (Call("append", ("a",)), Info(), "the argument of append is .*; it must be a string"),
        (Call("delete"), Ok(), "unknown function 'delete'; this model knows get, put, append"),
    ],
)
def test_malformed_calls_are_invalid(call: Call, result: Result, words: str) -> None:
    with pytest.raises(InvalidCall, match=words):
        KeyValue().step("", call, result)


def test_the_initial_value() -> None:
    assert KeyValue().initial() == ""
    assert KeyValue(initial_value="a").initial() == "a"
    with pytest.raises(TypeError, match="initial_value is 0; it must be a string"):
        KeyValue(initial_value=0)


def test_what_observes_and_what_overwrites() -> None:
    assert KeyValue().observations == ("get",)
    assert KeyValue().overwrites == ("put",)
