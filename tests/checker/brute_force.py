"""An answer that shares no code with the checker: try every order of every small history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from holdfast.histories import Operation
from holdfast.models import Call, Fail, Info, Model, ObservesFailures, Ok, Refused, Result
from holdfast.models.model import takes_instants


def is_linearizable(model: Model[Any], operations: Iterable[Operation]) -> bool:
    """Return whether the operations of each key have a legal order that keeps real-time order.

    Lock calls must have their token as their value.
    """
    by_key: dict[Any, list[Operation]] = {}
    for operation in operations:
        by_key.setdefault(operation.invocation.key, []).append(operation)
    return all(_has_order(model, model.initial(), part) for part in by_key.values())


def _has_order(model: Model[Any], state: Any, remaining: Sequence[Operation]) -> bool:
    if all(_kind(operation) == "info" for operation in remaining):
        return True
    for place, operation in enumerate(remaining):
        others = [*remaining[:place], *remaining[place + 1 :]]
        if any(_returned_before(other, operation) for other in others):
            continue
        if _kind(operation) == "fail" and not _observed(model, operation):
            following = state
        else:
            call = Call(operation.f, _value(model, operation))
            following = model.step(state, call, _result(operation))
        if not isinstance(following, Refused) and _has_order(model, following, others):
            return True
    return False


def _value(model: Model[Any], operation: Operation) -> Any:
    if takes_instants(model):
        return operation.value, operation.invoked, operation.returned
    return operation.value


def _returned_before(first: Operation, second: Operation) -> bool:
    if _kind(first) == "info":
        return False
    assert first.completed is not None
    return first.completed < second.invoked


def _kind(operation: Operation) -> str:
    return "info" if operation.completion is None else operation.completion.type


def _observed(model: Model[Any], operation: Operation) -> bool:
    return isinstance(model, ObservesFailures) and operation.f in model.observed_failures


def _result(operation: Operation) -> Result:
    match operation.completion:
        case None:
            return Info()
        case completion if completion.type == "ok":
            return Ok(completion.value)
        case completion if completion.type == "fail":
            return Fail(completion.error)
    return Info()
