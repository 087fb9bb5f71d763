"""How many trials a second one core simulates and judges, and how long a search takes.

A trial of the demo's size: five nodes (three for etcd), three clients, about three acquisitions each.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from typing import Any

from attrs import evolve
from rich.console import Console
from rich.table import Table

from holdfast.checker.falsify import Falsifier
from holdfast.checker.violation import violation_of
from holdfast.histories.faults.cut import Cut
from holdfast.histories.faults.pause import Pause
from holdfast.histories.schedule import Schedule, Strike, name_of
from holdfast.histories.simulation.run import simulate
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.strategies.bounds import ASSUMPTIONS, Bounds
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.workload import LOCK, Workload

WORKLOAD = Workload(clients=3, seconds=0.25, ttl=1.0, hold=0.02, think=0.02, patience=0.5)
# Clients of etcd wait in a queue and lose no time; so about as many acquisitions take them less.
SECONDS = {"etcd": 0.16}

BATCHES = 10
"""The fastest tells what a core can do while others are busy on the machine."""

FAULTS = Schedule([Strike(0.05, Pause(("n1",))), Strike(0.1, Cut(("n2",), ("clients",)))])


def rate(system: str, schedule: Schedule, trials: int) -> dict[str, Any]:
    """Simulate and judge ``trials`` trials, and return the rates."""
    workload = evolve(WORKLOAD, seconds=SECONDS.get(system, WORKLOAD.seconds))
    acquisitions = 0
    batches = []
    for batch in range(BATCHES):
        began = time.process_time()
        for seed in range(batch, trials, BATCHES):
            recording = simulate(Trial(system, workload, schedule, seed))
            violation_of(recording.events, [LOCK])
            acquisitions += sum(
                event.f == "acquire" and event.type == "ok" for event in recording.events
            )
        batches.append(time.process_time() - began)
    return {
        "system": system,
        "faults": len(schedule.strikes),
        "acquisitions": round(acquisitions / trials, 1),
        "trials_per_cpu_s": round(trials / sum(batches)),
        "in_the_best_batch": round(trials / BATCHES / min(batches)),
    }


def kinds(trial: Trial) -> str:
    """Return the faults of ``trial`` in a few words."""
    return ", ".join(name_of(strike.fault) for strike in trial.schedule.strikes)


def search(system: str, assumptions: Sequence[str], examples: int, seed: int) -> dict[str, Any]:
    """Search for a violation and shrink it, and return how that went."""
    search = Falsifier(system, Bounds().assuming(*assumptions), keys=[LOCK], seed=seed)
    began = time.perf_counter()
    found = search.search(examples)
    return {
        "system": system,
        "assumed": " ".join(assumptions) or "nothing",
        "seed": seed,
        "trials": search.examined,
        "seconds": round(time.perf_counter() - began, 1),
        "faults_found": None if found is None else kinds(found.trial),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--examples", type=int, default=5000)
    parser.add_argument("--seeds", type=int, default=5, help="searches that assume nothing")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rates = [
        rate(system, schedule, arguments.trials)
        for system in SYSTEMS.names()
        for schedule in (Schedule(), FAULTS)
    ]
    searches = [
        search(system, assumptions, arguments.examples, seed)
        for system in SYSTEMS.names()
        for assumptions, seeds in (((), arguments.seeds), ((*ASSUMPTIONS,), 1))
        for seed in range(seeds)
    ]
    if arguments.json:
        print(json.dumps({"rates": rates, "searches": searches}))
        return
    for rows in (rates, searches):
        table = Table(*rows[0])
        for row in rows:
            table.add_row(*map(str, row.values()))
        Console().print(table)


if __name__ == "__main__":
    main()
