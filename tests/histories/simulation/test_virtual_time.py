"""Time that passes only when everything at an instant is done."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.histories.simulation.virtual_time import VirtualTime, nanoseconds


def test_everything_happens_in_order_and_in_the_order_of_planning_at_one_instant() -> None:
    time = VirtualTime()
    seen: list[tuple[int, str]] = []

    def happen(what: str) -> None:
        seen.append((time.now, what))

    for instant, what in [(20, "c"), (10, "a"), (20, "d"), (10, "b")]:
        time.at(instant, happen, what)
    time.run(100)
    assert seen == [(10, "a"), (10, "b"), (20, "c"), (20, "d")]


def test_what_is_planned_for_the_past_happens_now() -> None:
    time = VirtualTime()
    seen: list[int] = []

    def first(_: Any) -> None:
        time.at(3, lambda _: seen.append(time.now))

    time.at(10, first)
    time.run(100)
    assert seen == [10]


def test_a_run_ends_at_its_limit_and_goes_on_from_there() -> None:
    time = VirtualTime()
    seen: list[int] = []
    for instant in (10, 20, 30):
        time.at(instant, lambda _: seen.append(time.now))
    time.run(20)
    assert seen == [10, 20]
    time.run(30)
    assert seen == [10, 20, 30]


def test_it_can_be_ended_from_within() -> None:
    time = VirtualTime()

    def end(_: Any) -> None:
        time.over = True

    time.at(1, end)
    time.at(2, pytest.fail, "it went on")
    time.run(100)
    assert time.now == 1


@pytest.mark.parametrize(("seconds", "expected"), [(0.1, 100_000_000), (1e-9, 1), (0.3, 3 * 10**8)])
def test_nanoseconds(seconds: float, expected: int) -> None:
    assert nanoseconds(seconds) == expected
