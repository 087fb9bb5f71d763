"""A child's clocks are put ahead, and nobody else's."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.live.vdso_clock import _code, set_lead

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() != "x86_64", reason="Linux on x86-64 only"
    ),
]

S = 1_000_000_000

PROGRAM = """
import time
while input():
    print(time.clock_gettime_ns(time.CLOCK_MONOTONIC), time.clock_gettime_ns(time.CLOCK_REALTIME), flush=True)
"""


class Child:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.leads()

    def leads(self) -> tuple[float, float]:
        """Return by how many seconds its two clocks are ahead of ours."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("now\n")
        self._process.stdin.flush()
        monotonic, real = map(int, self._process.stdout.readline().split())
        return (monotonic - time.monotonic_ns()) / S, (real - time.time_ns()) / S

    def set_lead(self, lead_ns: int) -> None:
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)
        try:
            set_lead(self._process.pid, lead_ns)
        finally:
            self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child()
    yield child
    child.end()


@pytest.mark.parametrize("lead_ns", [15 * S, 1, S - 1, 3 * S + S // 2, 0])
def test_both_clocks_lead_from_then_on(child: Child, lead_ns: int) -> None:
    before = time.monotonic_ns()
    child.set_lead(lead_ns)
    for lead in child.leads():
        assert lead == pytest.approx(lead_ns / S, abs=0.5)
    assert time.monotonic_ns() - before < 15 * S  # ours goes on as it did


def test_a_later_lead_replaces_the_one_before(child: Child) -> None:
    child.set_lead(60 * S)
    child.set_lead(90 * S)
    assert child.leads() == pytest.approx((90, 90), abs=0.5)


def test_nanoseconds_stay_below_a_second(child: Child) -> None:
    child.set_lead(S - 1)
    readings = [child.leads()[0] for _ in range(50)]
    assert readings == pytest.approx([1.0] * 50, abs=0.5)


def test_the_code_is_short_and_says_how_far_it_jumps() -> None:
    code = _code(15 * S)
    skipped = code[14]
    assert code[14 + 1 + skipped :] == b"\xc3"


def test_a_process_that_is_not_ours_to_write_to() -> None:
    with pytest.raises(CannotStrike):
        set_lead(1 << 22, S)
