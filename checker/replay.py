"""A second opinion on a witness: it is replayed on the model by code that no engine shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.histories.operation import Operation, Outcome
from holdfast.histories.order import precedes
from holdfast.models.model import Call, Fail, Info, Model, ObservesFailures, Ok, Refused, Result
from holdfast.models.value import Value, freeze


def objection(
    model: Model[Any],
    operations: Sequence[Operation],
    tokens: Mapping[int, Value],
    witness: Sequence[Operation],
) -> str | None:
    """Return why ``witness`` does not prove ``operations`` linearizable, or ``None`` if it does.

    It proves it if every operation known to have happened is in it exactly once, of the others only
    unknown ones are, nothing stands before what it certainly came after, and the model accepts it.

    Args:
        model: the sequential specification.
        operations: one key's operations, all of them.
        tokens: by operation number, the token that replaces the call's value.
        witness: the operations that took effect, in order.
    """
    return (
        _counted_wrongly(model, operations, witness)
        or _out_of_order(witness)
        or _refused(model, tokens, witness)
    )


def _counted_wrongly(
    model: Model[Any], operations: Sequence[Operation], witness: Sequence[Operation]
) -> str | None:
    observed = model.observed_failures if isinstance(model, ObservesFailures) else ()
    times = {operation.number: 0 for operation in operations}
    for operation in witness:
        if operation.number not in times:
            return f"operation {operation.number} is not in the history"
        times[operation.number] += 1
    for operation in operations:
        most = 0 if operation.outcome is Outcome.FAIL and operation.f not in observed else 1
        least = 0 if operation.outcome is Outcome.INFO else most
        if not least <= times[operation.number] <= most:
            return (
                f"operation {operation.number}, of outcome {operation.outcome.value}, "
                f"stands in it {times[operation.number]} times"
            )
    return None


def _out_of_order(witness: Sequence[Operation]) -> str | None:
    # Of those that stand before, the one invoked last suffices: whoever precedes any precedes it.
    last_invoked: Operation | None = None
    for operation in witness:
        if last_invoked is not None and precedes(operation, last_invoked):
            return (
                f"operation {operation.number} stands after operation {last_invoked.number}, "
                "but returned before that was invoked"
            )
        if last_invoked is None or operation.invoked > last_invoked.invoked:
            last_invoked = operation
    return None


def _refused(
    model: Model[Any], tokens: Mapping[int, Value], witness: Sequence[Operation]
) -> str | None:
    state = model.initial()
    for operation in witness:
        call = Call(operation.f, freeze(tokens.get(operation.number, operation.value)))
        following = model.step(state, call, _answer(operation))
        if isinstance(following, Refused):
            return f"the model refuses operation {operation.number}: {following.reason}"
        state = following
    return None


def _answer(operation: Operation) -> Result:
    if operation.outcome is Outcome.OK:
        return Ok(freeze(operation.result))
    return Fail(freeze(operation.error)) if operation.outcome is Outcome.FAIL else Info()
