"""A key-value store, seen from one key: its string is read, replaced and appended to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from holdfast.models import MODELS
from holdfast.models.model import (
    Call,
    Example,
    Info,
    InvalidCall,
    Ok,
    Refused,
    Result,
    unknown_function,
)
from holdfast.models.value import Value

FUNCTIONS = {
    "get": 'the result is the string, "" if there is none',
    "put": "the string to put there",
    "append": "the string to put at its end",
}


def _initial_value(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"initial_value is {value!r}; it must be a string")
    return value


@MODELS.register("key-value")
@frozen
class KeyValue:
    """One key's string, with get, put and append; a history of many keys is split by key.

    Args:
        initial_value: what a get returns before the first put or append.
    """

    initial_value: str = field(default="", converter=_initial_value)

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

    @property
    def observations(self) -> Collection[str]:
        """The functions that never change the string."""
        return ("get",)

    @property
    def overwrites(self) -> Collection[str]:
        """The functions that set the string whatever it was."""
        return ("put",)

    def initial(self) -> str:
        """Return the initial value; a state is the key's string.

        A string appended to often is copied as often. But each get of the history holds a copy too,
        and a string's hash is computed once and its comparison is the fastest there is.
        """
        return self.initial_value

    def step(self, state: str, call: Call, result: Result) -> str | Refused:
        """Return the key's string after ``call``, or the refusal."""
        if call.f == "get":
            if not isinstance(result, Ok):
                return state
            got = _string("result", "get", result.value)
            return state if got == state else Refused(f"got {got!r}, but the value is {state!r}")
        if call.f == "put":
            return _string("argument", "put", call.value)
        if call.f == "append":
            return state + _string("argument", "append", call.value)
        raise unknown_function(call, FUNCTIONS)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        strings = dict.fromkeys((self.initial_value, "", "a", "b", "ab", "bb", "abb"))
        gets = [(Call("get"), Ok(string)) for string in strings]
        changes = [Call("put", "a"), Call("put", ""), Call("append", "b")]
        return [
            *gets,
            (Call("get"), Info()),
            *((call, result) for call in changes for result in (Ok(), Info())),
        ]


def _string(what: str, f: str, value: Value) -> str:
    if not isinstance(value, str):
        raise InvalidCall(f"the {what} of {f} is {value!r}; it must be a string")
    return value
