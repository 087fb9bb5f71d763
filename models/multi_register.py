"""Several registers that one transaction reads and writes at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from holdfast.models.persistent_map import PersistentMap
from holdfast.models.value import FrozenMapping, Value

FUNCTIONS = {
    "txn": '[["read", register, null], ["write", register, value], ...], done in this order at '
    "once; the result is the same list with what was read in place of null",
}
READS = ("read", "r")
WRITES = ("write", "w")

Access = tuple[bool, Value, Value]
"""Whether it writes; the register; the value."""


def _initial_value(value: Any) -> FrozenMapping:
    if not isinstance(value, Mapping):
        raise TypeError(f'initial_value is {value!r}; it must be an object, such as {{"x": 0}}')
    return FrozenMapping(value)


@MODELS.register("multi-register")
@frozen
class MultiRegister:
    """Several registers, read and written by transactions; a register never written holds null.

    It takes Knossos's transactions, and Jepsen's with the short names ``r`` and ``w``.

    Args:
        initial_value: what each register holds at first, null where it is not named.
        null_read_is_unknown: take a read of null for one whose result is unknown, as Knossos does.
    """

    initial_value: FrozenMapping = field(default=FrozenMapping({}), converter=_initial_value)
    null_read_is_unknown: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

    def initial(self) -> PersistentMap:
        """Return the initial values; a state maps each register that is not null to its value."""
        given = self.initial_value.items()
        return PersistentMap((name, value) for name, value in given if value is not None)

    def step(self, state: PersistentMap, call: Call, result: Result) -> PersistentMap | Refused:
        """Return the registers after ``call``, or the refusal."""
        if call.f != "txn":
            raise unknown_function(call, FUNCTIONS)
        accesses = _accesses("argument", call.value)
        if isinstance(result, Ok):
            accesses = _answered(accesses, result.value)
        for writes, register, value in accesses:
            if writes:
                # One state only for a register that holds null: without it.
                state = (
                    state.without(register) if value is None else state.with_entry(register, value)
                )
            elif self._tells(result, value) and value != state.get(register):
                return Refused(f"read {value!r}, but {register} is {state.get(register)!r}")
        return state

    def _tells(self, result: Result, value: Value) -> bool:
        """Return whether a read with this answer says what the register held."""
        return isinstance(result, Ok) and not (value is None and self.null_read_is_unknown)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        first = {name: self.initial_value.get(name) for name in ("x", "y")}
        of_x, of_y = dict.fromkeys((first["x"], 1, 2)), dict.fromkeys((first["y"], 2))
        both = [(("read", "x", x), ("read", "y", y)) for x in of_x for y in of_y]
        answers: list[tuple[tuple[Value, ...], ...]] = [
            (("write", "x", 1),),
            (("write", "x", 2), ("write", "y", 2)),
            *((("read", "x", x),) for x in of_x),
            *both,
            *((("read", "y", y), ("write", "x", 1), ("read", "x", 1)) for y in of_y),
        ]
        answered = [(Call("txn", _asked(answer)), Ok(answer)) for answer in answers]
        lost = dict.fromkeys(call for call, _ in answered)
        return [*answered, *((call, Info()) for call in lost)]


def _asked(answer: tuple[tuple[Value, ...], ...]) -> tuple[tuple[Value, ...], ...]:
    return tuple((f, name, None if f in READS else value) for f, name, value in answer)


def _accesses(what: str, value: Value) -> list[Access]:
    if not isinstance(value, tuple):
        raise _malformed(what, value)
    accesses = []
    for access in value:
        if not isinstance(access, tuple) or len(access) != 3 or access[0] not in READS + WRITES:
            raise _malformed(what, value)
        accesses.append((access[0] in WRITES, access[1], access[2]))
    return accesses


def _answered(asked: Sequence[Access], value: Value) -> list[Access]:
    answered = _accesses("result", value)
    if list(map(_question, answered)) != list(map(_question, asked)):
        raise InvalidCall(
            f"the result of a txn is {value!r}; it must be its argument with what was read in place "
            "of null"
        )
    return answered


def _question(access: Access) -> tuple[Value, ...]:
    """Return what of an access is known before its answer."""
    writes, register, value = access
    return (writes, register, value) if writes else (writes, register)


def _malformed(what: str, value: Value) -> InvalidCall:
    return InvalidCall(
        f'the {what} of a txn is {value!r}; it must be a list of ["read", register, null] and '
        '["write", register, value]'
    )
