"""Real-time order: intervals are closed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.columns import columns_of
from holdfast.histories.operation import Event, EventType, Operation
from holdfast.histories.order import endpoints, precedes

Interval = tuple[int, int | None]
"""When an operation was invoked and when it returned; ``None`` for an unknown outcome."""


def operations(*intervals: Interval) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            number=number,
            invocation=Event("invoke", number, "read"),
            completion=None if completed is None else Event("ok", number, "read"),
            invoked=invoked,
            completed=completed,
        )
        for number, (invoked, completed) in enumerate(intervals)
    )


ORDERS = {
    "nothing": ([], []),
    "one": ([(1, 2)], [0, ~0]),
    "one after the other": ([(1, 2), (3, 4)], [0, ~0, 1, ~1]),
    "one within the other": ([(1, 9), (3, 4)], [0, 1, ~1, ~0]),
    "overlapping": ([(1, 3), (2, 4)], [0, 1, ~0, ~1]),
    "returned at the instant of the next call": ([(1, 2), (2, 3)], [0, 1, ~0, ~1]),
    "all at one instant": ([(5, 5), (5, 5)], [0, 1, ~0, ~1]),
    "an instant within another's end": ([(1, 5), (5, 5), (5, 9)], [0, 1, 2, ~0, ~1, ~2]),
    "unknown outcomes never return": ([(1, None), (2, 3), (4, None)], [0, 1, ~1, 2]),
}


@pytest.mark.parametrize(("intervals", "expected"), ORDERS.values(), ids=ORDERS)
def test_endpoints(intervals: list[Interval], expected: list[int]) -> None:
    assert list(endpoints(columns_of(operations(*intervals)))) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((1, 2), (3, 4), True),
        ((1, 2), (2, 3), False),
        ((1, 3), (2, 4), False),
        ((3, 4), (1, 2), False),
        ((1, None), (2, 3), False),
        ((1, 2), (3, None), True),
    ],
    ids=["gap", "touching", "overlap", "reversed", "unknown first", "unknown second"],
)
def test_precedes(first: Interval, second: Interval, expected: bool) -> None:
    assert precedes(*operations(first, second)) is expected


@pytest.mark.parametrize(("type", "expected"), [("fail", (0, ~0)), ("info", (0,))])
def test_a_failure_returns_and_an_info_does_not(type: EventType, expected: tuple[int, ...]) -> None:
    over = Operation(
        number=0,
        invocation=Event("invoke", 0, "read"),
        completion=Event(type, 0, "read"),
        invoked=1,
        completed=2,
    )
    assert tuple(endpoints(columns_of([over]))) == expected


SMALL_INTERVALS = st.lists(
    st.tuples(st.integers(0, 6), st.none() | st.integers(0, 3)).map(
        lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
    ),
    max_size=8,
).map(lambda intervals: sorted(intervals, key=lambda interval: interval[0]))


@given(SMALL_INTERVALS)
def test_the_two_ways_to_say_it_agree(intervals: list[Interval]) -> None:
    """One precedes another exactly where its return stands before the other's invocation."""
    given_operations = operations(*intervals)
    places = {mark: place for place, mark in enumerate(endpoints(columns_of(given_operations)))}
    for i, first in enumerate(given_operations):
        for j, second in enumerate(given_operations):
            returns_first = ~i in places and places[~i] < places[j]
            assert returns_first == precedes(first, second), (i, j)


@given(SMALL_INTERVALS)
def test_every_operation_is_invoked_once_and_returns_after_that(intervals: list[Interval]) -> None:
    marks = list(endpoints(columns_of(operations(*intervals))))
    returning = [place for place, (_, completed) in enumerate(intervals) if completed is not None]
    assert sorted(mark for mark in marks if mark >= 0) == list(range(len(intervals)))
    assert sorted(~mark for mark in marks if mark < 0) == returning
    assert all(marks.index(place) < marks.index(~place) for place in returning)
