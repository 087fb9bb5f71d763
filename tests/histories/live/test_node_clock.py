"""What libfaketime is told, so that a clock shows what was asked whenever its process started."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from holdfast.histories.live.node_clock import NodeClock


class Hour:
    """Real time, in the hands of the test."""

    def __init__(self) -> None:
        self.now = 1_000.0


@pytest.fixture
def hour(monkeypatch: pytest.MonkeyPatch) -> Hour:
    hour = Hour()
    monkeypatch.setattr(time, "time", lambda: hour.now)
    return hour


class Server:
    """libfaketime's arithmetic, for a process that started at ``start``."""

    def __init__(self, file: Path, start: float) -> None:
        self._file = file
        self._start = start

    def shows(self, now: float) -> float:
        offset, rate = self._file.read_text().split()
        return self._start + float(offset) + float(rate.removeprefix("x")) * (now - self._start)


def started(clock: NodeClock, file: Path, hour: Hour) -> Server:
    """Start a process 20 ms after now, and calibrate it 30 ms later."""
    clock.calibrating()
    server = Server(file, hour.now + 0.02)
    hour.now += 0.05
    clock.calibrated(server.shows(hour.now), hour.now)
    return server


def test_it_is_right_at_first(tmp_path: Path, hour: Hour) -> None:
    clock = NodeClock(tmp_path / "clock")
    server = started(clock, tmp_path / "clock", hour)
    assert clock.read() == (0, 1)
    assert server.shows(hour.now) == pytest.approx(hour.now)


@pytest.mark.parametrize("offset", [0, 10, -10, 0.25])
@pytest.mark.parametrize("rate", [1, 2, 0.5, 0.1, 10])
def test_it_shows_what_was_set_and_drifts_from_there(
    tmp_path: Path, hour: Hour, offset: float, rate: float
) -> None:
    clock = NodeClock(tmp_path / "clock")
    server = started(clock, tmp_path / "clock", hour)
    hour.now += 7
    clock.set(offset=offset, rate=rate)
    assert clock.read() == (offset, rate)
    assert server.shows(hour.now) == pytest.approx(hour.now + offset)
    hour.now += 4
    lead = offset + 4 * (rate - 1)
    assert clock.read() == pytest.approx((lead, rate))
    assert server.shows(hour.now) == pytest.approx(hour.now + lead)


def test_a_change_of_rate_alone_does_not_make_it_jump(tmp_path: Path, hour: Hour) -> None:
    clock = NodeClock(tmp_path / "clock")
    server = started(clock, tmp_path / "clock", hour)
    for rate in (3, 0.5, 20, 1):
        before = server.shows(hour.now)
        clock.set(offset=clock.read()[0], rate=rate)
        assert server.shows(hour.now) == pytest.approx(before)
        hour.now += 5


@pytest.mark.parametrize("rate", [1, 2, 0.5, 0.1])
def test_a_new_process_lives_by_the_same_clock(tmp_path: Path, hour: Hour, rate: float) -> None:
    clock = NodeClock(tmp_path / "clock")
    started(clock, tmp_path / "clock", hour)
    clock.set(offset=3, rate=rate)
    hour.now += 6
    server = started(clock, tmp_path / "clock", hour)
    hour.now += 1
    lead, _ = clock.read()
    assert lead == pytest.approx(3 + 7.05 * (rate - 1))
    assert server.shows(hour.now) == pytest.approx(hour.now + lead)


def test_a_clock_may_be_set_while_its_process_is_down(tmp_path: Path, hour: Hour) -> None:
    clock = NodeClock(tmp_path / "clock")
    clock.set(offset=3, rate=2)
    hour.now += 1
    server = started(clock, tmp_path / "clock", hour)
    assert server.shows(hour.now) == pytest.approx(hour.now + 4.05)


@pytest.mark.parametrize("rate", [1, 2, 0.5, 0.1])
def test_a_process_that_comes_up_is_never_shown_a_time_ahead_of_its_clock(
    tmp_path: Path, hour: Hour, rate: float
) -> None:
    clock = NodeClock(tmp_path / "clock")
    clock.set(offset=0, rate=rate)
    clock.calibrating()
    server = Server(tmp_path / "clock", hour.now + 0.02)
    hour.now += 0.05
    for _ in range(9):
        assert server.shows(hour.now) <= hour.now + clock.read()[0]
        hour.now += 1
