"""A live run ends at the event that breaks the lock, and its proof is confirmed by separate code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from holdfast.checker.cli import main
from holdfast.histories.formats import read_history
from holdfast.histories.header import STOPPED

pytestmark = pytest.mark.live

CLOCKS_LEAP = [
    "record",
    "redlock",
    "--clients",
    "3",
    "--seconds",
    "20",
    "--ttl",
    "3",
    "--hold",
    "0.8",
    "--patience",
    "3",
    "--seed",
    "1",
    "--stop-on-violation",
    "--json",
]


def child_processes() -> set[str]:
    """Return the processes that this one started and that are still there."""
    lists = Path("/proc/self/task").glob("*/children")
    return {pid for one in lists for pid in one.read_text().split()}


def test_a_clock_jump_stops_the_run_with_a_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = child_processes()
    path = tmp_path / "run.jsonl"
    schedule = tmp_path / "faults.json"
    jump = {"fault": "clock-jump", "nodes": ["n1", "n2", "n3"], "by_ms": 3000}
    # One is enough, unless the holder gives the lock back just then.
    jumps = [{"at": at, "when": "held", **jump} for at in (1.0, 5.0, 9.0, 13.0)]
    schedule.write_text(json.dumps({"faults": jumps}))
    code = main([*CLOCKS_LEAP, "--schedule", str(schedule), "-o", str(path)])
    summary = json.loads(capsys.readouterr().out)
    assert code == 1
    (finding,) = summary["violation"]
    assert finding["key"] == "lock"
    certificate = finding["counterexample"]["certificate"]
    assert certificate["rule"] == "TooManyHolders"
    assert "two holders at once" in finding["explanation"]["findings"]
    # It was to go on for 20 seconds.
    history = read_history(path)
    (stopped,) = (note for note in history.notes if note.f == STOPPED)
    assert stopped.time is not None
    assert stopped.time < 19e9
    assert not any(
        "before its time" in fault["words"] for fault in finding["explanation"]["faults"]
    )
    assert any("clocks" in fault["words"] for fault in finding["explanation"]["faults"])
    assert child_processes() == before
    verdict = tmp_path / "verdict.json"
    verdict.write_text(json.dumps(summary["violation"]))
    assert main(["verify", str(verdict), str(path)]) == 0


def test_a_run_that_stays_linearizable_goes_on_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.jsonl"
    run = ["record", "redlock", "--clients", "2", "--seconds", "1", "--hold", "0.02"]
    assert main([*run, "--stop-on-violation", "--json", "-o", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["violation"] == []
