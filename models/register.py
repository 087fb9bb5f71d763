"""A register that is read and written, and one with compare-and-set."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import field, frozen

from holdfast.models import MODELS
from holdfast.models.model import (
    Call,
    Example,
    Fail,
    Info,
    InvalidCall,
    Ok,
    Refused,
    Result,
    unknown_function,
)
from holdfast.models.value import Value, freeze

READ_AND_WRITE = {"read": "the result is the value", "write": "the value to write"}
COMPARE_AND_SET = {**READ_AND_WRITE, "cas": "[old, new]: write new if the value is old"}


@MODELS.register("register")
@frozen
class Register:
    """A register with reads and writes.

    Args:
        initial_value: what a read returns before the first write.
        null_read_is_unknown: take a read of null for one whose result is unknown, as Knossos does.
    """

    initial_value: Value = field(default=None, converter=freeze)
    null_read_is_unknown: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return READ_AND_WRITE

    @property
    def observations(self) -> Collection[str]:
        """The functions that never change the value."""
        return ("read",)

    @property
    def overwrites(self) -> Collection[str]:
        """The functions that set the value whatever it was."""
        return ("write",)

    def initial(self) -> Value:
        """Return the initial value; a state is the register's value."""
        return self.initial_value

    def step(self, state: Value, call: Call, result: Result) -> Value | Refused:
        """Return the register's value after ``call``, or the refusal."""
        known = _known(call, result) if self.null_read_is_unknown else result
        return _read_or_write(state, call, known, READ_AND_WRITE)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        return _reads_and_writes(self.initial_value)


@MODELS.register("cas-register")
@frozen
class CasRegister:
    """A register with reads, writes and compare-and-set; the argument of ``cas`` is ``[old, new]``.

    Args:
        initial_value: what a read returns before the first write.
        failed_cas_means_different: read a failed compare-and-set as the observation that the value
            was not ``old``. Off by default: a call may fail for other reasons.
        null_read_is_unknown: take a read of null for one whose result is unknown, as Knossos does.
    """

    initial_value: Value = field(default=None, converter=freeze)
    failed_cas_means_different: bool = False
    null_read_is_unknown: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return COMPARE_AND_SET

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return ("cas",) if self.failed_cas_means_different else ()

    @property
    def observations(self) -> Collection[str]:
        """The functions that never change the value."""
        return ("read",)

    @property
    def overwrites(self) -> Collection[str]:
        """The functions that set the value whatever it was."""
        return ("write",)

    def initial(self) -> Value:
        """Return the initial value; a state is the register's value."""
        return self.initial_value

    def step(self, state: Value, call: Call, result: Result) -> Value | Refused:
        """Return the register's value after ``call``, or the refusal."""
        if call.f != "cas":
            known = _known(call, result) if self.null_read_is_unknown else result
            return _read_or_write(state, call, known, COMPARE_AND_SET)
        if not isinstance(call.value, tuple) or len(call.value) != 2:
            raise InvalidCall(f"the argument of cas is {call.value!r}; it must be [old, new]")
        old, new = call.value
        if isinstance(result, Fail):
            return Refused(f"the cas failed, but the value is {old!r}") if state == old else state
        return new if state == old else Refused(f"expected {old!r}, but the value is {state!r}")

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        swaps = [Call("cas", values) for values in ((self.initial_value, 1), (1, 2), (2, 1))]
        failed = [(call, Fail()) for call in swaps if call.f in self.observed_failures]
        known = [(call, result) for call in swaps for result in (Ok(), Info())]
        return [*_reads_and_writes(self.initial_value), *known, *failed]


def _known(call: Call, result: Result) -> Result:
    return Info() if call.f == "read" and result == Ok(None) else result


def _read_or_write(
    state: Value, call: Call, result: Result, functions: Mapping[str, str]
) -> Value | Refused:
    if call.f == "read":
        if isinstance(result, Ok) and result.value != state:
            return Refused(f"read {result.value!r}, but the value is {state!r}")
        return state
    if call.f == "write":
        return call.value
    raise unknown_function(call, functions)


def _reads_and_writes(initial_value: Value) -> Sequence[Example]:
    reads = [(Call("read"), Ok(value)) for value in (initial_value, 1, 2)]
    writes = [(Call("write", value), result) for value in (1, 2) for result in (Ok(), Info())]
    return [*reads, (Call("read"), Info()), *writes]
