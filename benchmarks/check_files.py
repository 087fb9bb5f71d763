"""Checks histories with holdfast and prints, a line of JSON for each, the verdict, the time and the memory.

The counterpart of the driver of Porcupine in `porcupine/`, and what `bench_compare.py` runs for our side.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from holdfast import Budget, History, Linearizable, NotLinearizable, check, read_history
from holdfast.checker.engines import ENGINES
from holdfast.checker.options import parse_model
from holdfast.checker.parallel import answers
from holdfast.checker.question import questions_of

T = TypeVar("T")
STATUS = Path("/proc/self/status")


def measure(path: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Return what checking the file took.

    Porcupine explains nothing, so its check is compared with ours without an explanation. The engine's
    share is what its check does: to decide what is in integers already.
    """
    model = parse_model(options.model)
    budget = Budget(seconds=options.seconds, memory_bytes=int(options.memory_mb * 1e6))
    began = time.perf_counter()
    history = read_history(path)
    read_seconds = time.perf_counter() - began
    gc.collect()
    memory_before = reset_peak_memory()
    verdict, check_seconds = timed(
        lambda: check(history, model, engine=options.engine, budget=budget, explain=False),
        options.repeat,
    )
    memory_peak = resident("VmHWM:")
    questions = questions_of(history, model, None)
    engine = ENGINES[verdict.engine]()
    _, engine_seconds = timed(
        lambda: list(answers(questions, engine, budget.start())), options.repeat
    )
    explain_seconds = 0.0
    if options.explain and isinstance(verdict, NotLinearizable):
        began = time.perf_counter()
        check(history, model, engine=options.engine, budget=budget)
        explain_seconds = time.perf_counter() - began - check_seconds[0]
    return {
        "path": str(path),
        "verdict": in_words(verdict),
        "detail": getattr(verdict, "detail", None),
        "engine": verdict.engine,
        "operations": len(history),
        "read_seconds": read_seconds,
        "seconds": statistics.median(check_seconds),
        "seconds_min": min(check_seconds),
        "engine_seconds": statistics.median(engine_seconds),
        "engine_seconds_min": min(engine_seconds),
        "explain_seconds": explain_seconds,
        "repetitions": len(check_seconds),
        "memory_before_bytes": memory_before,
        "memory_peak_bytes": memory_peak,
    }


def timed(work: Callable[[], T], repeat_seconds: float) -> tuple[T, list[float]]:
    """Do the work again and again for so long, once at least; return its result and the times."""
    took: list[float] = []
    while True:
        began = time.perf_counter()
        result = work()
        took.append(time.perf_counter() - began)
        if sum(took) >= repeat_seconds:
            return result, took


def in_words(verdict: object) -> str:
    if isinstance(verdict, Linearizable):
        return "linearizable"
    return "not linearizable" if isinstance(verdict, NotLinearizable) else "unknown"


def reset_peak_memory() -> int:
    """Return the resident memory in bytes and let the peak count anew, where the system can (Linux)."""
    if STATUS.exists():
        Path("/proc/self/clear_refs").write_text("5")
    return resident("VmRSS:")


def resident(field: str) -> int:
    if STATUS.exists():
        return int(STATUS.read_text().partition(field)[2].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--model", required=True, help="as for holdfast check")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--seconds", type=float, default=10, help="the budget of each check")
    parser.add_argument("--memory-mb", type=float, default=1000, help="the budget of each check")
    parser.add_argument(
        "--repeat", type=float, default=0, help="check each again until so many seconds are spent"
    )
    parser.add_argument("--explain", action="store_true", help="time the explanation as well, once")
    options = parser.parse_args()
    check(History.of([]), parse_model(options.model), engine=options.engine)  # imports
    for path in options.paths:
        print(json.dumps(measure(path, options)), flush=True)


if __name__ == "__main__":
    main()
