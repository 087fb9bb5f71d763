"""Histories written by hand, an operation a row: function, argument, when invoked, when completed."""

from __future__ import annotations

from typing import Any

from holdfast.histories import Event, Operation
from holdfast.histories.operation import EventType


def ok(f: str, value: Any, invoked: int, completed: int, result: Any = None) -> Operation:
    return _operation(f, value, invoked, completed, "ok", result)


def fail(f: str, value: Any, invoked: int, completed: int) -> Operation:
    return _operation(f, value, invoked, completed, "fail", value)


def info(f: str, value: Any, invoked: int, completed: int) -> Operation:
    return _operation(f, value, invoked, completed, "info", value)


def never(f: str, value: Any, invoked: int) -> Operation:
    return Operation(0, Event("invoke", 0, f, value, invoked), None, invoked, None)


def history(*rows: Operation, key: Any = None) -> tuple[Operation, ...]:
    """Return the rows in the order of their invocations, numbered, each by a client of its own."""
    return tuple(
        Operation(
            number=number,
            invocation=_by(number, row.invocation, key),
            completion=None if row.completion is None else _by(number, row.completion, key),
            invoked=row.invoked,
            completed=row.completed,
        )
        for number, row in enumerate(sorted(rows, key=lambda row: row.invoked))
    )


def _operation(
    f: str, value: Any, invoked: int, completed: int, type: EventType, result: Any
) -> Operation:
    return Operation(
        number=0,
        invocation=Event("invoke", 0, f, value, invoked),
        completion=Event(type, 0, f, result, completed),
        invoked=invoked,
        completed=completed,
    )


def _by(process: int, event: Event, key: Any) -> Event:
    return Event(event.type, process, event.f, event.value, event.time, key=event.key or key)
