"""A counter that is added to and read."""

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
    "add": "the whole number to add, negative ones too; its result is not looked at",
    "increment": "add 1; the result is the value after it, or null",
    "read": "the result is the value",
}


def _initial_value(value: Any) -> int:
    if not _is_whole_number(value):
        raise TypeError(f"initial_value is {value!r}; it must be a whole number")
    return int(value)


@MODELS.register("counter")
@frozen
class Counter:
    """A counter with additions, increments and reads.

    Args:
        initial_value: what a read returns before the first addition.
    """

    initial_value: int = field(default=0, converter=_initial_value)

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

    @property
    def observations(self) -> Collection[str]:
        """The functions that never change the value."""
        return ("read",)

    def initial(self) -> int:
        """Return the initial value; a state is the counter's value."""
        return self.initial_value

    def step(self, state: int, call: Call, result: Result) -> int | Refused:
        """Return the counter's value after ``call``, or the refusal."""
        if call.f == "read":
            return _seen("a read", _number("read", result, or_null=False), state)
        if call.f == "increment":
            if call.value is not None:
                raise InvalidCall(f"increment takes no argument, not {call.value!r}; add takes one")
            return _seen("an increment", _number("increment", result, or_null=True), state + 1)
        if call.f == "add":
            if not _is_whole_number(call.value):
                raise InvalidCall(
                    f"the argument of add is {call.value!r}; it must be a whole number"
                )
            # Jepsen's clients answer with the argument, others with the value or nothing.
            return state + call.value  # type: ignore[operator]
        raise unknown_function(call, FUNCTIONS)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        near = [self.initial_value + distance for distance in (0, 1, 2, 3, -2, -1)]
        reads = [(Call("read"), Ok(value)) for value in near]
        added = [(Call("add", n), result) for n in (1, 2, -2) for result in (Ok(), Info())]
        increments = [(Call("increment"), Ok(value)) for value in (*near[1:4], None)]
        lost = [(Call(f), Info()) for f in ("read", "increment")]
        return [*reads, *added, *increments, *lost]


def _seen(what: str, number: int | None, state: int) -> int | Refused:
    """Return the state if ``number`` may have been seen in it; ``None`` tells nothing."""
    if number is None or number == state:
        return state
    return Refused(f"{what} returned {number}, but the value is {state}")


def _number(f: str, result: Result, *, or_null: bool) -> int | None:
    if not isinstance(result, Ok) or (or_null and result.value is None):
        return None
    if not _is_whole_number(result.value):
        allowed = "a whole number or null" if or_null else "a whole number"
        raise InvalidCall(f"the result of {f} is {result.value!r}; it must be {allowed}")
    return result.value  # type: ignore[return-value]


def _is_whole_number(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
