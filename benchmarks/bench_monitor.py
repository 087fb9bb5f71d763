"""What the monitor costs an event, and how much it remembers, as histories grow, with five clients."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from pathlib import Path

from attrs import asdict, frozen
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.checker.busy_lock import busy_lock, reachable

from holdfast import Monitor
from holdfast.checker.options import parse_model

MODELS = (
    "mutex",
    "owned-mutex",
    "fenced-mutex",
    "reentrant-mutex",
    "semaphore,permits=3",
    "owned-semaphore,permits=3",
)


@frozen
class Measured:
    """A history, and what its monitor took.

    Args:
        model: the lock.
        lost_percent: how many answers were lost.
        events: how many there were.
        event_us: microseconds an event.
        objects: how many objects the monitor keeps alive at the end.
    """

    model: str
    lost_percent: float
    events: int
    event_us: float
    objects: int


def measure(name: str, events: int, lost: float) -> Measured:
    """Return what a monitor took for so many events."""
    model = parse_model(name)
    monitor, given = Monitor(model), list(itertools.islice(busy_lock(model, lost=lost), events))
    begin = time.perf_counter()
    for event in given:
        assert monitor.add(event) is None
    seconds = time.perf_counter() - begin
    each = round(1e6 * seconds / events, 2)
    return Measured(name, 100 * lost, events, each, reachable(monitor))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--events", type=int, nargs="+", default=[10_000, 100_000, 300_000])
    parser.add_argument("--lost", type=float, nargs="+", default=[0.0, 0.01], help="parts of 1")
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    measured = [
        measure(name, events, lost)
        for name in arguments.models
        for lost in arguments.lost
        for events in arguments.events
    ]
    if arguments.json:
        print(json.dumps([asdict(one) for one in measured]))
        return
    table = Table("model", "% lost", "events", "µs an event", "objects kept")
    for one in measured:
        figures = (
            f"{one.lost_percent:g}",
            f"{one.events:,}",
            f"{one.event_us}",
            f"{one.objects:,}",
        )
        table.add_row(one.model, *figures)
    Console().print(table)


if __name__ == "__main__":
    main()
