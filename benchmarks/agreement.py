"""Agreement of the engines with brute force on small random histories of every registered model.

The histories, the brute force and the comparison are those of the tests: an order must replay, and where
there is none, all must name the same completion. The search engine is tried on each history with every
setting of its other switches, by turns with each patience, counting unknown outcomes or not. It ends with
the number of disagreements, and with exit code 1 if there are any; each is printed as Python that shows it
again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.checker.brute_force import is_linearizable
from tests.checker.engine_agreement import PATIENCES, core, disagreement, settings
from tests.checker.random_histories import crowded_history, models_with_options, random_history

from holdfast import History, Linearizable, NotLinearizable, Unknown, check

MODELS = dict(models_with_options())
CHUNK = 500
CROWDED_SECONDS = 0.05


@frozen
class Chunk:
    """Some histories of one model, compared by one process.

    Args:
        model: its name, with the switch that is on.
        seed: the same seed, the same histories.
        histories: how many.
        contestants: ``native``, ``twin`` or ``check``, beside the reference engine and brute force.
        crowded: whether they are longer, with much open at once; without brute force then.
    """

    model: str
    seed: str
    histories: int
    contestants: tuple[str, ...]
    crowded: bool = False


@frozen
class Count:
    """What was compared, and how often something was wrong."""

    histories: int = 0
    operations: int = 0
    linearizable: int = 0
    with_unknown: int = 0
    answers: int = 0
    seconds: float = 0.0
    disagreements: tuple[str, ...] = field(default=())

    def __add__(self, other: Count) -> Count:
        return Count(*(getattr(self, name) + getattr(other, name) for name in self.__annotations__))


def compare(chunk: Chunk) -> tuple[str, Count]:
    """Return the model and what was found of a chunk's histories."""
    begin = time.perf_counter()
    model, source = MODELS[chunk.model], random.Random(f"{chunk.model} {chunk.seed}")
    count = Count()
    for number in range(chunk.histories):
        history, expected = _drawn(model, source, crowded=chunk.crowded)
        wrong = [
            f"{contestant}: {found}"
            for contestant in chunk.contestants
            if (found := COMPARISONS[contestant](model, history, expected, number)) is not None
        ]
        count += Count(
            histories=1,
            operations=len(history),
            linearizable=expected,
            with_unknown=any(operation.returned is None for operation in history),
            answers=sum(1 if name == "check" else len(SETTINGS[0]) for name in chunk.contestants),
            disagreements=tuple(f"{_shown(history)}  # {model!r}: {each}" for each in wrong),
        )
    return chunk.model, evolve(count, seconds=time.perf_counter() - begin)


def _drawn(model: Any, source: random.Random, *, crowded: bool) -> tuple[History, bool]:
    if not crowded:
        history = random_history(model, source)
        return history, is_linearizable(model, history)
    while True:  # some are too hard for the reference engine
        history = crowded_history(model, source)
        verdict = check(history, model, engine="wgl", budget=CROWDED_SECONDS, explain=False)
        if not isinstance(verdict, Unknown):
            return history, isinstance(verdict, Linearizable)


SETTINGS = [
    [setting for setting in settings([patience]) if setting["counting"] is counting]
    for patience in PATIENCES
    for counting in (True, False)
]


Comparison = Callable[[Any, History, bool, int], str | None]


def _of_core(name: str) -> Comparison:
    def compared(model: Any, history: History, expected: bool, number: int) -> str | None:
        with core(name):
            tried = SETTINGS[number % len(SETTINGS)]
            return disagreement(model, history, tried, expected)

    return compared


def _of_check(model: Any, history: History, expected: bool, _number: int) -> str | None:
    match check(history, model):
        case Linearizable() if expected:
            return None
        case NotLinearizable(counterexample) if not expected:
            alone = check(counterexample.operations, model, engine="wgl", explain=False)
            if isinstance(alone, NotLinearizable):
                return None
            return "the counterexample alone is linearizable"
        case verdict:
            return f"{verdict}"


COMPARISONS: dict[str, Comparison] = {
    "native": _of_core("native"),
    "twin": _of_core("twin"),
    "check": _of_check,
}


def _shown(history: History) -> str:
    return f"History.of({list(history.events)!r})"


def chunks(
    histories: int, seed: int, contestants: Sequence[str], *, crowded: bool
) -> Iterator[Chunk]:
    """Yield the work, so that all models advance alike."""
    for begin in range(0, histories, CHUNK):
        for name in MODELS:
            size = min(CHUNK, histories - begin)
            yield Chunk(name, f"{seed} {begin}", size, tuple(contestants), crowded)


def counted(work: Sequence[Chunk], processes: int) -> dict[str, Count]:
    """Return what was found, by model."""
    counts = dict.fromkeys(MODELS, Count())
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress, multiprocessing.Pool(processes) as pool:
        task = progress.add_task("histories", total=sum(chunk.histories for chunk in work))
        for name, count in pool.imap_unordered(compare, work):
            counts[name] += count
            progress.advance(task, count.histories)
            for line in count.disagreements:
                print(line, flush=True)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument(
        "--histories", type=int, default=10_000, help="of each model (default: 10000)"
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same histories")
    parser.add_argument("--processes", type=int, default=2, help="at work at once (default: 2)")
    parser.add_argument(
        "--contestants",
        nargs="+",
        choices=sorted(COMPARISONS),
        default=["native", "check"],
        help="the search on the native core, on its twin in plain Python; the front door",
    )
    parser.add_argument(
        "--crowded",
        action="store_true",
        help="longer histories with much open at once, compared with wgl alone",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    work = list(
        chunks(
            arguments.histories, arguments.seed, arguments.contestants, crowded=arguments.crowded
        )
    )
    counts = counted(work, arguments.processes)
    total = sum(counts.values(), Count())
    disagreements = len(total.disagreements)
    if arguments.json:
        rows = [{"model": name, **_figures(count)} for name, count in counts.items()]
        print(json.dumps(rows))
    else:
        Console().print(_table(counts))
        print(
            f"{disagreements} disagreements: {total.histories:,} histories of {len(counts)} models, "
            f"{total.answers:,} answers,"
        )
        references = "wgl" if arguments.crowded else "wgl and brute force"
        print(
            f"{' and '.join(arguments.contestants)} against {references}, "
            f"seed {arguments.seed}, {time.perf_counter() - begin:,.0f} s"
        )
    return 1 if disagreements else 0


def _figures(count: Count) -> dict[str, Any]:
    return {
        "histories": count.histories,
        "mean_operations": round(count.operations / max(count.histories, 1), 1),
        "linearizable": count.linearizable,
        "with_unknown": count.with_unknown,
        "answers": count.answers,
        "disagreements": len(count.disagreements),
        "seconds": round(count.seconds, 1),
    }


def _table(counts: dict[str, Count]) -> Table:
    """Return a line for each model, at most 80 columns wide."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("model", no_wrap=True)
    for heading in ("histories", "length", "legal", "unknown", "answers", "wrong"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, count in counts.items():
        histories = max(count.histories, 1)
        table.add_row(
            name.replace(",", ",\n  "),
            f"{count.histories:,}",
            f"{count.operations / histories:.1f}",
            f"{count.linearizable / histories:.0%}",
            f"{count.with_unknown / histories:.0%}",
            f"{count.answers:,}",
            f"{len(count.disagreements):,}",
        )
    return table


if __name__ == "__main__":
    raise SystemExit(main())
