"""How many rounds of acquire, read, write and release a second live runs record, without faults."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from holdfast.histories.formats import read_history
from holdfast.histories.live.run import Run, record
from holdfast.histories.operation import Outcome
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.workload import Workload


def measure(system: str, clients: int, seconds: float) -> dict[str, float | str]:
    """Record one run and return its rates."""
    workload = Workload(clients=clients, seconds=seconds, hold=0, think=0, ttl=2.0)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "run.jsonl"
        record(Run(system, workload), path)
        history = read_history(path)
    releases = [o for o in history if o.f == "release" and o.outcome is Outcome.OK]
    return {
        "system": system,
        "clients": clients,
        "rounds_per_second": round(len(releases) / seconds, 1),
        "events_per_second": round(len(history.events) / seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = [
        measure(system, clients, arguments.seconds)
        for system in SYSTEMS.names()
        for clients in (1, 4, 8)
    ]
    if arguments.json:
        print(json.dumps(rows))
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
