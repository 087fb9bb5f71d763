"""holdfast and Porcupine side by side: check time and peak memory on the same histories, in one run.

Without --data the histories are generated (grid.py), one for every combination of what the options
list. With --data they are the files of a folder whose verdicts.tsv names the model and the verdict of each.

The times are those of the check alone. For holdfast it is the whole of `holdfast.check` but for
explaining, that is making a counterexample small, which stands apart as Porcupine makes none; the
engine's part of it stands beside. For Porcupine it is `CheckEventsTimeout`. The memory is the resident
memory's peak during the check, history included, and for holdfast the explaining too.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import compared_files
from contestants import HERE, Limits, Ours, Porcupine, Skipped
from rich.console import Console
from rich.live import Live
from side_by_side import Row, failures, table_of, totals

DEFAULT_MODEL = "cas-register,failed_cas_means_different=true"
WIDTH = 115
QUICK = {"operations": "1000", "clients": "5,10", "unknown": "0,1", "porcupine_seconds": 5.0}


def generated_rows(options: argparse.Namespace, porcupine: Porcupine | None) -> Iterator[Row]:
    """Yield a row for each history of the grid."""
    sizes = (options.operations, options.clients, options.unknown)
    expected = [word for word in ("good", "bad") if not options.only or word == options.only]
    for *numbers, quality in itertools.product(*(text.split(",") for text in sizes), expected):
        with tempfile.TemporaryDirectory() as place:
            yield _generated(numbers, quality == "good", Path(place), options, porcupine)


def _generated(
    numbers: list[str],
    good: bool,
    place: Path,
    options: argparse.Namespace,
    porcupine: Porcupine | None,
) -> Row:
    recorded, words = place / "history.jsonl", place / "history.tsv"
    operations, clients, unknown = numbers
    case = ["--operations", operations, "--clients", clients, "--unknown", unknown]
    case += ["--model", options.model.partition(",")[0], "--seed", str(options.seed)]
    # Each step in a process of its own: this one stays small, and starts others fast.
    run("grid.py", str(recorded), *case, *([] if good else ["--bad"]))
    ours = Ours(options.engine, options.explain).check(
        [recorded], options.model, limits_of(options)
    )
    theirs: list[Any] = [None]
    if porcupine is not None:
        run("porcupine_input.py", str(recorded), str(words), "--model", options.model)
        theirs = porcupine.check([words], options.model, porcupine_limits_of(options))
    return Row(
        name=f"{int(operations):,} by {clients}, {unknown} % unknown",
        group=options.model,
        expected="linearizable" if good else "not linearizable",
        ours=ours[0],
        porcupine=theirs[0],
    )


def run(script: str, *arguments: str) -> None:
    subprocess.run([sys.executable, str(HERE / script), *arguments], check=True)


def limits_of(options: argparse.Namespace) -> Limits:
    return Limits(options.seconds, options.memory_mb, options.repeat)


def porcupine_limits_of(options: argparse.Namespace) -> Limits:
    return Limits(options.porcupine_seconds, options.porcupine_memory_mb, options.repeat)


def options_of() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--model", default=DEFAULT_MODEL, help="as for holdfast check")
    parser.add_argument("--operations", default="1000,10000,100000")
    parser.add_argument("--clients", default="5,10,30")
    parser.add_argument("--unknown", default="0,1,5", help="percent of calls whose answer is lost")
    for word in ("good", "bad"):
        parser.add_argument(
            f"--{word}", dest="only", action="store_const", const=word, help="only these"
        )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--explain", action="store_true", help="time our explanations as well")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each check of ours")
    parser.add_argument("--memory-mb", type=float, default=1000.0, help="for each search of ours")
    parser.add_argument("--porcupine-seconds", type=float, default=60.0)
    parser.add_argument("--porcupine-memory-mb", type=float, default=32000.0)
    parser.add_argument("--data", type=Path, help="compare on the files of this folder instead")
    parser.add_argument(
        "--repeat", type=float, help="seconds; 0.2 with --data, else 0", default=None
    )
    parser.add_argument("--quick", action="store_true", help="a grid of eight small histories")
    parser.add_argument("--json", type=Path, default=Path("build/comparison.json"))
    if "--quick" in sys.argv:
        parser.set_defaults(**QUICK)
    options = parser.parse_args()
    if options.repeat is None:
        options.repeat = 0.2 if options.data else 0.0
    return options


@cache
def machine() -> dict[str, Any]:
    has_go = shutil.which("go") is not None
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "go": subprocess.check_output(["go", "version"], text=True).strip() if has_go else None,
        "cpus": os.cpu_count(),
    }


def write_figures(options: argparse.Namespace, rows: list[Row]) -> None:
    asked = {name: str(value) for name, value in vars(options).items()}
    figures = {"machine": machine(), "options": asked, "rows": [row.figures() for row in rows]}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, indent=1) + "\n")


def main() -> None:
    options = options_of()
    console = Console(width=max(WIDTH, Console().width))
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as directory:
        porcupine: Porcupine | None = None
        try:
            porcupine = Porcupine.built(Path(directory))
        except Skipped as reason:
            console.print(str(reason))
        if options.data:
            limits = limits_of(options), porcupine_limits_of(options)
            found = compared_files.rows(
                options.data, Ours(options.engine, options.explain), porcupine, *limits
            )
        else:
            found = generated_rows(options, porcupine)
        with Live(table_of(rows), console=console, auto_refresh=False) as live:
            for row in found:
                rows.append(row)
                live.update(table_of(rows), refresh=True)
                write_figures(options, rows)
    console.print()
    console.print(totals(rows))
    console.print(f"All figures: {options.json}")
    if wrong := failures(rows):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
