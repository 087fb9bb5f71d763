"""A set that elements are added to and removed from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

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
from holdfast.models.persistent_map import PersistentMap, in_order
from holdfast.models.value import Value

FUNCTIONS = {
    "add": "the element to add; a result of true or false says whether it was new",
    "remove": "the element to remove; a result of true or false says whether it was there",
    "contains": "the element asked for; the result says whether it is there",
    "read": "the result is a list of all elements, in any order",
}


@frozen(repr=False)
class SetState:
    """The elements of a set, as the keys of a mapping."""

    elements: PersistentMap

    def __repr__(self) -> str:
        return "{" + ", ".join(map(repr, in_order(self.elements))) + "}"


@MODELS.register("set")
@frozen
class Set:
    """A set with add, remove, contains, and a read of all elements.

    Results of ``add`` and ``remove`` that are neither true nor false tell nothing: Jepsen's clients
    answer with the argument.
    """

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

    @property
    def observations(self) -> Collection[str]:
        """The functions that never change the set."""
        return ("contains", "read")

    def initial(self) -> SetState:
        """Return the empty set."""
        return SetState(PersistentMap())

    def step(self, state: SetState, call: Call, result: Result) -> SetState | Refused:
        """Return the set after ``call``, or the refusal."""
        if call.f == "read":
            return _refusal_of_read(state, result) or state
        if call.f not in FUNCTIONS:
            raise unknown_function(call, FUNCTIONS)
        there = call.value in state.elements
        said = _yes_or_no(call, result)
        if said is not None and said != (there if call.f != "add" else not there):
            return Refused(f"{call} returned {said}, but it was {'' if there else 'not '}there")
        if call.f == "add" and not there:
            return SetState(state.elements.with_entry(call.value, True))
        if call.f == "remove" and there:
            return SetState(state.elements.without(call.value))
        return state

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        said: list[Result] = [Ok(True), Ok(False), Info()]
        changes = [(Call(f, n), Ok()) for f in ("add", "remove") for n in (1, 2)]
        asked = [
            (Call(f, element), result)
            for f in ("add", "remove", "contains")
            for element in (1, 2)
            for result in said
        ]
        reads = [(Call("read"), Ok(elements)) for elements in ((), (1,), (2,), (2, 1))]
        return [*asked, *changes, *reads, (Call("read"), Info())]


def _yes_or_no(call: Call, result: Result) -> bool | None:
    """Return what the answer says, or ``None`` where it says nothing."""
    if not isinstance(result, Ok):
        return None
    if isinstance(result.value, bool):
        return result.value
    if call.f == "contains":
        raise InvalidCall(f"the result of contains is {result.value!r}; it must be true or false")
    return None


def _refusal_of_read(state: SetState, result: Result) -> Refused | None:
    if not isinstance(result, Ok):
        return None
    if not isinstance(result.value, (tuple, frozenset)):
        raise InvalidCall(f"the result of a read is {result.value!r}; it must be a list")
    seen: set[Value] = set()
    for element in result.value:
        if element not in state.elements:
            return Refused(f"read {element!r}, which is not there")
        if element in seen:
            return Refused(f"read {element!r} twice")
        seen.add(element)
    if len(seen) == len(state.elements):
        return None
    missing = in_order(element for element in state.elements if element not in seen)
    more = f" and {len(missing) - 1} more, which are" if len(missing) > 1 else ", which is"
    return Refused(f"read without {missing[0]!r}{more} there")
