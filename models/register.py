"""A register that is read and written, and one with compare-and-set."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import frozen

from holdfast.models import MODELS
from holdfast.models.model import (
    Call,
    Fail,
    InvalidCall,
    Ok,
    Refused,
    Result,
    unknown_function,
)
from holdfast.models.value import Value, freeze

READ_AND_WRITE = {"read": "the result is the value", "write": "the value to write"}


def _read(state: Value, result: Result) -> Value | Refused:
    if isinstance(result, Ok) and result.value != state:
        return Refused(f"read {result.value!r}, but the value is {state!r}")
    return state


@MODELS.register("register")
@frozen
class Register:
    """A register with reads and writes.

    Args:
        initial_value: what a read returns before the first write.
    """

    initial_value: Value = None

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return READ_AND_WRITE

    def initial(self) -> Value:
        """Return the initial value; a state is the register's value."""
        return freeze(self.initial_value)

    def step(self, state: Value, call: Call, result: Result) -> Value | Refused:
        """Return the register's value after ``call``, or the refusal."""
        if call.f == "read":
            return _read(state, result)
        if call.f == "write":
            return call.value
        raise unknown_function(call, self.functions)


@MODELS.register("cas-register")
@frozen
class CasRegister:
    """A register with reads, writes and compare-and-set; the argument of ``cas`` is ``[old, new]``.

    Args:
        initial_value: what a read returns before the first write.
        failed_cas_means_different: read a failed compare-and-set as the observation that the value was
            not ``old``. Off by default: a call may fail for other reasons.
    """

    initial_value: Value = None
    failed_cas_means_different: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return {**READ_AND_WRITE, "cas": "[old, new]: write new if the value is old"}

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return ("cas",) if self.failed_cas_means_different else ()

    def initial(self) -> Value:
        """Return the initial value; a state is the register's value."""
        return freeze(self.initial_value)

    def step(self, state: Value, call: Call, result: Result) -> Value | Refused:
        """Return the register's value after ``call``, or the refusal."""
        if call.f == "read":
            return _read(state, result)
        if call.f == "write":
            return call.value
        if call.f == "cas":
            return self._compare_and_set(state, call, result)
        raise unknown_function(call, self.functions)

    def _compare_and_set(self, state: Value, call: Call, result: Result) -> Value | Refused:
        if not isinstance(call.value, tuple) or len(call.value) != 2:
            raise InvalidCall(f"the argument of cas is {call.value!r}; it must be [old, new]")
        old, new = call.value
        if isinstance(result, Fail):
            return Refused(f"the cas failed, but the value is {old!r}") if state == old else state
        if state == old:
            return new
        return Refused(f"expected {old!r}, but the value is {state!r}")


