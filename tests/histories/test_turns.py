"""The recorder refuses what the history would refuse: the two must agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.errors import HistoryError
from holdfast.histories.history import History
from holdfast.histories.operation import NEMESIS, Event
from holdfast.histories.turns import Turns


def call(f: str = "acquire", key: str | None = None) -> Event:
    return Event("invoke", 0, f, key=key)


def ok(f: str = "acquire", key: str | None = None) -> Event:
    return Event("ok", 0, f, key=key)


REFUSED = {
    "a call within a call": ([call(), call("release")], "still in its call of 'acquire': .* first"),
    "an end without a call": ([ok()], "has no pending call: a call is invoked first"),
    "a second end": ([call(), ok(), ok()], "has no pending call"),
    "a call after an info": (
        [call(), Event("info", 0, "acquire"), call()],
        "has retired, .* go on under a new process, as Recorder.client does",
    ),
    "the end of another function": (
        [call("read"), ok("write")],
        "completes 'write' of key None but had invoked 'read' of key None: repeat both",
    ),
    "the end of another key": (
        [call("read", "x"), ok("read", "y")],
        "completes 'read' of key 'y' but had invoked 'read' of key 'x': repeat both",
    ),
}


@pytest.mark.parametrize(("events", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_come_next_is_refused(events: list[Event], problem: str) -> None:
    turns = Turns()
    for event in events[:-1]:
        turns.check(event)
        turns.take(event)
    with pytest.raises(RuntimeError, match=problem):
        turns.check(events[-1])


@given(
    st.lists(
        st.builds(
            Event,
            st.sampled_from(["invoke", "invoke", "ok", "fail", "info"]),
            st.sampled_from([0, 1, "0", NEMESIS]),
            st.sampled_from(["acquire", "acquire", "release"]),
            key=st.sampled_from([None, None, "x"]),
        ),
        max_size=12,
    )
)
def test_the_history_refuses_the_same(events: list[Event]) -> None:
    """Events that are refused are left out, and what remains is always a history."""
    turns = Turns()
    taken: list[Event] = []
    for event in events:
        try:
            turns.check(event)
        except RuntimeError:
            with pytest.raises(HistoryError):
                History.of([*taken, event])
        else:
            turns.take(event)
            taken.append(event)
    assert History.of(taken).events == tuple(taken)
