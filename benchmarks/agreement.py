"""Agreement of the checker with brute force on small random histories of every registered model.

The histories and the brute force are those of the tests. It ends with the number of disagreements, and
with exit code 1 if there are any; each is printed as Python that shows it again.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.checker.brute_force import is_linearizable
from tests.checker.random_histories import models_with_options, random_history

from holdfast import History, Linearizable, NotLinearizable, check

HEADINGS = (
    "model",
    "histories",
    "operations",
    "linearizable",
    "with unknown",
    "disagreements",
    "s",
)


def rows(histories: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the counts for each model, and each of its switches."""
    for name, model in models_with_options():
        yield {"model": name, **compare(model, histories, random.Random(f"{name} {seed}"))}


def compare(model: Any, histories: int, source: random.Random) -> dict[str, Any]:
    """Return how often the checker and brute force said the same of a model's histories."""
    begin = time.perf_counter()
    operations = linearizable = unknown = disagreements = 0
    for number in range(histories):
        history = random_history(model, source, keys=1 + number % 2)
        expected = is_linearizable(model, history)
        operations += len(history)
        linearizable += expected
        unknown += any(operation.returned is None for operation in history)
        if not agrees(model, history, expected):
            disagreements += 1
            print(f"History.of({list(history.events)!r})  # {model!r}: linearizable is {expected}")
    return {
        "histories": histories,
        "mean_operations": round(operations / histories, 1),
        "linearizable": linearizable,
        "with_unknown": unknown,
        "disagreements": disagreements,
        "seconds": round(time.perf_counter() - begin, 1),
    }


def agrees(model: Any, history: History, expected: bool) -> bool:
    """Return whether the checker says what is expected, with a counterexample that fails alone."""
    match check(history, model):
        case Linearizable():
            return expected
        case NotLinearizable(counterexample):
            return not expected and not is_linearizable(model, counterexample.operations)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument(
        "--histories", type=int, default=10_000, help="of each model (default: 10000)"
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same histories")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    counted = list(rows(arguments.histories, arguments.seed))
    histories = sum(row["histories"] for row in counted)
    disagreements = sum(row["disagreements"] for row in counted)
    if arguments.json:
        print(json.dumps(counted))
    else:
        table = Table(*HEADINGS, title="the checker beside brute force")
        table.columns[0].overflow = "fold"
        for row in counted:
            table.add_row(*map(str, row.values()))
        Console().print(table)
        print(f"{disagreements} disagreements in {histories:,} histories")
    return 1 if disagreements else 0


if __name__ == "__main__":
    raise SystemExit(main())
