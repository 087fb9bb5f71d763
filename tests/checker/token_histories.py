"""Small histories that are hard on a monitor: few instants, many ties, releases that fail or come early."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from holdfast.histories import Event, Operation
from holdfast.models import OwnedByToken
from holdfast.models.fenced_mutex import FencedMutex, UnownedFencedMutex

OPERATIONS_MAX = 11


@frozen
class Mark:
    """An event of an operation; ``returns`` tells its completion from its invocation."""

    number: int
    returns: bool
    event: Event


Drawn = tuple[int, int, str, Any, str, Any]


def random_operations(model: Any, source: random.Random) -> list[Operation]:
    """Return operations of a lock, each of a process of its own."""
    by_token = isinstance(model, OwnedByToken)
    drawn = _by_token(model, source) if by_token else _without_owners(model, source)
    if source.random() < 0.3:
        begin = source.randrange(10)
        found = source.choice([False, False, True])
        drawn.append((begin, begin + source.randrange(4), "is_locked", None, "ok", found))
    drawn.sort(key=lambda row: row[0])
    return [_operation(number, row) for number, row in enumerate(drawn[:OPERATIONS_MAX])]


def _by_token(model: Any, source: random.Random) -> list[Drawn]:
    span = source.choice([8, 14, 22])
    length = 1 + span // 3
    drawn: list[Drawn] = []
    for token in range(source.randint(2, 5)):
        begin = source.randrange(span)
        end = begin + source.randrange(length)
        fence = _fence(model, end, source)
        outcome = source.choice(["ok"] * 6 + ["info", "info", "fail"])
        drawn.append((begin, end, "acquire", token, outcome, fence))
        for _ in range(source.choice([0, 1, 1, 1, 2, 2, 3])):
            begin = max(0, end + source.randrange(-2, length - 1))
            returns = begin + source.randrange(1 + span // 3)
            outcome = source.choice(["ok", "ok", "info", "fail", "fail"])
            drawn.append((begin, returns, "release", token, outcome, None))
    return drawn


def _without_owners(model: Any, source: random.Random) -> list[Drawn]:
    span = source.choice([6, 12, 20])
    functions = source.choice([["acquire", "acquire", "release"], ["acquire", "release"]])
    drawn: list[Drawn] = []
    for _ in range(source.randint(2, 9)):
        begin = source.randrange(span)
        end = begin + source.randrange(1 + span // 3)
        outcome = source.choice(["ok"] * 5 + ["info", "fail"])
        f = source.choice(functions)
        fence = _fence(model, end, source) if f == "acquire" else None
        drawn.append((begin, end, f, None, outcome, fence))
    return drawn


def _fence(model: Any, end: int, source: random.Random) -> int | None:
    if not isinstance(model, (FencedMutex, UnownedFencedMutex)):
        return None
    return max(0, end + source.choice([0, 0, 0, 0, 1, -1, 2]))


def _operation(number: int, row: Drawn) -> Operation:
    begin, end, f, token, outcome, answer = row
    invocation = Event("invoke", number, f, token, begin)
    if outcome == "info":
        return Operation(number, invocation, None, begin, None)
    value = answer if outcome == "ok" else None
    completion = Event("ok" if outcome == "ok" else "fail", number, f, value, end)
    return Operation(number, invocation, completion, begin, end)


def in_some_order(operations: Sequence[Operation], source: random.Random) -> list[Mark]:
    """Return all events in the order of their times; those of one time in any order that can be."""
    marks = []
    for one in operations:
        first = source.random()
        marks.append((one.invoked, first, Mark(one.number, False, one.invocation)))
        if one.completion is not None and one.completed is not None:
            second = source.uniform(first, 1)
            marks.append((one.completed, second, Mark(one.number, True, one.completion)))
    return [mark for *_, mark in sorted(marks, key=lambda each: each[:2])]


def long_history(permits: int, source: random.Random, events_max: int) -> list[Event]:
    """Return events of a lock by token that is right as far as is known: until a release fails late.

    Releases come back after a while, ok or failed, or never; what came back otherwise may be called again.
    """
    events: list[Event] = []
    running: list[int] = []
    out: list[tuple[int, int]] = []
    ended: list[int] = []
    processes = iter(range(events_max))
    for token in range(events_max):
        while source.random() < 0.75 and len(events) < events_max:
            if out and source.random() < 0.5:
                process, released = out.pop(source.randrange(len(out)))
                type = source.choice(["ok", "ok", "ok", "fail", "info"])
                if type != "ok":
                    ended.append(released)
                completion: Any = type
                events.append(Event(completion, process, "release", None, len(events)))
            elif running or ended:
                late = ended and (not running or source.random() < 0.2)
                of = ended if late else running
                released, process = of.pop(source.randrange(len(of))), next(processes)
                out.append((process, released))
                events.append(Event("invoke", process, "release", f"t{released}", len(events)))
            else:
                break
        if len(running) < permits:
            process = next(processes)
            running.append(token)
            events.append(Event("invoke", process, "acquire", f"t{token}", len(events)))
            events.append(Event("ok", process, "acquire", None, len(events)))
        if len(events) >= events_max:
            break
    return events
