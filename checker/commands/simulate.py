"""``holdfast simulate``: search a simulation for the schedule that breaks a lock, and make it small."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from attrs import asdict
from rich.console import Console
from rich.live import Live
from rich.text import Text

from holdfast.checker.commands.check import Finding, finding_data, print_finding
from holdfast.checker.commands.told import told_trial
from holdfast.checker.exit_codes import INTERRUPTED, LINEARIZABLE, NOT_LINEARIZABLE
from holdfast.checker.falsify import Falsifier, Found
from holdfast.checker.options import UsageError, parse_model
from holdfast.histories.simulation.run import CannotSimulate
from holdfast.histories.strategies.bounds import ASSUMPTIONS, Bounds
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.workload import LOCK, RESOURCE

EXAMPLES = 10_000


def add_to(commands: Any) -> None:
    """Declare the command."""
    assumptions = "; ".join(f"{name}: {words}" for name, words in ASSUMPTIONS.items())
    parser = commands.add_parser(
        "simulate",
        help="search for the schedule of faults that breaks a lock, in virtual time",
        description="Draw workloads and faults, run the lock's own code against them in virtual time, "
        "and shrink the first violation to the few faults that cause it.",
    )
    parser.add_argument(
        "system",
        metavar="SYSTEM",
        help="what to simulate: see holdfast list systems; a system of your own: MODULE:CLASS",
    )
    parser.add_argument(
        "--examples", type=int, default=EXAMPLES, help="trials, at most (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="chooses among the trials")
    parser.add_argument(
        "--assume",
        action="append",
        default=[],
        choices=[*ASSUMPTIONS, "all"],
        help=f"keep to an assumption; may be repeated. {assumptions}",
    )
    parser.add_argument(
        "--bound",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="how bad things may get: " + ", ".join(_defaults()) + "; may be repeated",
    )
    add_key_option(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where the schedule goes, *.json"
    )
    parser.add_argument("--json", action="store_true", help="print the finding as JSON")
    parser.set_defaults(run=run)


def add_key_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``--key``."""
    parser.add_argument(
        "--key",
        action="append",
        choices=[LOCK, RESOURCE],
        help="what must not be violated: the lock (default) or what it protects; may be repeated",
    )


def run(arguments: argparse.Namespace) -> int:
    """Search, tell what was found, save it, and return the exit code."""
    SYSTEMS[arguments.system]  # an unknown name is told before anything else
    if arguments.examples < 1:
        raise UsageError(f"--examples {arguments.examples}: give a number above 0")
    if arguments.output is not None and arguments.output.exists():
        raise UsageError(f"-o {arguments.output}: there is such a file; name another, or remove it")
    console = Console(stderr=True, highlight=False)
    search = _Search(arguments, console)
    try:
        found = search.search()
        interrupted = False
    except KeyboardInterrupt:
        found, interrupted = search.falsifier.found, True
    except CannotSimulate as problem:
        raise UsageError(str(problem)) from None
    path = None if found is None else _saved(found, arguments)
    if arguments.json:
        print(json.dumps(search.data(found, path, interrupted=interrupted), default=str))
    else:
        _tell(search, found, path, interrupted=interrupted)
    if interrupted:
        return INTERRUPTED
    return LINEARIZABLE if found is None else NOT_LINEARIZABLE


class _Search:
    """A search with its line of progress."""

    def __init__(self, arguments: argparse.Namespace, console: Console) -> None:
        self.bounds = _bounds(arguments.bound, arguments.assume)
        self.keys: Sequence[str] = arguments.key or [LOCK]
        self.falsifier = Falsifier(
            arguments.system, self.bounds, keys=self.keys, seed=arguments.seed
        )
        self._examples = arguments.examples
        self._console = console
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the search has gone on."""
        return time.monotonic() - self._began

    def search(self) -> Found | None:
        if not self._console.is_terminal:
            return self.falsifier.search(self._examples)
        live = Live(
            console=self._console,
            get_renderable=self._line,
            refresh_per_second=8,
            transient=True,
        )
        with live:
            return self.falsifier.search(self._examples)

    def _line(self) -> Text:
        examined = self.falsifier.examined
        rate = f"{examined:,} trials, {examined / max(self.seconds, 1e-3):,.0f} a second"
        found = self.falsifier.found
        if found is None:
            return Text(rate)
        return Text(f"{rate}; violated, with {len(found.trial.schedule.strikes)} faults: shrinking")

    def data(self, found: Found | None, path: Path | None, *, interrupted: bool) -> dict[str, Any]:
        """Return what came of it as JSON data."""
        return {
            "trials": self.falsifier.examined,
            "seconds": round(self.seconds, 3),
            "bounds": asdict(self.bounds),
            "keys": list(self.keys),
            "interrupted": interrupted,
            "file": None if path is None else str(path),
            "trial": None if found is None else found.trial.to_data(),
            "finding": None if found is None else finding_data(_finding(found, Path(str(path)))),
        }


def _tell(search: _Search, found: Found | None, path: Path | None, *, interrupted: bool) -> None:
    console = Console(highlight=False)
    trials = f"{search.falsifier.examined:,} trials in {search.seconds:.1f} s"
    if found is None or path is None:
        end = "interrupted after" if interrupted else "no violation found in"
        console.print(Text(f"{end} {trials}"))
        return
    after = f", the first after {search.falsifier.seconds:.1f} s" if not interrupted else ""
    console.print(Text(f"violated ({trials}{after}); the smallest schedule found:", style="bold"))
    for line in told_trial(found.trial, found.recording):
        console.print(Text(f"  {line}"), soft_wrap=True)
    print_finding(_finding(found, path), console)
    console.print(
        Text(f"Run it again, in simulation or on real servers:\n  holdfast replay {path}")
    )
    console.print(Text(f"  holdfast replay {path} --live --times 10"))


def _finding(found: Found, path: Path) -> Finding:
    violation = found.violation
    model = parse_model(violation.model)
    return Finding(
        path, violation.history, violation.key, violation.model, model, violation.verdict
    )


def _saved(found: Found, arguments: argparse.Namespace) -> Path:
    path: Path = arguments.output or _free_name(arguments.system)
    words = told_trial(found.trial, found.recording)
    found.trial.write(path, violates=found.violation.key, told=words)
    return path


def _free_name(system: str) -> Path:
    name = system.replace(":", "-").replace(".", "-")
    number = 1
    while (path := Path(f"{name}-schedule-{number}.json")).exists():
        number += 1
    return path


def _defaults() -> list[str]:
    return [f"{name}={_shown(value)}" for name, value in asdict(Bounds()).items()]


def _shown(value: Any) -> str:
    return "+".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()


def _bounds(texts: Sequence[str], assumptions: Sequence[str]) -> Bounds:
    values: dict[str, Any] = asdict(Bounds())
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in values:
            known = ", ".join(values)
            raise UsageError(f"--bound {text!r} is not NAME=VALUE with a name of: {known}")
        try:
            values[name] = (
                [msgspec.json.decode(item) for item in value.split("+")]
                if isinstance(values[name], tuple)
                else msgspec.json.decode(value)
            )
        except msgspec.DecodeError:
            raise UsageError(f"--bound {text!r}: {value!r} is no number, true or false") from None
    try:
        bounds = msgspec.convert(values, type=Bounds)
    except ValueError as error:
        raise UsageError(f"--bound: {error}") from None
    names = list(ASSUMPTIONS) if "all" in assumptions else assumptions
    return bounds.assuming(*names)
