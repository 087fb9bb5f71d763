"""Agreement of the procedures for locks with brute force: on all small histories, and on random ones.

Every answer is compared: that there is an order (which is replayed on the model), that there is none
(whose certificate is verified), or that the history lies outside (which is counted, and no disagreement).
It ends with the number of disagreements, and with exit code 1 if there are any.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.checker.lock_agreement import Compared, compared
from tests.checker.lock_histories import MODELS, all_problems, random_problem

from holdfast.checker.problem import Problem

CHUNK = 5000


@frozen
class Chunk:
    """Some histories of one model: random ones of a seed, or some of all of a size."""

    model: str
    seed: str
    histories: int
    size: int = 0
    part: int = 0
    parts: int = 1

    def problems(self) -> Iterator[Problem]:
        """Yield the histories."""
        if self.size:
            every = all_problems(MODELS[self.model], self.size)
            yield from itertools.islice(every, self.part, None, self.parts)
            return
        source = random.Random(f"{self.model} {self.seed}")
        for _ in range(self.histories):
            yield random_problem(MODELS[self.model], source)


@frozen
class Count:
    """What was compared."""

    histories: int = 0
    linearizable: int = 0
    outside: int = 0
    seconds: float = 0.0
    disagreements: tuple[str, ...] = field(default=())

    def __add__(self, other: Count) -> Count:
        return Count(*(getattr(self, name) + getattr(other, name) for name in self.__annotations__))


def count(chunk: Chunk) -> tuple[str, Count]:
    """Return what was found of a chunk's histories."""
    begin = time.perf_counter()
    histories = linearizable = outside = 0
    wrong = []
    for problem in chunk.problems():
        histories += 1
        found: Compared = compared(problem)
        linearizable += found.linearizable
        outside += found.outside
        if found.wrong:
            wrong.append(f"{chunk.model}: {found.wrong}\n{_shown(problem)}")
    seconds = time.perf_counter() - begin
    return chunk.model, Count(histories, linearizable, outside, seconds, tuple(wrong[:3]))


def _shown(problem: Problem) -> str:
    asked: Any = zip(problem.operations, problem.calls, problem.results, strict=True)
    return "\n".join(
        f"    {call} {result} {of.invoked} {of.returned}" for of, call, result in asked
    )


def chunks(histories: int, size: int, seed: int, models: list[str]) -> Iterator[Chunk]:
    """Yield the work, so that all models advance alike."""
    for name in models:
        for each in range(1, size + 1):
            parts = 1 if each < 4 else 8
            yield from (Chunk(name, "", 0, each, part, parts) for part in range(parts))
    for begin in range(0, histories, CHUNK):
        for name in models:
            yield Chunk(name, f"{seed} {begin}", min(CHUNK, histories - begin))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--histories", type=int, default=20_000, help="random ones, of each model")
    parser.add_argument("--all", type=int, default=3, help="and all of so many operations at most")
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same histories")
    parser.add_argument("--processes", type=int, default=2, help="at work at once")
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    counts = dict.fromkeys(arguments.models, Count())
    work = list(chunks(arguments.histories, arguments.all, arguments.seed, arguments.models))
    with multiprocessing.Pool(arguments.processes) as pool:
        for name, found in pool.imap_unordered(count, work):
            counts[name] += found
            for line in found.disagreements:
                print(line, flush=True)
    total = sum(counts.values(), Count())
    if arguments.json:
        print(json.dumps({name: _figures(found) for name, found in counts.items()}, indent=1))
    else:
        Console().print(_table(counts))
        print(f"{len(total.disagreements)} disagreements in {total.histories:,} histories")
    return 1 if total.disagreements else 0


def _figures(found: Count) -> dict[str, Any]:
    return {
        "histories": found.histories,
        "linearizable": found.linearizable,
        "outside": found.outside,
        "seconds": round(found.seconds),
        "disagreements": len(found.disagreements),
    }


def _table(counts: dict[str, Count]) -> Table:
    table = Table("model", *_figures(Count()), title="the procedures for locks beside brute force")
    for name, found in counts.items():
        table.add_row(name, *(f"{figure:,}" for figure in _figures(found).values()))
    return table


if __name__ == "__main__":
    raise SystemExit(main())
