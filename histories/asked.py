"""What a model is asked by a history's calls: with their tokens, and with their instants if it takes them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from attrs import evolve

from holdfast.histories.columns import INFO, Columns, Values, columns_of
from holdfast.histories.operation import Operation
from holdfast.histories.tokens import with_tokens
from holdfast.models.model import Model, OwnedByToken, takes_instants
from holdfast.models.value import Value


def with_asked_values(columns: Columns, model: Model[Any]) -> Columns:
    """Return ``columns`` with what ``model`` is given as the value of each call."""
    if isinstance(model, OwnedByToken):
        columns = with_tokens(columns, model.token_calls)
    return _with_instants(columns) if takes_instants(model) else columns


def asked_values(operations: Sequence[Operation], model: Model[Any]) -> dict[int, Value]:
    """Return, by operation number, the value that ``model`` is given instead of the recorded one."""
    return asked_values_of(with_asked_values(columns_of(operations), model), model)


def asked_values_of(columns: Columns, model: Model[Any]) -> dict[int, Value]:
    """Return, by operation number, the values of ``columns`` that were put in the recorded ones' place.

    Args:
        columns: what ``with_asked_values`` returned.
        model: the model.
    """
    every = takes_instants(model)
    token_calls = model.token_calls if isinstance(model, OwnedByToken) else ()
    calls = {number for number, f in enumerate(columns.functions) if every or f in token_calls}
    rows = zip(columns.number, columns.f, columns.value, strict=True)
    return {number: columns.values[value] for number, f, value in rows if f in calls}


def _with_instants(columns: Columns) -> Columns:
    values = Values(columns.values.in_order)
    rows = zip(columns.value, columns.invoked, columns.completed, columns.outcome, strict=True)
    timed = array(
        "i",
        (
            values.number((columns.values[value], invoked, None if outcome == INFO else completed))
            for value, invoked, completed, outcome in rows
        ),
    )
    return evolve(columns, value=timed, values=values)
