"""A history is validated: what cannot have happened is refused, with line and remedy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.errors import HistoryError
from holdfast.histories.history import History
from holdfast.histories.operation import NEMESIS, Event, EventType, Outcome


def call(process: int | str, f: str, value: Any = None, **fields: Any) -> Event:
    return Event("invoke", process, f, value, **fields)


def ok(process: int | str, f: str, value: Any = None, **fields: Any) -> Event:
    return Event("ok", process, f, value, **fields)


def fail(process: int | str, f: str, **fields: Any) -> Event:
    return Event("fail", process, f, **fields)


def info(process: int | str, f: str, **fields: Any) -> Event:
    return Event("info", process, f, **fields)


ONE_CALL_AT_A_TIME = (
    "a client makes one call at a time: record concurrent calls under different processes"
)
NEW_PROCESS = "go on under a new process after an info, since the old call may still take effect"
BEGINNING_MISSING = "is the beginning of the file missing, or are its lines shuffled?"
REPEAT = "a completion repeats the f and the key of its invocation"
INDICES_RISE = "indices rise: sort the lines by index, or leave the indices out"
ALL_OR_NONE = "give every event its time in nanoseconds, or none of them"
ONE_CLOCK = "sort the lines by time, and stamp with one monotonic clock"

REFUSED = {
    "a second call within a call": (
        [call(0, "acquire"), call(1, "acquire"), call(0, "release")],
        30,
        "process 0 calls 'release' while its call of line 10 is still open",
        ONE_CALL_AT_A_TIME,
    ),
    "a call after an unknown outcome": (
        [call(0, "acquire"), info(0, "acquire"), call(0, "release")],
        30,
        "process 0 calls again after the unknown outcome of line 20",
        NEW_PROCESS,
    ),
    "a completion without a call": (
        [call(0, "acquire"), ok(1, "acquire")],
        20,
        "process 1 completes 'acquire' without having invoked it",
        BEGINNING_MISSING,
    ),
    "a second completion": (
        [call("a", "acquire"), ok("a", "acquire"), ok("a", "acquire")],
        30,
        "process 'a' completes 'acquire' without having invoked it",
        BEGINNING_MISSING,
    ),
    "a second completion after an info": (
        [call(0, "acquire"), info(0, "acquire"), ok(0, "acquire")],
        30,
        "process 0 completes 'acquire' without having invoked it",
        BEGINNING_MISSING,
    ),
    "a completion by a process of another type": (
        [call(0, "acquire"), ok("0", "acquire")],
        20,
        "process '0' completes 'acquire' without having invoked it",
        BEGINNING_MISSING,
    ),
    "a completion of another function": (
        [call(0, "acquire"), fail(0, "release")],
        20,
        "process 0 completes 'release' but had invoked 'acquire' on line 10",
        REPEAT,
    ),
    "a completion of another key": (
        [call(0, "read", key="x"), ok(0, "read", key="y")],
        20,
        "process 0 completes 'read' of key 'y' but had invoked 'read' of key 'x' on line 10",
        REPEAT,
    ),
    "a completion that lost its key": (
        [call(0, "read", key="x"), ok(0, "read")],
        20,
        "process 0 completes 'read' but had invoked 'read' of key 'x' on line 10",
        REPEAT,
    ),
    "an index twice": (
        [call(0, "read", index=4), ok(0, "read", index=4)],
        20,
        "index 4 follows index 4",
        INDICES_RISE,
    ),
    "an index that falls, even of a note": (
        [call(0, "read", index=4), info(NEMESIS, "kill", index=3)],
        20,
        "index 3 follows index 4",
        INDICES_RISE,
    ),
    "a negative index": (
        [call(0, "read", index=-1)],
        10,
        "index -1 follows index -1",
        INDICES_RISE,
    ),
    "a time that is missing later": (
        [call(0, "read", time=1), ok(0, "read")],
        20,
        "some events have a time and others have none",
        ALL_OR_NONE,
    ),
    "a time that comes later": (
        [call(0, "read"), ok(0, "read", time=1)],
        20,
        "some events have a time and others have none",
        ALL_OR_NONE,
    ),
    "a time that falls": (
        [call(0, "read", time=7), ok(0, "read", time=6)],
        20,
        "time runs backwards, from 7 to 6 ns",
        ONE_CLOCK,
    ),
    "a time that falls behind a note": (
        [info(NEMESIS, "kill", time=7), call(0, "read", time=6)],
        20,
        "time runs backwards, from 7 to 6 ns",
        ONE_CLOCK,
    ),
    "a time later than any": (
        [call(0, "read", time=2**61 + 1)],
        10,
        f"the time {2**61 + 1} ns is later than any clock's",
        "count nanoseconds from the start of the recording",
    ),
    "a time below zero": (
        [call(0, "read", time=-5)],
        10,
        "time runs backwards, from 0 to -5 ns",
        ONE_CLOCK,
    ),
}


@pytest.mark.parametrize(("events", "line", "problem", "remedy"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_have_happened_is_refused(
    events: list[Event], line: int, problem: str, remedy: str
) -> None:
    with pytest.raises(HistoryError) as caught:
        History.from_lines(zip(range(10, 1000, 10), events, strict=False), source="h.jsonl")
    error = caught.value
    assert (error.line, error.problem, error.remedy) == (line, problem, remedy)
    assert str(error) == f"h.jsonl:{line}: {problem}; {remedy}"


# The nearest neighbours of what is refused: each is one step away, and fine.
ACCEPTED = {
    "nothing": [],
    "two calls of two processes": [call(0, "acquire"), call(1, "acquire")],
    "a new process after an info": [call(0, "acquire"), info(0, "acquire"), call(1, "release")],
    "a new call after a failure": [call(0, "acquire"), fail(0, "acquire"), call(0, "acquire")],
    "a process that is a number and one that is its name": [call(0, "read"), call("0", "read")],
    "indices with gaps": [call(0, "read", index=4), ok(0, "read", index=9)],
    "indices on some lines": [call(0, "read", index=4), ok(0, "read"), call(0, "read", index=5)],
    "one instant": [call(0, "read", time=7), ok(0, "read", time=7)],
    "the nemesis as often as it likes": [info(NEMESIS, "kill"), info(NEMESIS, "kill")],
    "keys that are equal lists": [call(0, "read", key=(1, 2)), ok(0, "read", key=(1, 2))],
}


@pytest.mark.parametrize("events", ACCEPTED.values(), ids=ACCEPTED)
def test_what_can_have_happened_is_accepted(events: list[Event]) -> None:
    assert History.of(events).events == tuple(events)


def test_operations_come_in_the_order_of_their_invocations_with_their_lines() -> None:
    events = [
        info(NEMESIS, "kill", time=0),
        call(1, "acquire", "a", time=1),
        call(0, "acquire", "b", time=2),
        ok(0, "acquire", 5, time=3),
        fail(1, "acquire", time=4),
        call(0, "release", "b", time=9),
    ]
    history = History.of(events)
    assert [
        (at.number, at.process, at.f, at.value, at.invoked, at.completed, at.outcome, at.result)
        for at in history
    ] == [
        (0, 1, "acquire", "a", 1, 4, Outcome.FAIL, None),
        (1, 0, "acquire", "b", 2, 3, Outcome.OK, 5),
        (2, 0, "release", "b", 9, None, Outcome.INFO, None),
    ]
    assert [history.line_of(operation) for operation in history] == [2, 3, 6]
    assert history.notes == (events[0],)
    assert history.events == tuple(events)
    assert history.timed


def test_without_times_an_instant_is_the_position_among_all_events() -> None:
    history = History.of([info(NEMESIS, "kill"), call(0, "read"), ok(0, "read")])
    assert not history.timed
    assert [(operation.invoked, operation.completed) for operation in history] == [(1, 2)]


def test_keys_are_listed_once_in_the_order_of_their_first_appearance() -> None:
    history = History.of([call(0, "read", key="y"), call(1, "read"), call(2, "read", key="y")])
    assert history.keys() == ("y", None)


def test_a_history_is_a_sequence() -> None:
    history = History.of([call(0, "read"), call(1, "write"), call(2, "cas")], source="h.jsonl")
    assert len(history) == 3
    assert history[1].f == "write"
    assert [operation.f for operation in history[1:]] == ["write", "cas"]
    assert history[0] in history
    assert repr(history) == "<History of 3 operations from h.jsonl>"


ENDS: list[EventType] = ["ok", "fail", "info"]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(ENDS), st.integers(0, 2))))
def test_what_sequential_clients_do_is_accepted(
    steps: list[tuple[int, EventType, int]],
) -> None:
    """Each step is a client's next event; an info gives the client a new process."""
    events: list[Event] = []
    processes = dict(enumerate(range(4)))
    pending: set[int] = set()
    now = calls = 0
    for client, end, gap in steps:
        now += gap
        process = processes[client]
        if client not in pending:
            events.append(call(process, "read", time=now, index=len(events)))
            pending.add(client)
            calls += 1
            continue
        events.append(Event(end, process, "read", time=now, index=len(events)))
        pending.remove(client)
        if end == "info":
            processes[client] += 4
    history = History.of(events)
    assert len(history) == calls
    assert sum(operation.completion is not None for operation in history) == len(events) - calls
    assert all(
        operation.completed is None or operation.invoked <= operation.completed
        for operation in history
    )


def test_values_of_events_made_by_hand_become_immutable() -> None:
    history = History.of([Event("invoke", 0, "cas", [1, [2]]), Event("ok", 0, "cas", {"a": [1]})])
    assert history[0].value == (1, (2,))
    hash(history[0].result)
