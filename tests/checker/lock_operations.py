"""Calls to a lock with their answers and times: as operations, as a question, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from holdfast.checker.locks.rows import NEVER, Row
from holdfast.checker.locks.says import kind_of, owner_of
from holdfast.checker.problem import Problem
from holdfast.histories import Event, Operation
from holdfast.histories.asked import asked_values
from holdfast.models.model import Call, Info, Ok, Result, takes_instants
from holdfast.models.value import Value

Drawn = tuple[Call, Result, int, int]
"""A call, its answer, and when it was invoked and returned (of no meaning where that is unknown)."""


def operation(number: int, call: Call, result: Result, invoked: int, returned: int) -> Operation:
    """Return the operation of a call with its result; with ``Info`` it does not return."""
    invocation = Event("invoke", number, call.f, call.value, invoked)
    if isinstance(result, Info):
        return Operation(number, invocation, None, invoked, None)
    type, value = ("ok", result.value) if isinstance(result, Ok) else ("fail", None)
    completion = Event("ok" if type == "ok" else "fail", number, call.f, value, returned)
    return Operation(number, invocation, completion, invoked, returned)


def operations_of(calls: Sequence[Drawn]) -> tuple[Operation, ...]:
    """Return calls in the order of invocation as operations."""
    return tuple(operation(number, *drawn) for number, drawn in enumerate(calls))


def problem_of(model: Any, calls: Sequence[Drawn]) -> Problem:
    """Return calls in the order of invocation as a question."""
    operations = operations_of(calls)
    values = asked_values(operations, model) if takes_instants(model) else {}
    return Problem.of(model, operations, values)


def rows_of(calls: Sequence[Drawn]) -> list[Row]:
    """Return calls in the order of invocation as rows, as the procedures take them."""
    tokens: dict[Value, int] = {}
    rows = []
    for place, (call, result, invoked, returned) in enumerate(calls):
        kind = kind_of(call, result)
        if kind is None:
            continue
        owned, owner = owner_of(kind, call, result)
        fence = result.value if call.f == "acquire" and isinstance(result, Ok) else None
        rows.append(
            Row(
                place,
                kind,
                tokens.setdefault(owner, len(tokens)) if owned else -1,
                2 * invoked,
                NEVER if isinstance(result, Info) else 2 * returned + 1,
                fence,  # type: ignore[arg-type]
            )
        )
    return rows
