"""How long locks take to decide: ten million calls from columns, and a grid of simulated histories.

The columns stand beside one plain scan of them. The grid is checked through the engine `locks`; a bad one
has one wrong grant near its end. `bench_compare.py --model owned-mutex --clients 5,20,50 --engine locks`
sets the same grid beside Porcupine.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time
from array import array
from collections.abc import Callable, Iterator

from attrs import frozen
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

MODELS = {"mutex": Mutex(), "owned-mutex": OwnedMutex()}


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


def measure_columns(calls: int, unknown: float) -> None:
    """Print how long the compiled procedures take, in milliseconds and in scans of the columns."""
    if not NATIVE:
        sys.exit("the native core was not compiled: install with HOLDFAST_REQUIRE_NATIVE=1")
    from holdfast.checker.core._native import scan_columns

    columns = columns_of(calls, unknown)
    parts = (columns.says, columns.outcome, columns.token, columns.invoked, columns.completed)
    scan = timed(lambda: scan_columns(*parts), 9)
    print(f"{len(columns.says):,} calls, {columns.tokens:,} tokens, {CLIENTS} clients")
    print(f"one scan of the columns          {scan * 1000:8.1f} ms")
    for name, permits in (("by token", 1), ("three permits", 3), ("without owners", NO_OWNERS)):
        for with_order in (False, True):
            found = decide_columns(columns, permits, with_order=with_order)[0]
            assert found == ORDER, found
            took = timed(lambda p=permits, w=with_order: decide_columns(columns, p, with_order=w))  # type: ignore[misc]
            order = "with an order" if with_order else "verdict alone"
            print(f"{name + ', ' + order:32} {took * 1000:8.1f} ms   {took / scan:5.1f} scans")


@frozen
class Cell:
    """What was measured of one history of the grid.

    Args:
        case: the history.
        check_ms: the whole check but for the explanation, in milliseconds.
        engine_ms: the engine's part of it.
        right: whether the verdict is the known one.
    """

    case: Case
    check_ms: float
    engine_ms: float
    right: bool


def cells(operations: list[int]) -> Iterator[Cell]:
    """Yield what was measured of each history of the grid."""
    for model, size, clients, unknown, good in itertools.product(
        MODELS, operations, (5, 20, 50), (0, 1, 5), (True, False)
    ):
        case = Case(model, size, clients, unknown, good, 0)
        history = History.of(events_of(case), source="generated")
        took, verdict = float("inf"), None
        for _ in range(3):
            begin = time.perf_counter()
            verdict = check(history, MODELS[model], engine="locks", explain=False)
            took = min(took, time.perf_counter() - begin)
        assert verdict is not None
        right = isinstance(verdict, Linearizable if good else NotLinearizable)
        yield Cell(case, took * 1000, verdict.spent.seconds * 1000, right)


def measure_grid(operations: list[int], most_ms: float) -> int:
    """Print the grid; return how many verdicts were wrong or came too late."""
    measured = list(cells(operations))
    headings = ("model", "operations", "clients", "unknown %", "history", "check ms", "engine ms")
    table = Table(*headings, title="checks through the engine locks")
    for cell in measured:
        case = cell.case
        quality = "good" if case.good else "bad"
        sizes = (f"{case.operations:,}", str(case.clients), str(case.unknown))
        times = (f"{cell.check_ms:.1f}", f"{cell.engine_ms:.1f}" if cell.right else "WRONG")
        table.add_row(case.model, *sizes, quality, *times)
    Console().print(table)
    wrong = sum(not cell.right for cell in measured)
    late = sum(cell.check_ms > most_ms for cell in measured)
    slowest = max(cell.check_ms for cell in measured)
    print(f"{len(measured)} histories, {wrong} wrong verdicts, {late} above {most_ms:g} ms")
    print(f"the slowest check took {slowest:.1f} ms")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=10_000_000, help="from columns; 0 for none")
    parser.add_argument("--unknown", type=float, default=0.01, help="share of their releases")
    parser.add_argument(
        "--operations", default="1000,10000,100000", help="of the grid's histories; '' for none"
    )
    parser.add_argument("--most-ms", type=float, default=100.0, help="for each check of the grid")
    arguments = parser.parse_args()
    if arguments.calls:
        measure_columns(arguments.calls, arguments.unknown)
    sizes = [int(size) for size in arguments.operations.split(",") if size]
    return 1 if sizes and measure_grid(sizes, arguments.most_ms) else 0


if __name__ == "__main__":
    raise SystemExit(main())
