"""Whether a check keeps its budget of time and of memory on histories too hard to decide in it.

Each check runs in a process of its own. The seconds are those of `check`, everything included; the
memory is by how much the resident memory's peak during the check exceeds what the process held before,
the history included. A line ends in LATE or LARGE where the budget is exceeded by more than a fifth of the
time or a quarter of the memory, and the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen
from check_files import reset_peak_memory, resident
from grid import events_of
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table
from virtual_time import Case

from holdfast import Budget, Event, History, Unknown, check
from holdfast.checker.options import parse_model

SECONDS = 1.0
SECONDS_MAX = 1.2 * SECONDS
MEMORY_MB = 200.0
MEMORY_MAX_MB = 1.25 * MEMORY_MB


def _queue(lost: int, slow: int) -> Iterator[Event]:
    """Many enqueues of unknown outcome, many open at once, and a dequeue of what nobody enqueued."""
    process = iter(range(10**6))
    for number in range(lost):
        client = next(process)
        yield Event("invoke", client, "enqueue", number)
        yield Event("info", client, "enqueue", number)
    open = [(next(process), 1000 + number) for number in range(slow)]
    for client, value in open:
        yield Event("invoke", client, "enqueue", value)
    for client, value in open:
        yield Event("ok", client, "enqueue", value)
    client = next(process)
    yield Event("invoke", client, "dequeue")
    yield Event("ok", client, "dequeue", "nobody's")


def _counter(operations: int) -> Iterator[Event]:
    """Additions of powers of two of unknown outcome, and reads of sums that they do not make."""
    source = random.Random(operations)
    for number in range(operations):
        yield Event("invoke", number, "add", 3 * 2 ** source.randrange(40))
        yield Event("info", number, "add", 1)
    yield Event("invoke", operations, "read")
    yield Event("ok", operations, "read", 3 * 2**41 + 1)


def _grid(**case: Any) -> Callable[[], Iterator[Event]]:
    return lambda: iter(events_of(Case(**case)))


@frozen
class Hard:
    """A history that takes longer than the budget."""

    model: str
    events: Callable[[], Iterator[Event]]


CASES = {
    "fifo-queue: 16 lost, 16 open": Hard("fifo-queue", lambda: _queue(16, 16)),
    "unordered-queue: 40 lost, 20 open": Hard("unordered-queue", lambda: _queue(40, 20)),
    "stack: 16 lost, 16 open": Hard(
        "stack",
        lambda: (
            Event(
                event.type,
                event.process,
                {"enqueue": "push", "dequeue": "pop"}[event.f],
                event.value,
            )
            for event in _queue(16, 16)
        ),
    ),
    "counter: 60 lost": Hard("counter", lambda: _counter(60)),
    "cas-register: 100,000 by 30, 5 % lost, bad": Hard(
        "cas-register",
        _grid(model="cas-register", operations=100_000, clients=30, unknown=5, good=False, seed=0),
    ),
    "owned-mutex: 100,000 by 10, 1 % lost, bad": Hard(
        "owned-mutex",
        _grid(model="owned-mutex", operations=100_000, clients=10, unknown=1, good=False, seed=0),
    ),
    "cas-register: 1,000,000 by 10, bad": Hard(
        "cas-register",
        _grid(
            model="cas-register", operations=1_000_000, clients=10, unknown=1, good=False, seed=0
        ),
    ),
}


def measure(name: str, kind: str) -> dict[str, Any]:
    """Return what a check within a budget of ``seconds`` or of ``memory`` took."""
    model = parse_model(CASES[name].model)
    history = History.of(CASES[name].events())
    check(History.of([]), model)  # imports
    gc.collect()
    before = reset_peak_memory()
    limits = (
        Budget(seconds=SECONDS) if kind == "seconds" else Budget(20 * SECONDS, int(MEMORY_MB * 1e6))
    )
    began = time.perf_counter()
    verdict = check(history, model, budget=limits)
    seconds = time.perf_counter() - began
    unknown = isinstance(verdict, Unknown)
    return {
        "history": name,
        "operations": len(history),
        "budget": f"{SECONDS:g} s" if kind == "seconds" else f"{MEMORY_MB:g} MB",
        "verdict": verdict.reason.value if isinstance(verdict, Unknown) else type(verdict).__name__,
        "detail": verdict.detail if isinstance(verdict, Unknown) else "",
        "seconds": round(seconds, 3),
        "memory_mb": round((resident("VmHWM:") - before) / 1e6, 1),
        "late": kind == "seconds" and seconds > SECONDS_MAX,
        "large": kind == "memory" and unknown and resident("VmHWM:") - before > MEMORY_MAX_MB * 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="histories with these words in their names")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(*options.one)))
        return
    console = Console()
    rows: list[dict[str, Any]] = []
    with Live(_table(rows), console=console, auto_refresh=False) as live:
        for name, kind in itertools.product(CASES, ("seconds", "memory")):
            if options.only in name:
                command = [sys.executable, __file__, "--one", name, kind]
                rows.append(json.loads(subprocess.check_output(command, text=True)))
                live.update(_table([] if options.json else rows), refresh=True)
    if options.json:
        print(json.dumps(rows, indent=1))
    sys.exit(int(any(row["late"] or row["large"] for row in rows)))


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("history", overflow="fold")
    table.add_column("budget", justify="right", no_wrap=True)
    table.add_column("answer", overflow="fold")
    for heading in ("seconds", "MB", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        words = "LATE" if row["late"] else "LARGE" if row["large"] else ""
        figures = (f"{row['seconds']:.2f}", f"{row['memory_mb']:.0f}", words)
        table.add_row(row["history"], row["budget"], row["verdict"], *figures)
    return table


if __name__ == "__main__":
    main()
