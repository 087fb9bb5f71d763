"""How long it takes, and how much memory, to read histories of each format."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generated import register_history
from rich.console import Console
from rich.table import Table

from holdfast.histories.formats import read_events, read_history, write_history
from holdfast.histories.operation import Event

MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


def edn_of(event: Event) -> str:
    """Return an event as Jepsen prints it."""
    value = _edn_value(event.value)
    return (
        f"{{:type :{event.type}, :f :{event.f}, :value {value}, :process {event.process}, "
        f":time {event.time}}}"
    )


def edn_with_more(event: Event) -> str:
    """Return an event with two fields that holdfast does not know."""
    return f'{edn_of(event)[:-1]}, :node "n{event.process % 5 + 1}", :zone :east, :attempt 1}}'  # type: ignore[operator]


def edn_with_a_tag(event: Event) -> str:
    """Return an event that is read token by token."""
    return f"{edn_of(event)[:-1]}, :debug #at [{event.time} :a]}}"


def log_of(event: Event) -> str:
    """Return an event as Jepsen logs it."""
    value = ":timed-out" if event.type == "info" else _edn_value(event.value)
    return f"INFO  jepsen.util - {event.process}\t:{event.type}\t:{event.f}\t{value}"


def map_of(event: Event) -> str:
    """Return an event as the lines of Porcupine's key-value tests have it."""
    value = _edn_value(event.value)
    return (
        f"{{:process {event.process}, :type :{event.type}, :f :{event.f}, "
        f':key "7", :value {value}}}'
    )


def _edn_value(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + " ".join(map(_edn_value, value)) + "]"
    return "nil" if value is None else str(value)


KINDS: dict[str, tuple[str, Callable[[Event], str] | None]] = {
    "jsonl": ("h.jsonl", None),
    "jepsen-edn": ("h.edn", edn_of),
    "jepsen-edn, more fields": ("h.edn", edn_with_more),
    "jepsen-edn, tags": ("h.edn", edn_with_a_tag),
    "porcupine-log": ("h.log", log_of),
    "porcupine-log, maps": ("h.txt", map_of),
}


def apart(function: Callable[..., Any], *arguments: object) -> Any:
    """Call in a process of its own: a peak of memory is a whole process's, and inherited."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def measured(path: Path, whole: bool) -> tuple[float, float]:
    """Return seconds, and by how many megabytes the peak of memory rose.

    Args:
        path: the file to read.
        whole: whether to make a history of it, or to let each event go.
    """
    for _ in read_events(path):  # what is imported and compiled at first use
        break
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    if whole:
        read_history(path)
    else:
        for _ in read_events(path):
            pass
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return seconds, (after - before) * MAXRSS_BYTES / 1e6


def write(kind: str, operations: int, path: Path) -> int:
    """Write a history that keeps to the format, and return how many operations it has."""
    history = register_history(operations, 10, 0.01, faulty=False)
    spell = KINDS[kind][1]
    if spell is None:
        write_history(history, path)
    else:
        path.write_text("".join(spell(event) + "\n" for event in history.events))
    return len(history)


def row_of(kind: str, operations: int, repeats: int) -> dict[str, float | str]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / KINDS[kind][0]
        count = apart(write, kind, operations, path)
        events = [apart(measured, path, False) for _ in range(repeats)]
        whole = [apart(measured, path, True) for _ in range(repeats)]
        return {
            "format": kind,
            "operations": count,
            "MB": round(path.stat().st_size / 1e6, 1),
            "events s": round(min(events)[0], 2),
            "peak MB": round(min(peak for _, peak in events), 1),
            "history s": round(min(whole)[0], 2),
            "its peak MB": round(min(peak for _, peak in whole), 1),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3, help="the fastest of so many counts")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = [row_of(kind, arguments.operations, arguments.repeats) for kind in KINDS]
    if arguments.json:
        print(json.dumps(rows))
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
