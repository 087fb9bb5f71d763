"""How long locks take to decide: ten million calls from columns, and a grid of simulated histories.

The columns stand beside one plain scan of them. The grid is checked through the engine `locks`; a bad one
has one wrong grant near its end. Where Go is installed Porcupine decides the smaller of the same histories
too; --porcupine names other sizes, or none.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen
from contestants import HERE, Limits, Porcupine, Skipped
from grid import events_of
from rich.console import Console
from rich.table import Table
from virtual_time import Case

from holdfast import Linearizable, Mutex, NotLinearizable, OwnedMutex, check
from holdfast.checker.core import NATIVE
from holdfast.checker.locks.columns import NO_OWNERS, ORDER, Columns, decide_columns
from holdfast.histories import History

CLIENTS = 20
ACQUIRE, RELEASE = 0, 1
UNKNOWN = 2

MODELS: dict[str, Any] = {"mutex": Mutex(), "owned-mutex": OwnedMutex()}


def columns_of(calls: int, unknown: float, seed: int = 0) -> Columns:
    """Return the calls of clients that wait for their turn at a lock, each time with a new token."""
    draw = random.Random(seed).random
    rows: list[tuple[int, int, int, int, int]] = []
    now, waiting = 0, [int(100 * draw()) for _ in range(CLIENTS)]
    token = 0
    while len(rows) < calls:
        client = int(draw() * CLIENTS)
        granted = max(now, waiting[client]) + 10 + int(20 * draw())
        lost = draw() < unknown
        rows.append((waiting[client], ACQUIRE, 0, token, granted))
        released = granted + 50 + int(50 * draw())
        now = released + int(10 * draw())
        rows.append((released, RELEASE, UNKNOWN if lost else 0, token, now + 5 + int(5 * draw())))
        waiting[client] = now + 10 + int(50 * draw())
        token += 1
    rows.sort()
    renamed: dict[int, int] = {}
    tokens = array("i", (renamed.setdefault(row[3], len(renamed)) for row in rows))
    return Columns(
        says=bytes(row[1] for row in rows),
        outcome=bytes(row[2] for row in rows),
        token=tokens,
        invoked=array("q", (row[0] for row in rows)),
        completed=array("q", (row[4] for row in rows)),
        tokens=len(renamed),
    )


def timed(run: Callable[[], object], times: int = 3) -> float:
    """Return the least of some measured times, in seconds."""
    best = float("inf")
    for _ in range(times):
        begin = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - begin)
    return best


def measure_columns(calls: int, unknown: float) -> dict[str, float]:
    """Print how long the compiled procedures take, in milliseconds and in scans of the columns."""
    if not NATIVE:
        sys.exit("the native core was not compiled: install with HOLDFAST_REQUIRE_NATIVE=1")
    from holdfast.checker.core._native import scan_columns

    columns = columns_of(calls, unknown)
    parts = (columns.says, columns.outcome, columns.token, columns.invoked, columns.completed)
    scan = timed(lambda: scan_columns(*parts), 9)
    print(f"{len(columns.says):,} calls, {columns.tokens:,} tokens, {CLIENTS} clients")
    print(f"one scan of the columns          {scan * 1000:8.1f} ms")
    figures = {"calls": float(calls), "scan_ms": scan * 1000}
    for name, permits in (("by token", 1), ("three permits", 3), ("without owners", NO_OWNERS)):
        for with_order in (False, True):
            found = decide_columns(columns, permits, with_order=with_order)[0]
            assert found == ORDER, found
            took = timed(lambda p=permits, w=with_order: decide_columns(columns, p, with_order=w))  # type: ignore[misc]
            order = "with an order" if with_order else "verdict alone"
            print(f"{name + ', ' + order:32} {took * 1000:8.1f} ms   {took / scan:5.1f} scans")
            figures[f"{name}, {order}, ms"] = took * 1000
    return figures


@frozen
class Cell:
    """What was measured of one history of the grid.

    Args:
        case: the history.
        check_ms: the whole check but for the explanation, in milliseconds; the least of three.
        right: whether the verdict is the known one.
        porcupine: what Porcupine's driver reported; ``None`` where it took no part.
    """

    case: Case
    check_ms: float
    right: bool
    porcupine: dict[str, Any] | None


def cells(
    operations: Sequence[int], porcupine: Porcupine | None, sizes: Sequence[int], limits: Limits
) -> Iterator[Cell]:
    """Yield what was measured of each history of the grid."""
    for size, model, clients, unknown, good in itertools.product(
        operations, MODELS, (5, 20, 50), (0, 1, 5), (True, False)
    ):
        case = Case(model, size, clients, unknown, good, 0)
        history = History.of(events_of(case), source="generated")
        took, verdict = float("inf"), None
        for _ in range(3):
            begin = time.perf_counter()
            verdict = check(history, MODELS[model], engine="locks", explain=False)
            took = min(took, time.perf_counter() - begin)
        right = isinstance(verdict, Linearizable if good else NotLinearizable)
        theirs = porcupines(case, porcupine, limits) if porcupine and size in sizes else None
        yield Cell(case, took * 1000, right, theirs)


def porcupines(case: Case, porcupine: Porcupine, limits: Limits) -> dict[str, Any]:
    """Return what Porcupine says of a history."""
    with tempfile.TemporaryDirectory() as place:
        recorded, words = Path(place) / "history.jsonl", Path(place) / "history.tsv"
        asked = ["--model", case.model, "--operations", str(case.operations)]
        asked += ["--clients", str(case.clients), "--unknown", str(case.unknown)]
        _run("grid.py", str(recorded), *asked, *([] if case.good else ["--bad"]))
        _run("porcupine_input.py", str(recorded), str(words), "--model", case.model)
        return porcupine.check([words], case.model, limits)[0]


def _run(script: str, *arguments: str) -> None:
    subprocess.run([sys.executable, str(HERE / script), *arguments], check=True)


def measure_grid(options: argparse.Namespace) -> list[Cell]:
    """Print the grid as it is measured; return it."""
    console = Console(width=110)
    limits = Limits(options.porcupine_seconds, options.porcupine_memory_mb)
    with tempfile.TemporaryDirectory() as directory:
        porcupine: Porcupine | None = None
        try:
            porcupine = Porcupine.built(Path(directory)) if options.porcupine else None
        except Skipped as reason:
            console.print(str(reason))
        measured = []
        for cell in cells(_sizes(options.operations), porcupine, _sizes(options.porcupine), limits):
            measured.append(cell)
            options.json.parent.mkdir(parents=True, exist_ok=True)
            options.json.write_text(json.dumps([asdict(one) for one in measured], indent=1) + "\n")
    console.print(_table(measured))
    return measured


def _table(measured: Sequence[Cell]) -> Table:
    headings = ("model", "operations", "clients", "unknown %", "history", "check ms", "Porcupine")
    table = Table(*headings, title="checks through the engine locks")
    for cell in measured:
        case = cell.case
        sizes = (f"{case.operations:,}", str(case.clients), f"{case.unknown:g}")
        took = f"{cell.check_ms:.1f}" if cell.right else "WRONG"
        quality = "good" if case.good else "bad"
        table.add_row(case.model, *sizes, quality, took, _theirs(cell.porcupine))
    return table


def _theirs(report: dict[str, Any] | None) -> str:
    if report is None:
        return ""
    if report["verdict"] == "unknown":
        return str(report.get("detail", "gave up"))
    return f"{1000 * report['seconds']:.1f}"


def summary(measured: Sequence[Cell], most_ms: float) -> Iterator[str]:
    """Yield what the grid comes to."""
    wrong = sum(not cell.right for cell in measured)
    late = sum(cell.check_ms > most_ms for cell in measured)
    yield f"{len(measured)} histories, {wrong} wrong verdicts, {late} above {most_ms:g} ms"
    yield f"the slowest check took {max(cell.check_ms for cell in measured):.1f} ms"
    theirs = [cell for cell in measured if cell.porcupine is not None]
    if theirs:
        decided = [cell for cell in theirs if (cell.porcupine or {})["verdict"] != "unknown"]
        seconds = sum((cell.porcupine or {})["seconds"] for cell in decided)
        ours = sum(cell.check_ms for cell in decided) / 1000
        yield (
            f"Porcupine decided {len(decided)} of {len(theirs)}, in {seconds:.1f} s together; "
            f"holdfast took {ours:.2f} s for those"
        )


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",") if size]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=10_000_000, help="from columns; 0 for none")
    parser.add_argument("--unknown", type=float, default=0.01, help="share of their releases")
    parser.add_argument(
        "--operations", default="1000,10000,100000", help="of the grid's histories; '' for none"
    )
    parser.add_argument("--most-ms", type=float, default=100.0, help="for each check of the grid")
    parser.add_argument(
        "--porcupine", default="1000,10000", help="sizes that Porcupine decides too; '' for none"
    )
    parser.add_argument("--porcupine-seconds", type=float, default=60.0)
    parser.add_argument("--porcupine-memory-mb", type=float, default=8000.0)
    parser.add_argument("--json", type=Path, default=Path("build/locks.json"))
    options = parser.parse_args()
    columns = measure_columns(options.calls, options.unknown) if options.calls else {}
    measured = measure_grid(options) if _sizes(options.operations) else []
    for line in summary(measured, options.most_ms) if measured else ():
        print(line)
    figures = {"columns": columns, "grid": [asdict(cell) for cell in measured]}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 1 if any(not cell.right for cell in measured) else 0


if __name__ == "__main__":
    raise SystemExit(main())
