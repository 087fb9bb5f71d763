"""Time and peak memory of reading a long JSONL history, beside the standard library's json module.

Each reader runs in a process of its own. ``json`` parses the lines and keeps the objects, ``events``
decodes the events and drops them, ``history`` is ``read_history``: decoded, validated and kept,
``scan`` is ``scan_jsonl``: validated and kept as columns, without an object for each event.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from holdfast.histories.core import NATIVE, scan_jsonl
from holdfast.histories.formats import DEFAULT_LIMITS, read_events, read_history, write_history
from holdfast.histories.formats.compression import open_reading
from holdfast.histories.operation import Event

CLIENTS = 10
HEADINGS = (
    "file",
    "MB",
    "reader",
    "s",
    "events/s",
    "MB/s",
    "peak MB",
    "time : json",
    "peak : json",
)
BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024


def lock_events(count: int) -> Iterator[Event]:
    """Yield the events of clients that take a lock in turn, each in a call nearly all the time."""
    for index in range(count):
        client, call = index % CLIENTS, index // CLIENTS
        turn = call // 2
        f = "release" if turn % 2 else "acquire"
        token = f"{client:02x}{turn // 2:014x}"
        instant = index * 12_345
        if call % 2:
            value = turn if f == "acquire" else None
            yield Event("ok", client, f, value, instant, index, key="lock")
        else:
            yield Event("invoke", client, f, token, instant, index, key="lock")


def read_with_json(path: Path) -> object:
    with open_reading(path, DEFAULT_LIMITS) as stream:
        return [json.loads(line) for line in stream]


def read_and_drop(path: Path) -> object:
    return sum(1 for _ in read_events(path))


def scan(path: Path) -> object:
    with open_reading(path, DEFAULT_LIMITS) as stream:
        content = stream.read()
    scanned = scan_jsonl(content, DEFAULT_LIMITS.line_bytes_max, DEFAULT_LIMITS.events_max)
    assert scanned is not None, "the recording is left to the reader in Python"
    return content, scanned


READERS: dict[str, Callable[[Path], object]] = {
    "json": read_with_json,
    "events": read_and_drop,
    "history": read_history,
}
if NATIVE:
    READERS["scan"] = scan


def measure_here(reader: str, path: Path) -> dict[str, float]:
    """Read once in this process."""
    begin = time.perf_counter()
    kept = READERS[reader](path)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_MAXRSS
    del kept
    return {"seconds": seconds, "peak_bytes": peak}


def measure(reader: str, path: Path) -> dict[str, float]:
    """Read once in a process of its own."""
    command = [sys.executable, __file__, "--reader", reader, str(path)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(ended.stdout)  # type: ignore[no-any-return]


def rows(events: int) -> Iterator[dict[str, Any]]:
    """Yield what was measured of each file and reader."""
    with tempfile.TemporaryDirectory() as directory:
        for suffix in ("", ".gz", ".zst"):
            path = Path(directory) / f"h.jsonl{suffix}"
            write_history(lock_events(events), path)
            if not suffix:
                uncompressed = path.stat().st_size
            taken = {reader: measure(reader, path) for reader in READERS}
            for reader, cost in taken.items():
                yield {
                    "file": f".jsonl{suffix}",
                    "megabytes": round(path.stat().st_size / 1e6, 1),
                    "reader": reader,
                    "seconds": round(cost["seconds"], 3),
                    "events_per_second": round(events / cost["seconds"]),
                    # of text, whatever the file has
                    "megabytes_per_second": round(uncompressed / 1e6 / cost["seconds"]),
                    "peak_megabytes": round(cost["peak_bytes"] / 1e6, 1),
                    "time_to_json": round(cost["seconds"] / taken["json"]["seconds"], 2),
                    "peak_to_json": round(cost["peak_bytes"] / taken["json"]["peak_bytes"], 2),
                }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("path", nargs="?", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.reader:
        print(json.dumps(measure_here(arguments.reader, arguments.path)))
        return
    taken = list(rows(arguments.events))
    if arguments.json:
        print(json.dumps(taken))
        return
    # Only here: what this process holds would count into the peak of those it starts.
    from rich.console import Console
    from rich.table import Table

    table = Table(*HEADINGS, title=f"reading {arguments.events:,} events")
    for row in taken:
        table.add_row(*map(str, row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
