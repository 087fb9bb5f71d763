"""The wall clock of a node under libfaketime: its lead over real time, and its rate."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

CALIBRATION_RATE = 0.5
CALIBRATION_LAG_SECONDS = 10.0


class NodeClock:
    """The clock of one node, which outlives the server processes that live by it.

    libfaketime shows ``start + offset + rate * (now - start)``, with its own start in the server
    process and the rest from a file that it reads at every look at the clock
    (https://github.com/wolfcw/libfaketime). Changing the rate alone would make the clock jump, so
    the offset is chosen anew each time. For that the process's start must be known: ``calibrating``
    makes the clock run slowly while the process comes up, and ``calibrated`` learns the start from
    what the clock shows then.

    Args:
        file: the file that tells libfaketime the time; it is made here.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._since = time.time()
        self._lead = 0.0
        self._rate = 1.0
        self._start: float | None = None
        self._calibration = 0.0

    def environment(self, library: Path) -> Mapping[str, str]:
        """Return the variables that a server process needs to live by this clock."""
        preloaded = [str(library), os.environ.get("LD_PRELOAD", "")]
        return {
            "LD_PRELOAD": ":".join(filter(None, preloaded)),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def read(self) -> tuple[float, float]:
        """Return by how many seconds the clock is ahead of real time now, and its rate."""
        return self._lead_at(time.time()), self._rate

    def set(self, *, offset: float, rate: float) -> None:
        """Set the clock to real time plus ``offset`` seconds, and its rate from now on."""
        self._since, self._lead, self._rate = time.time(), offset, rate
        if self._start is not None:
            self._show(self._lead_at(self._start), rate)

    def calibrating(self) -> None:
        """Prepare for a server process that is about to start, and must not serve yet."""
        self._start = None
        # Behind the time that it will show, so that no key of a restarted node ends too early.
        self._calibration = self._lead_at(time.time()) - CALIBRATION_LAG_SECONDS
        self._show(self._calibration, CALIBRATION_RATE)

    def calibrated(self, shown: float, now: float) -> None:
        """Give the process its clock, now that it has shown ``shown`` at the real time ``now``."""
        passed = CALIBRATION_RATE * now
        self._start = (shown - self._calibration - passed) / (1 - CALIBRATION_RATE)
        self._show(self._lead_at(self._start), self._rate)

    def _lead_at(self, instant: float) -> float:
        return self._lead + (instant - self._since) * (self._rate - 1)

    def _show(self, offset: float, rate: float) -> None:
        # Replaced, not rewritten: the server must never read half a file.
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{offset:+.9f} x{rate:.9f}\n")
        fresh.replace(self._file)


def forget_shared_memory(pid: int) -> None:
    """Unlink the shared memory that libfaketime has made for the process ``pid``.

    The process keeps what it has mapped, and then nothing is left behind when it is killed.
    """
    for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
        Path("/dev/shm", name).unlink(missing_ok=True)
