"""A second opinion on a witness, by a page of code that shares nothing with the engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.histories.operation import Operation, Outcome
from holdfast.models.model import Call, Fail, Info, Model, ObservesFailures, Ok, Refused, Result
from holdfast.models.value import Value, freeze


def witness_objection(
    model: Model[Any],
    operations: Sequence[Operation],
    tokens: Mapping[int, Value],
    witness: Sequence[int],
) -> str | None:
    """Return why ``witness`` does not prove ``operations`` linearizable, or ``None`` if it does.

    Args:
        model: the sequential specification.
        operations: one key's operations, all of them.
        tokens: by operation number, the token that replaces the call's value.
        witness: the numbers of those that took effect, in order.
    """
    by_number = {one.number: one for one in operations}
    strangers = [number for number in witness if number not in by_number]
    if strangers:
        return f"operation {strangers[0]} is none of this key"
    if len(set(witness)) < len(witness):
        return "an operation stands in it twice"
    return (
        _incomplete(model, operations, set(witness))
        or _out_of_order([by_number[number] for number in witness])
        or _refused(model, [by_number[number] for number in witness], tokens)
    )


def _incomplete(model: Model[Any], operations: Sequence[Operation], there: set[int]) -> str | None:
    observed = model.observed_failures if isinstance(model, ObservesFailures) else ()
    for one in operations:
        counts = one.outcome is Outcome.OK or (one.outcome is Outcome.FAIL and one.f in observed)
        if counts and one.number not in there:
            return f"operation {one.number} happened, but is not in it"
        if not counts and one.outcome is Outcome.FAIL and one.number in there:
            return f"operation {one.number} failed, but is in it"
    return None


def _out_of_order(witness: Sequence[Operation]) -> str | None:
    latest = None
    for one in witness:
        if latest is None or one.invoked > latest.invoked:
            latest = one
        if one.returned is not None and one.returned < latest.invoked:
            return (
                f"operation {one.number} stands after operation {latest.number}, "
                "but returned before that was invoked"
            )
    return None


def _refused(
    model: Model[Any], witness: Sequence[Operation], tokens: Mapping[int, Value]
) -> str | None:
    state = model.initial()
    for one in witness:
        call = Call(one.f, freeze(tokens.get(one.number, one.value)))
        state = model.step(state, call, _answer(one))
        if isinstance(state, Refused):
            return f"the model refuses operation {one.number}: {state.reason}"
    return None


def _answer(one: Operation) -> Result:
    match one.outcome:
        case Outcome.OK:
            return Ok(freeze(one.result))
        case Outcome.FAIL:
            return Fail(freeze(one.error))
    return Info()
