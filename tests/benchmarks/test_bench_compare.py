"""The comparison runs on generated histories and on recorded ones, and says what it measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from compared_files import files_of
from side_by_side import Row, failures

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "bench_compare.py"


def compare(directory: Path, *options: str) -> tuple[str, list[dict[str, Any]]]:
    """Run the command where there is no Go."""
    figures = directory / "figures.json"
    ended = subprocess.run(
        [sys.executable, SCRIPT, "--json", figures, *options],
        env={**os.environ, "PATH": str(directory)},
        capture_output=True,
        text=True,
        check=True,
    )
    rows: list[dict[str, Any]] = json.loads(figures.read_text())["rows"]
    return ended.stdout, rows


@pytest.mark.parametrize("model", ["cas-register", "mutex", "owned-mutex"])
def test_it_measures_every_history_of_the_grid(model: str, tmp_path: Path) -> None:
    asked = [
        "--operations",
        "30,40",
        "--clients",
        "3",
        "--unknown",
        "0,5",
        "--engine",
        "wgl",
        "--explain",
    ]
    said, rows = compare(tmp_path, "--model", model, *asked)
    assert "Porcupine is skipped: Go is not installed" in said
    assert [row["name"] for row in rows[::2]] == [
        f"{operations} by 3, {unknown} % unknown" for operations in (30, 40) for unknown in (0, 5)
    ]
    for row in rows:
        ours = row["ours"]
        assert ours["verdict"] == row["expected"]
        assert min(ours["seconds"], ours["engine_seconds"]) > 0
        # The difference of two timings, which a busy machine may turn round; 0 where none was taken.
        assert (ours["explain_seconds"] != 0) == (row["expected"] == "not linearizable")
        assert ours["memory_peak_bytes"] >= ours["memory_before_bytes"] > 1_000_000
        assert row["porcupine"] is None


def test_it_measures_every_file_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_text(
        '{"type":"invoke","process":0,"f":"acquire"}\n{"type":"ok","process":0,"f":"acquire"}\n'
    )
    (tmp_path / "bad.jsonl").write_text('{"type":"invoke","process":0,"f":"release"}\n')
    with (tmp_path / "bad.jsonl").open("a") as file:
        file.write('{"type":"ok","process":0,"f":"release"}\n')
    (tmp_path / "verdicts.tsv").write_text(
        "path\tmodel\texpected\toperations\n"
        "good.jsonl\tmutex (plain)\tlinearizable\t1\n"
        "bad.jsonl\tmutex (plain)\tnot linearizable\t1\n"
        "empty.jsonl\tmutex (plain)\tlinearizable\t0\n"
    )
    _, rows = compare(tmp_path, "--data", str(tmp_path), "--repeat", "0.5", "--engine", "wgl")
    assert [(row["name"], row["ours"]["verdict"]) for row in rows] == [
        ("good.jsonl", "linearizable"),
        ("bad.jsonl", "not linearizable"),
    ]
    assert all(row["ours"]["repetitions"] > 1 for row in rows)


def test_an_unknown_model_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "verdicts.tsv").write_text(
        "path\tmodel\texpected\toperations\na\tzebra\tlinearizable\t1\n"
    )
    with pytest.raises(ValueError, match="no model is known for 'zebra'"):
        files_of(tmp_path)


DECIDED = {"verdict": "linearizable", "seconds": 0.5, "engine_seconds": 0.25}
GAVE_UP = {"verdict": "unknown", "detail": "time ran out", "seconds": 60.0}


@pytest.mark.parametrize(
    ("ours", "porcupine", "check", "engine"),
    [
        (DECIDED, {**DECIDED, "seconds": 5.0}, 10.0, 20.0),
        (DECIDED, GAVE_UP, 120.0, 240.0),
        (DECIDED, {"verdict": "unknown", "detail": "out of memory"}, None, None),
        (GAVE_UP, DECIDED, None, None),
        (DECIDED, None, None, None),
    ],
)
def test_ratios_are_of_what_was_decided(
    ours: dict[str, Any], porcupine: Any, check: float | None, engine: float | None
) -> None:
    ratios = Row("r", "g", "linearizable", ours, porcupine).figures()["porcupine_to_ours"]
    assert (ratios["check"], ratios["engine"]) == (check, engine)


def test_a_wrong_verdict_is_a_failure_and_an_unknown_one_is_none() -> None:
    wrong = {**DECIDED, "verdict": "not linearizable"}
    assert failures([Row("r", "g", "linearizable", DECIDED, GAVE_UP)]) == []
    assert failures([Row("r", "g", "linearizable", wrong, wrong)]) == [
        "r: holdfast says not linearizable, but it is linearizable",
        "r: Porcupine says not linearizable, but it is linearizable",
    ]
