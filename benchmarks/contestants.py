"""The two checkers that are compared, each run in a process of its own with limits on time and memory."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

HERE = Path(__file__).parent
GRACE_SECONDS = 120
"""For starting, reading and ending; a checker keeps its limit on the check itself."""


ENDINGS = {
    "out of time": "out of time",
    "out of memory": "out of memory",
    "cannot allocate memory": "out of memory",
}
"""How a process that was ended by its limits says so, and what we call it."""


class Skipped(Exception):
    """A contestant cannot take part here; the message says why."""


@frozen
class Limits:
    """What each check may take, and how often it is repeated for its timing.

    Args:
        seconds: for each check.
        memory_mb: for the search of ours; for the whole process of Porcupine.
        repeat_seconds: each check is repeated until this time is spent; 0 for once.
    """

    seconds: float
    memory_mb: float
    repeat_seconds: float = 0.0


@frozen
class Ours:
    """holdfast, through `holdfast.check`."""

    engine: str
    explain: bool = False

    def check(self, paths: Sequence[Path], model: str, limits: Limits) -> list[dict[str, Any]]:
        """Return a report for each history, in order."""
        command = [sys.executable, str(HERE / "check_files.py"), *map(str, paths)]
        command += ["--model", model, "--engine", self.engine, "--seconds", str(limits.seconds)]
        command += ["--memory-mb", str(limits.memory_mb), "--repeat", str(limits.repeat_seconds)]
        command += ["--explain"] if self.explain else []
        return _run(command, len(paths), limits, address_space_mb=None)


@frozen
class Porcupine:
    """Porcupine, through the driver in `porcupine/`."""

    driver: Path

    @classmethod
    def built(cls, directory: Path) -> Porcupine:
        """Return it with the driver built in ``directory``.

        Raises:
            Skipped: Go or the module is missing.
        """
        if shutil.which("go") is None:
            raise Skipped("Porcupine is skipped: Go is not installed")
        driver = directory / "porcupine"
        command = ["go", "build", "-o", str(driver), "."]
        built = subprocess.run(
            command, cwd=HERE / "porcupine", capture_output=True, text=True, check=False
        )
        if built.returncode:
            raise Skipped(
                f"Porcupine is skipped: its driver cannot be built: {built.stderr.strip()}"
            )
        return cls(driver)

    def check(self, paths: Sequence[Path], model: str, limits: Limits) -> list[dict[str, Any]]:
        """Return a report for each history, in order; ``paths`` are what `porcupine_input.py` wrote."""
        command = [str(self.driver), "-timeout", f"{limits.seconds}s"]
        command += ["-repeat", f"{limits.repeat_seconds}s", *map(str, paths)]
        return _run(command, len(paths), limits, address_space_mb=limits.memory_mb)


def _run(
    command: Sequence[str], histories: int, limits: Limits, address_space_mb: float | None
) -> list[dict[str, Any]]:
    def confine() -> None:
        if address_space_mb is not None:
            space = int(address_space_mb * 1e6)
            resource.setrlimit(resource.RLIMIT_AS, (space, space))

    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=confine,  # noqa: PLW1509 - there is no other thread
    ) as process:
        try:
            each = limits.seconds + limits.repeat_seconds
            output, errors = process.communicate(timeout=histories * each + GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
            errors = "out of time: it did not end by itself\n" + errors
    reports: list[dict[str, Any]] = [json.loads(line) for line in output.splitlines()]
    if len(reports) < histories:
        ended = next((why for words, why in ENDINGS.items() if words in errors), None)
        if ended is None:
            raise RuntimeError(f"{' '.join(command)} failed:\n{errors}")
        reports += [{"verdict": "unknown", "detail": ended}] * (histories - len(reports))
    return reports
