"""Times `holdfast check` on a JSONL file of a million operations, as a whole command, beside the json module.

    python benchmarks/bench_million.py [--operations N] [--clients N] [--rounds N]

Both run in processes of their own, in turn, so that the ratio holds on a busy machine too.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
PARSE = "import json, sys\nfor line in open(sys.argv[1], 'rb'): json.loads(line)"

HOLDFAST = "from holdfast.checker.cli import main; raise SystemExit(main())"


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "history.jsonl"
        grid = [sys.executable, str(HERE / "grid.py"), str(path), "--model", "cas-register"]
        grid += ["--operations", str(options.operations), "--clients", str(options.clients)]
        subprocess.run([*grid, "--unknown", "0"], check=True)
        megabytes = path.stat().st_size / 1e6
        contestants = {
            "json.loads of each line": [sys.executable, "-c", PARSE, str(path)],
            "holdfast check": [
                *(sys.executable, "-c", HOLDFAST, "check", str(path)),
                *("--model", "cas-register"),
            ],
        }
        took: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(options.rounds):
            for name, command in contestants.items():
                took[name].append(seconds(command))
    medians = {name: statistics.median(times) for name, times in took.items()}
    base = medians["json.loads of each line"]
    title = f"{options.operations:,} operations, {megabytes:.0f} MB of JSONL"
    table = Table("", "seconds", "of json's", title=title)
    for name, median in medians.items():
        table.add_row(name, f"{median:.2f}", f"{median / base:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
