"""Queues: first in, first out; and one that gives its elements back in any order."""

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
from holdfast.models.persistent_map import PersistentMap
from holdfast.models.persistent_sequence import PersistentSequence
from holdfast.models.value import Value

FUNCTIONS = {
    "enqueue": "the element to put in, not null",
    "dequeue": "take an element out; the result is the element, or null if the queue was empty",
}


@MODELS.register("fifo-queue")
@frozen
class FifoQueue:
    """A queue, first in, first out; a dequeue that finds it empty returns null.

    Args:
        failed_dequeue_means_empty: read a failed dequeue as the observation that the queue was
            empty, as Jepsen's clients record it. Off by default: a call may fail for other reasons.
    """

    failed_dequeue_means_empty: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return ("dequeue",) if self.failed_dequeue_means_empty else ()

    def initial(self) -> PersistentSequence:
        """Return the empty queue; a state is the elements, the next first."""
        return PersistentSequence()

    def step(
        self, state: PersistentSequence, call: Call, result: Result
    ) -> PersistentSequence | Refused:
        """Return the elements after ``call``, or the refusal."""
        if call.f == "enqueue":
            return state.append(_element(call))
        if call.f != "dequeue":
            raise unknown_function(call, FUNCTIONS)
        if not state:
            return state if _may_be_empty(result) else _nothing_there(result)
        if isinstance(result, Info):
            return state.without_first()
        first = state.first
        if _may_be_empty(result):
            return _not_empty(result, f"{first!r} is next")
        if isinstance(result, Ok) and result.value == first:
            return state.without_first()
        return Refused(f"dequeued {_value(result)!r}, but {first!r} is next")

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        return _examples(self.observed_failures)


@frozen
class Bag:
    """What may be in an unordered queue, and how much is.

    Args:
        candidates: each element put in and not known to be taken out, with how often it may be
            there; none where the queue is certainly empty.
        size: how many elements there are: as many as candidates, less one for each dequeue that
            took an unknown one out.
    """

    candidates: PersistentMap
    size: int


EMPTY_BAG = Bag(PersistentMap(), 0)


@MODELS.register("unordered-queue")
@frozen
class UnorderedQueue:
    """A queue that may return any of its elements; a dequeue that finds it empty returns null.

    A dequeue that was not answered, for instance one that timed out, is to be recorded as ``info``,
    as in Jepsen: it may have taken an element out that nobody will ever see. In a witness, the
    element that it took may be one put in later: then it took effect later, as nothing forbids.

    Args:
        failed_dequeue_means_empty: read a failed dequeue as the observation that the queue was
            empty, as Jepsen's clients record it. Off by default: a call may fail for other reasons.
    """

    failed_dequeue_means_empty: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return ("dequeue",) if self.failed_dequeue_means_empty else ()

    def initial(self) -> Bag:
        """Return the empty queue."""
        return EMPTY_BAG

    # Which element a dequeue of unknown result took is never decided; only that it is one of the
    # candidates fewer. This finds the same histories linearizable as all choices together:
    #
    # - No choice is missed. However the queue's true content came about, it is among the candidates,
    #   and of this size; both stay true with each step that the content allows.
    # - Nothing is allowed that no choice explains. Take an order that these steps allow, and an
    #   instant in it at which the size falls to nothing. The candidates left are as many as the
    #   unknown dequeues since it was nothing before. Let these dequeues, each, take effect at this
    #   instant, later than in the order, which is legal as nobody waits for their answers, and let
    #   each take one of those left. All elements dequeued before are then there when they are
    #   needed, and the queue is empty from this instant on as it must be. Where the size does not
    #   fall to nothing again, leave the unknown dequeues out.
    def step(self, state: Bag, call: Call, result: Result) -> Bag | Refused:
        """Return what the queue may hold after ``call``, or the refusal."""
        if call.f == "enqueue":
            element = _element(call)
            often = state.candidates.get(element, 0)
            return Bag(state.candidates.with_entry(element, often + 1), state.size + 1)
        if call.f != "dequeue":
            raise unknown_function(call, FUNCTIONS)
        if not state.size:
            return state if _may_be_empty(result) else _nothing_there(result)
        if isinstance(result, Info):
            return _bag(state.candidates, state.size - 1)
        if _may_be_empty(result):
            return _not_empty(result, f"{state.size} must be there")
        element = _value(result)
        if element not in state.candidates:
            return Refused(f"dequeued {element!r}, which is not there")
        return _bag(_one_fewer(state.candidates, element), state.size - 1)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        return _examples(self.observed_failures)


def _bag(candidates: PersistentMap, size: int) -> Bag:
    return Bag(candidates, size) if size else EMPTY_BAG


def _one_fewer(candidates: PersistentMap, element: Value) -> PersistentMap:
    often = candidates.get(element)
    if often == 1:
        return candidates.without(element)
    return candidates.with_entry(element, often - 1)


def _element(call: Call) -> Value:
    if call.value is None:
        raise InvalidCall("enqueue of null; null is what the dequeue of an empty queue returns")
    return call.value


def _value(result: Result) -> Value:
    return result.value if isinstance(result, Ok) else None


def _may_be_empty(result: Result) -> bool:
    """Return whether an empty queue may give this answer."""
    return not isinstance(result, Ok) or result.value is None


def _nothing_there(result: Result) -> Refused:
    return Refused(f"dequeued {_value(result)!r}, but the queue is empty")


def _not_empty(result: Result, but: str) -> Refused:
    said = "the dequeue failed" if isinstance(result, Fail) else "found it empty"
    return Refused(f"{said}, but {but}")


def _examples(observed_failures: Collection[str]) -> Sequence[Example]:
    put = [(Call("enqueue", element), result) for element in (1, 2) for result in (Ok(), Info())]
    taken = [(Call("dequeue"), result) for result in (Ok(1), Ok(2), Ok(None), Info())]
    return [*put, *taken, *((Call(f), Fail()) for f in observed_failures)]
