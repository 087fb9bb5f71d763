"""The benchmark of reading runs, and reads a history."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

from holdfast.histories.history import History
from holdfast.histories.order import precedes

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "bench_read.py"


def test_it_measures_every_file_with_every_reader() -> None:
    ended = subprocess.run(
        [sys.executable, SCRIPT, "--events", "1000", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = json.loads(ended.stdout)
    assert {(row["file"], row["reader"]) for row in rows} == {
        (file, reader)
        for file in (".jsonl", ".jsonl.gz", ".jsonl.zst")
        for reader in ("json", "events", "history", "scan")
    }
    assert all(row["events_per_second"] > 0 and row["peak_megabytes"] > 0 for row in rows)


def test_what_it_reads_is_a_history_of_concurrent_clients() -> None:
    history = History.of(runpy.run_path(str(SCRIPT))["lock_events"](400))
    assert len(history) == 200
    assert {operation.f for operation in history} == {"acquire", "release"}
    assert not precedes(history[0], history[1])
