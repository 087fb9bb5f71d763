"""Agreement of the procedures for locks with brute force: on all small histories, and on random ones.

Every answer is compared, of the procedures in Python and of the compiled ones: that there is an order (which
is replayed on the model), that there is none (whose certificate is verified), or that the history lies
outside (which is counted, and no disagreement). Where the model has a monitor of its own, it goes through the
events, and each of its answers is compared. It ends with the number of disagreements, and with exit code 1
if there are any.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.checker.all_lock_histories import all_calls
from tests.checker.lock_agreement import compared_calls
from tests.checker.lock_histories import MODELS, random_calls
from tests.checker.lock_operations import Drawn

CHUNK = 5000

MANY, EACH = 4, 8
"""Of all histories of four operations the certificate of each eighth is verified, of others every one."""


@frozen
class Chunk:
    """Some histories of one model: random ones of a seed, or some of all of a size."""

    model: str
    seed: str
    histories: int
    size: int = 0
    part: int = 0
    parts: int = 1

    def calls(self) -> Iterator[Sequence[Drawn]]:
        """Yield the histories."""
        if self.size:
            every = all_calls(MODELS[self.model], self.size)
            yield from itertools.islice(every, self.part, None, self.parts)
            return
        source = random.Random(f"{self.model} {self.seed}")
        for _ in range(self.histories):
            yield random_calls(MODELS[self.model], source)


@frozen
class Count:
    """What was compared."""

    histories: int = 0
    linearizable: int = 0
    outside: int = 0
    proved: int = 0
    watched: int = 0
    seconds: float = 0.0
    disagreements: tuple[str, ...] = field(default=())

    def __add__(self, other: Count) -> Count:
        return Count(*(getattr(self, name) + getattr(other, name) for name in self.__annotations__))


def count(chunk: Chunk) -> tuple[str, Count]:
    """Return what was found of a chunk's histories."""
    begin = time.perf_counter()
    histories = linearizable = outside = proved = watched = 0
    wrong = []
    for calls in chunk.calls():
        histories += 1
        prove = chunk.size < MANY or histories % EACH == 0
        found = compared_calls(MODELS[chunk.model], calls, prove=prove)
        linearizable += found.linearizable
        outside += found.outside
        proved += found.proved
        watched += found.watched
        if found.wrong:
            shown = "\n".join(f"    {drawn}" for drawn in calls)
            wrong.append(f"{chunk.model}: {found.wrong}\n{shown}")
    seconds = time.perf_counter() - begin
    counted = (histories, linearizable, outside, proved, watched)
    return chunk.model, Count(*counted, seconds, tuple(wrong))


def chunks(histories: int, size: int, seed: int, models: list[str]) -> Iterator[Chunk]:
    """Yield the work, so that all models advance alike."""
    for name in models:
        for each in range(1, size + 1):
            parts = 1 if each < 4 else 8
            yield from (Chunk(name, "", 0, each, part, parts) for part in range(parts))
    kinds = Counter(_kind(name) for name in models)
    for begin in range(0, histories, CHUNK):
        for name in models:
            share = -(-histories // kinds[_kind(name)])
            if begin < share:
                yield Chunk(name, f"{seed} {begin}", min(CHUNK, share - begin))


def _kind(name: str) -> str:
    """Return the name of a model without its options."""
    return name.partition(",")[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument(
        "--histories",
        type=int,
        default=20_000,
        help="random ones, of each model in all its variants",
    )
    parser.add_argument("--all", type=int, default=3, help="and all of so many operations at most")
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same histories")
    parser.add_argument("--processes", type=int, default=2, help="at work at once")
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    counts = dict.fromkeys(arguments.models, Count())
    work = list(chunks(arguments.histories, arguments.all, arguments.seed, arguments.models))
    with multiprocessing.Pool(arguments.processes, _ignore_interrupts) as pool:
        try:
            for name, found in pool.imap_unordered(count, work):
                counts[name] += found
                for line in found.disagreements[:3]:
                    print(line, flush=True)
        except KeyboardInterrupt:
            print("interrupted; so far:")
    total = sum(counts.values(), Count())
    if arguments.json:
        print(json.dumps({name: _figures(found) for name, found in counts.items()}, indent=1))
    else:
        Console(width=120).print(_table(counts))
        print(f"{len(total.disagreements)} disagreements in {total.histories:,} histories")
    return 1 if total.disagreements else 0


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _figures(found: Count) -> dict[str, Any]:
    return {
        "histories": found.histories,
        "linearizable": found.linearizable,
        "outside": found.outside,
        "certificates": found.proved,
        "by the monitor": found.watched,
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
