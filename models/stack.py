"""A stack: last in, first out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

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
from holdfast.models.persistent_sequence import PersistentSequence

FUNCTIONS = {
    "push": "the element to put on top, not null",
    "pop": "take the one on top; the result is the element, or null if the stack was empty",
}


@MODELS.register("stack")
@frozen
class Stack:
    """A stack with push and pop; a pop that finds it empty returns null.

    Args:
        failed_pop_means_empty: read a failed pop as the observation that the stack was empty. Off by
            default: a call may fail for other reasons.
    """

    failed_pop_means_empty: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return ("pop",) if self.failed_pop_means_empty else ()

    def initial(self) -> PersistentSequence:
        """Return the empty stack; a state is the elements, the top last."""
        return PersistentSequence()

    def step(
        self, state: PersistentSequence, call: Call, result: Result
    ) -> PersistentSequence | Refused:
        """Return the elements after ``call``, or the refusal."""
        if call.f == "push":
            if call.value is None:
                raise InvalidCall("push of null; null is what the pop of an empty stack returns")
            return state.append(call.value)
        if call.f == "pop":
            return _pop(state, result)
        raise unknown_function(call, FUNCTIONS)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        pushes = [(Call("push", value), result) for value in (1, 2) for result in (Ok(), Info())]
        failed = [(Call(f), Fail()) for f in self.observed_failures]
        pops = [(Call("pop"), result) for result in (Ok(1), Ok(2), Ok(None), Info())]
        return [*pushes, *pops, *failed]


def _pop(state: PersistentSequence, result: Result) -> PersistentSequence | Refused:
    value = result.value if isinstance(result, Ok) else None
    if not state:
        nothing_there = Refused(f"popped {value!r}, but the stack is empty")
        return state if value is None else nothing_there
    top = state.last
    if isinstance(result, Fail):
        return Refused(f"the pop failed, but {top!r} is on top")
    if isinstance(result, Info) or value == top:
        return state.without_last()
    said = "found it empty" if value is None else f"popped {value!r}"
    return Refused(f"{said}, but {top!r} is on top")
