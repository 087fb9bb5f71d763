"""What two checkers took on the same histories, as a table and as figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import asdict, frozen
from rich.box import SIMPLE_HEAD
from rich.table import Table

UNDECIDED = "unknown"


@frozen
class Row:
    """One history and what the two said of it.

    Args:
        name: what is in it.
        group: whose totals it counts in.
        expected: the known verdict.
        ours: the report of `check_files.py`, or of a run that ended early: verdict and detail alone.
        porcupine: likewise of its driver; ``None`` where it took no part.
    """

    name: str
    group: str
    expected: str
    ours: dict[str, Any]
    porcupine: dict[str, Any] | None

    @property
    def both_decided(self) -> bool:
        return self.porcupine is not None and UNDECIDED not in (
            self.ours["verdict"],
            self.porcupine["verdict"],
        )

    def ratio(self, figure: str, our_figure: str | None = None) -> float | None:
        """Return how many times ours Porcupine's figure is; at least that where it gave up."""
        theirs = (self.porcupine or {}).get(figure)
        if theirs is None or self.ours["verdict"] == UNDECIDED:
            return None
        return float(theirs / self.ours[our_figure or figure])

    def figures(self) -> dict[str, Any]:
        """Return all that is known, for JSON."""
        ratios = {
            "check": self.ratio("seconds"),
            "engine": self.ratio("seconds", "engine_seconds"),
            "memory": self.ratio("memory_peak_bytes"),
        }
        return {**asdict(self), "both_decided": self.both_decided, "porcupine_to_ours": ratios}


def table_of(rows: Sequence[Row]) -> Table:
    """Return a line for each history."""
    title = "check time and peak memory, and how many times ours Porcupine's is"
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("history", ""):
        table.add_column(name, no_wrap=True)
    names = ("ours", "engine", "explain", "MB", "Porcupine", "MB", "time", "engine", "memory")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        theirs = row.porcupine or {}
        table.add_row(
            row.name,
            "good" if row.expected == "linearizable" else "bad",
            _time(row.ours),
            *(_seconds(row.ours.get(part)) for part in ("engine_seconds", "explain_seconds")),
            _megabytes(row.ours),
            *(_time(theirs), _megabytes(theirs)),
            _ratio(row, row.ratio("seconds")),
            _ratio(row, row.ratio("seconds", "engine_seconds")),
            _ratio(row, row.ratio("memory_peak_bytes")),
        )
    return table


def totals(rows: Sequence[Row]) -> Table:
    """Return a line for each group: sums over what both decided."""
    table = Table(title="in total, where both decided", box=SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for name in ("histories", "ours decided", "both", "ours", "engine", "Porcupine"):
        table.add_column(name, justify="right")
    for name in ("time", "slower", "engine", "slower"):
        table.add_column(name, justify="right")
    for group in dict.fromkeys(row.group for row in rows):
        members = [row for row in rows if row.group == group]
        both = [row for row in members if row.both_decided]
        theirs = sum(row.porcupine["seconds"] for row in both if row.porcupine)
        check, engine = (
            sum(row.ours[figure] for row in both) for figure in ("seconds", "engine_seconds")
        )
        decided = sum(row.ours["verdict"] != UNDECIDED for row in members)
        table.add_row(
            group.partition(",")[0],
            *map(str, (len(members), decided, len(both))),
            *(_seconds(check), _seconds(engine), _seconds(theirs)),
            *(_times(theirs / check) if both else "", str(_slower(both, "seconds"))),
            *(_times(theirs / engine) if both else "", str(_slower(both, "engine_seconds"))),
        )
    return table


def _slower(rows: Sequence[Row], figure: str) -> int:
    return sum((row.ratio("seconds", figure) or 1) < 1 for row in rows)


def failures(rows: Sequence[Row]) -> list[str]:
    """Return a sentence for each verdict that is not the known one."""
    return [
        f"{row.name}: {checker} says {report['verdict']}, but it is {row.expected}"
        for row in rows
        for checker, report in (("holdfast", row.ours), ("Porcupine", row.porcupine))
        if report is not None and report["verdict"] not in (row.expected, UNDECIDED)
    ]


def _time(report: dict[str, Any]) -> str:
    if not report:
        return ""
    if report["verdict"] == UNDECIDED:
        return f"> {_seconds(report['seconds'])}" if "seconds" in report else report["detail"]
    return _seconds(report["seconds"])


def _seconds(seconds: float | None) -> str:
    if not seconds:
        return ""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def _megabytes(report: dict[str, Any]) -> str:
    return f"{report['memory_peak_bytes'] / 1e6:,.0f}" if "memory_peak_bytes" in report else ""


def _ratio(row: Row, ratio: float | None) -> str:
    if ratio is None:
        return ""
    return _times(ratio) if row.both_decided else f"> {_times(ratio)}"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} ×" if ratio >= 100 else f"{ratio:.2g} ×"
