"""Limits, and when a search looks at them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from holdfast.checker import budget as module
from holdfast.checker.budget import SECONDS_MAX, STEPS_MAX, Budget, Pace
from holdfast.checker.verdict import UnknownReason


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_no_limit_is_never_met(clock: Clock) -> None:
    watch = Budget().start()
    clock.now = 1e9
    assert watch.exhausted(memory_bytes=10**15) is None


def test_time(clock: Clock) -> None:
    clock.now = 100.0
    watch = Budget(seconds=2).start()
    clock.now = 101.9
    assert watch.exhausted() is None
    clock.now = 102.0
    assert watch.exhausted() is UnknownReason.TIME
    assert watch.seconds == 2.0


def test_memory(clock: Clock) -> None:
    watch = Budget(memory_bytes=1000).start()
    assert watch.exhausted(memory_bytes=999) is None
    assert watch.exhausted(memory_bytes=1000) is UnknownReason.MEMORY


def test_being_cancelled_goes_before_the_rest(clock: Clock) -> None:
    watch = Budget(seconds=1, memory_bytes=1, cancelled=lambda: True).start()
    clock.now = 5.0
    assert watch.exhausted(memory_bytes=5) is UnknownReason.CANCELLED


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"seconds": -1}, {"memory_bytes": 0}])
def test_nonsense_is_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be > 0"):
        Budget(**limits)


@pytest.mark.parametrize("step_seconds", [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.1])
def test_the_pace_follows_the_steps(clock: Clock, step_seconds: float) -> None:
    pace = Pace()
    consulted = []
    for step in range(20_000):
        if pace.due():
            consulted.append(step)
        clock.now += step_seconds
    assert consulted[0] == 0
    intervals = [after - before for before, after in pairwise(consulted[1:])]
    assert max(intervals) == max(1, min(STEPS_MAX, round(SECONDS_MAX / step_seconds)))


def test_the_pace_changes_with_the_steps(clock: Clock) -> None:
    pace = Pace()
    for _ in range(10_000):
        pace.due()
        clock.now += 1e-6
    slow_from = clock.now
    looked = []
    for _ in range(2 * STEPS_MAX):
        clock.now += 1e-3
        if pace.due():
            looked.append(clock.now - slow_from)
    assert looked[0] <= STEPS_MAX * 1e-3 + 1e-9
    assert looked[3] - looked[2] <= 2 * SECONDS_MAX
