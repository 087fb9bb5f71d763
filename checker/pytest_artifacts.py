"""What a test leaves behind, in a folder of its own: history, schedule, explanation.

Imported at every start of pytest, so it imports only the standard library until something is kept.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from holdfast.checker.assertion import LinearizabilityError
    from holdfast.histories.history import History

HISTORY, SCHEDULE, EXPLANATION = "history.jsonl", "schedule.json", "explanation.txt"

LONGEST_NAME = 80


class Artifacts:
    """The folder of one test, which comes into being when something is kept.

    Args:
        output: where the folders of all tests are.
        nodeid: the test's name, as pytest gives it.
    """

    def __init__(self, output: Path, nodeid: str) -> None:
        self._directory = output / folder_name(nodeid)
        self.written = 0

    def forget(self) -> None:
        """Remove what an earlier run of the test left, so that nobody takes it for this run's."""
        if self._directory.is_dir():
            for name in (HISTORY, SCHEDULE, EXPLANATION):
                for path in self._directory.glob(name.replace(".", "*.", 1)):
                    path.unlink()
            if not any(self._directory.iterdir()):
                self._directory.rmdir()

    def keep(self, history: History) -> Path:
        """Write ``history``, and the schedule that led to it if it names one; return the history's path."""
        from holdfast.checker.reproduction import trial_of
        from holdfast.histories.formats import write_history

        self.written += 1
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._path(HISTORY)
        write_history(history, path)
        trial = trial_of(history)
        if trial is not None:
            trial.write(self._path(SCHEDULE))
        return path

    def keep_failure(self, error: LinearizabilityError) -> Path:
        """Write what ``error`` is about, have it say where, and return the folder."""
        path = self.keep(error.history)
        self._path(EXPLANATION).write_text(f"{error}\n", encoding="utf-8")
        lines = [f"kept by holdfast: {_shown(path)}"]
        schedule = self._path(SCHEDULE)
        if schedule.exists():
            lines.append(f"run it again with: holdfast replay {_shown(schedule)}{_key_of(error)}")
        error.add_note("\n".join(lines))
        return self._directory

    def _path(self, name: str) -> Path:
        if self.written < 2:
            return self._directory / name
        stem, _, suffix = name.partition(".")
        return self._directory / f"{stem}-{self.written}.{suffix}"


def folder_name(nodeid: str) -> str:
    """Return a name for the folder of the test ``nodeid``, unlike those of its neighbours.

    A name that had to be shortened, or lost characters that file systems may not take, ends in a number
    that was computed from the whole.
    """
    plain = nodeid.replace("::", "-").replace("/", "-").replace(".py", "")
    name = re.sub(r"[^\w.-]+", "-", plain, flags=re.ASCII).strip("-.")
    if name != plain or len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME].rstrip('-.')}-{crc32(nodeid.encode()):08x}"
    return name


def linearizability_errors(error: BaseException) -> Iterator[LinearizabilityError]:
    """Yield those that ``error`` is or holds: Hypothesis reports several findings as a group."""
    assertion = sys.modules.get("holdfast.checker.assertion")
    if assertion is None:
        return
    if isinstance(error, assertion.LinearizabilityError):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from linearizability_errors(one)


def _key_of(error: LinearizabilityError) -> str:
    """Return the option by which ``holdfast replay`` judges the same key, where it would not anyway."""
    found = getattr(error.verdict, "counterexample", None)
    return " --key resource" if found is not None and found.key == "resource" else ""


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
