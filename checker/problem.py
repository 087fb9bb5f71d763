"""What an engine decides: a model, and one key's operations as calls and results in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from holdfast.histories.operation import Operation, Outcome
from holdfast.histories.order import endpoints
from holdfast.models.model import Call, Fail, Info, Model, ObservesFailures, Ok, Result
from holdfast.models.value import Value, freeze


@frozen
class Problem:
    """A question for an engine: is there a legal order of these operations?

    The operations of known effect must all take effect between their endpoints; those of unknown
    outcome may, at any time after their invocation. Failed ones are in it only if the model reads
    something into them.

    Args:
        model: the sequential specification.
        operations: those that count, in the order of invocation. An engine speaks of them by their
            place.
        calls: what the model is asked for each.
        results: what was answered; ``Info`` for an unknown outcome.
        endpoints: ``i`` where operation ``i`` is invoked, ``~i`` where it returns, in real-time
            order.
    """

    model: Model[Any]
    operations: tuple[Operation, ...]
    calls: tuple[Call, ...]
    results: tuple[Result, ...]
    endpoints: tuple[int, ...]

    @classmethod
    def of(
        cls, model: Model[Any], operations: Sequence[Operation], tokens: Mapping[int, Value]
    ) -> Problem:
        """Return the problem of ``operations``, all of one key.

        Args:
            model: the sequential specification.
            operations: one key's operations, in the order of invocation. Values of operations that
                no format has read are frozen here.
            tokens: by operation number, the token that replaces the call's value.
        """
        observed = model.observed_failures if isinstance(model, ObservesFailures) else ()
        counting = tuple(
            operation
            for operation in operations
            if operation.outcome is not Outcome.FAIL or operation.f in observed
        )
        return cls(
            model=model,
            operations=counting,
            calls=tuple(call_of(operation, tokens) for operation in counting),
            results=tuple(result_of(operation) for operation in counting),
            endpoints=endpoints(counting),
        )


def call_of(operation: Operation, tokens: Mapping[int, Value]) -> Call:
    """Return what the model is asked for ``operation``."""
    return Call(operation.f, freeze(tokens.get(operation.number, operation.value)))


def result_of(operation: Operation) -> Result:
    """Return what was answered."""
    match operation.outcome:
        case Outcome.OK:
            return Ok(freeze(operation.result))
        case Outcome.FAIL:
            return Fail(freeze(operation.error))
        case Outcome.INFO:
            return Info()
