"""How soon a live run ends after a lock has broken: Redlock, three of five clocks leap, the run is watched.

Times count from when the grant was recorded that makes the history not linearizable, which is when the second
client was told that it holds: to the end of the run, to the last thing any client recorded, and to the proof
in words, which comes when the servers are gone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from attrs import asdict, fields, frozen
from rich.console import Console
from rich.table import Table

from holdfast.checker.commands.check import check_history
from holdfast.checker.explain.explanation import explain
from holdfast.checker.options import parse_model
from holdfast.checker.stream import Stream, Watcher
from holdfast.checker.verdict import NotLinearizable
from holdfast.histories.faults.clock_jump import ClockJump
from holdfast.histories.formats import read_history
from holdfast.histories.header import STOPPED
from holdfast.histories.live.run import Run, record
from holdfast.histories.operation import NEMESIS, Event
from holdfast.histories.schedule import Schedule, Strike
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.workload import LOCK, Workload

TTL_S = 3.0


@frozen
class Delays:
    """Milliseconds from the recording of the second grant.

    Args:
        found_ms: until the monitor had found it.
        ended_ms: until the run was ended.
        last_event_ms: until the last event of a client.
        told_ms: until the proof was there in words.
    """

    found_ms: float
    ended_ms: float
    last_event_ms: float
    told_ms: float


class _Timed(Watcher):
    """A watcher that keeps when each event was recorded, and when the violation was found."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)
        self.recorded: list[tuple[Event, float]] = []
        self.found_at: float | None = None

    def add(self, event: Event) -> None:
        self.recorded.append((event, time.monotonic()))
        super().add(event)

    def stopped(self) -> bool:
        if self.violation is not None and self.found_at is None:
            self.found_at = time.monotonic()
        return super().stopped()


def measure(seed: int, clients: int) -> Delays | None:
    """Record one run until its lock breaks, and return the delays; ``None`` if it did not break."""
    jump = ClockJump(nodes=("n1", "n2", "n3"), by_ms=round(1000 * TTL_S))
    workload = Workload(clients=clients, seconds=20, ttl=TTL_S, hold=0.8, patience=3)
    # One is enough, unless the holder gives the lock back just then.
    schedule = Schedule([Strike(at, jump, when="held") for at in (1.0, 5.0, 9.0, 13.0)])
    run = Run("redlock", workload, schedule, seed)
    lock_model = SYSTEMS["redlock"]().lock_model
    models = {LOCK: lock_model}
    stream = Stream(lambda key: parse_model(models[str(key)]) if key in models else None)
    with tempfile.TemporaryDirectory() as directory, _Timed(stream) as watcher:
        path = Path(directory) / "run.jsonl"
        record(run, path, watch=watcher.add, until=watcher.stopped)
        if watcher.violation is None:
            return None
        history = read_history(path)
        (finding,) = check_history(history, {LOCK: lock_model}, path=path)
        assert isinstance(finding.verdict, NotLinearizable)
        explain(finding.verdict, history, finding.model)
        told_at = time.monotonic()
    granted = watcher.violation.event
    at = {id(event): when for event, when in watcher.recorded}
    since = at[id(granted)]
    events = history.events
    ended = next(event for event in reversed(events) if event.f == STOPPED)
    last = next(event for event in reversed(events) if event.process != NEMESIS)
    assert granted.time is not None
    assert watcher.found_at is not None
    return Delays(
        found_ms=1000 * (watcher.found_at - since),
        ended_ms=((ended.time or 0) - granted.time) / 1e6,
        last_event_ms=((last.time or 0) - granted.time) / 1e6,
        told_ms=1000 * (told_at - since),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    runs = [measure(seed, arguments.clients) for seed in range(arguments.runs)]
    broken = [one for one in runs if one is not None]
    if not broken:
        raise SystemExit("no lock broke: give more --runs")
    if arguments.json:
        print(json.dumps([asdict(one) for one in broken]))
        return
    title = f"from the second grant's recording, {len(broken)} of {len(runs)} runs whose lock broke"
    table = Table("milliseconds until", "median", "max", title=title)
    words = (
        "it was found",
        "the run was ended",
        "the last event of a client",
        "the proof was told",
    )
    for field, name in zip(fields(Delays), words, strict=True):
        delays = [getattr(one, field.name) for one in broken]
        table.add_row(name, f"{statistics.median(delays):.1f}", f"{max(delays):.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
