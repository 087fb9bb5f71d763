"""Time of a check, the explanation of a wrong history included, on simulated locks and registers.

A fault is one wrong grant or one stale read near the end, so that nearly all must be searched before it
is refuted. Unknown outcomes may explain a fault away: an unknown release of a lock without owners does.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from typing import Any

from generated import lock_history, register_history
from rich.console import Console
from rich.table import Table

from holdfast import CasRegister, Mutex, NotLinearizable, OwnedMutex, Unknown, check
from holdfast.checker.engines import ENGINES
from holdfast.histories import History

HEADINGS = (
    "model",
    "clients",
    "unknown",
    "faulty",
    "verdict",
    "median s",
    "worst s",
    "configurations",
    "operations shown",
)


def rows(operations: int, seeds: int, engine: str, budget: float) -> Iterator[dict[str, Any]]:
    """Yield what was measured of each kind of history."""
    kinds = (
        ("mutex", Mutex(), lock_history),
        ("owned-mutex", OwnedMutex(), lock_history),
        ("cas-register", CasRegister(), register_history),
    )
    for name, model, generate in kinds:
        for clients in (5, 10):
            for unknown in (0.0, 0.01):
                for faulty in (False, True):
                    histories = [
                        generate(operations, clients, unknown, faulty=faulty, seed=seed)
                        for seed in range(seeds)
                    ]
                    yield {
                        "model": name,
                        "clients": clients,
                        "unknown": f"{unknown:.0%}",
                        "faulty": faulty,
                        **measure(histories, model, engine, budget),
                    }


def measure(histories: list[History], model: Any, engine: str, budget: float) -> dict[str, Any]:
    """Check every history once; return the median and the worst of the times."""
    seconds, configurations, shown, verdicts = [], [], [], {}
    for history in histories:
        begin = time.perf_counter()
        verdict = check(history, model, engine=engine, budget=budget)
        seconds.append(time.perf_counter() - begin)
        configurations.append(verdict.spent.configurations)
        said = verdict.reason.value if isinstance(verdict, Unknown) else type(verdict).__name__
        verdicts[said] = verdicts.get(said, 0) + 1
        if isinstance(verdict, NotLinearizable):
            shown.append(len(verdict.counterexample.operations))
    return {
        "verdicts": verdicts,
        "median_seconds": round(_median(seconds), 4),
        "worst_seconds": round(max(seconds), 4),
        "median_configurations": _median(configurations),
        "median_operations_shown": _median(shown) if shown else None,
    }


def _median(values: list[Any]) -> Any:
    return sorted(values)[len(values) // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument(
        "--operations", type=int, default=1000, help="of each history (default: 1000)"
    )
    parser.add_argument("--seeds", type=int, default=5, help="histories of each kind (default: 5)")
    parser.add_argument("--engine", choices=("auto", *ENGINES.names()), default="auto")
    parser.add_argument("--budget", type=float, default=20.0, help="seconds for each (default: 20)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    measured = rows(arguments.operations, arguments.seeds, arguments.engine, arguments.budget)
    if arguments.json:
        print(json.dumps(list(measured)))
        return
    title = f"check of {arguments.operations:,} operations, engine {arguments.engine}"
    table = Table(*HEADINGS, title=title)
    for row in measured:
        row["verdicts"] = ", ".join(f"{count} × {said}" for said, count in row["verdicts"].items())
        table.add_row(*(("" if value is None else str(value)) for value in row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
