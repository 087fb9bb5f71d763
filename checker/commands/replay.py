"""``holdfast replay``: run a saved schedule again, in simulation or on real servers."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from rich.console import Console
from rich.text import Text

from holdfast.checker.commands.check import Finding, finding_data, print_finding
from holdfast.checker.commands.record import add_program_option
from holdfast.checker.commands.simulate import add_key_option
from holdfast.checker.exit_codes import (
    INTERRUPTED,
    LINEARIZABLE,
    NOT_LINEARIZABLE,
    UNAVAILABLE,
)
from holdfast.checker.options import UsageError, parse_model, parse_programs
from holdfast.checker.violation import Violation, violation_of
from holdfast.histories.formats import read_history
from holdfast.histories.live.run import Run, record
from holdfast.histories.operation import Event
from holdfast.histories.simulation.run import CannotSimulate, simulate
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.workload import LOCK


@frozen
class _Replayed:
    """One run of a trial.

    Args:
        name: which run it was.
        violation: what it violates, if it does.
        not_struck: for each fault that could not strike, why.
    """

    name: str
    violation: Violation | None
    not_struck: tuple[str, ...]


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "replay",
        help="run a saved schedule again, in simulation or on real servers",
        description="Run what holdfast simulate saved again, and report how often the violation came "
        "back. In simulation every time but the first has another seed.",
    )
    parser.add_argument("schedule", type=Path, metavar="SCHEDULE", help="*.json")
    parser.add_argument("--live", action="store_true", help="on real servers")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="default: %(default)s")
    add_key_option(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIRECTORY", help="keep the recordings there"
    )
    add_program_option(parser)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the schedule as often as asked, tell what came of it, and return the exit code."""
    trial = Trial.read(arguments.schedule)
    SYSTEMS[trial.system]  # an unknown name is told before anything else
    if arguments.times < 1:
        raise UsageError(f"--times {arguments.times}: give a number above 0")
    keys: Sequence[str] = arguments.key or [LOCK]
    console = Console(stderr=arguments.json, highlight=False)
    replayed: list[_Replayed] = []
    interrupted = False
    with tempfile.TemporaryDirectory() as scratch:
        directory = arguments.output or Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        once = _on_servers(arguments) if arguments.live else _in_simulation
        try:
            for number in range(1, arguments.times + 1):
                result = once(trial, number, directory, keys)
                replayed.append(result)
                _tell(result, console)
        except KeyboardInterrupt:
            interrupted = True
        except CannotSimulate as problem:
            raise UsageError(str(problem)) from None
    _conclude(replayed, arguments, console)
    return _exit_code(replayed, interrupted=interrupted)


Once = Callable[[Trial, int, Path, Sequence[str]], _Replayed]


def _in_simulation(trial: Trial, number: int, directory: Path, keys: Sequence[str]) -> _Replayed:
    trial = evolve(trial, seed=trial.seed + number - 1)
    recording = simulate(trial)
    path = _new(directory, "simulated", number)
    recording.write(path)
    violation = violation_of(recording.events, keys, source=str(path))
    return _Replayed(f"seed {trial.seed}", violation, recording.not_struck)


def _on_servers(arguments: argparse.Namespace) -> Once:
    programs = parse_programs(arguments.program)

    def once(trial: Trial, number: int, directory: Path, keys: Sequence[str]) -> _Replayed:
        live = Run(
            system=trial.system,
            workload=trial.workload,
            schedule=trial.schedule,
            seed=trial.seed,
            programs=programs,
            durable=trial.durable,
        )
        path = _new(directory, "live", number)
        ending = record(live, path)
        if ending.interrupted:
            raise KeyboardInterrupt
        events: tuple[Event, ...] = read_history(path).events
        violation = violation_of(events, keys, source=str(path))
        return _Replayed(f"run {number}", violation, ending.not_struck)

    return once


def _new(directory: Path, kind: str, number: int) -> Path:
    path = directory / f"{kind}-{number}.jsonl"
    if path.exists():
        raise UsageError(f"-o {directory}: there is a file {path.name}; name another directory")
    return path


def _tell(result: _Replayed, console: Console) -> None:
    words = "no violation" if result.violation is None else f"{result.violation.key} violated"
    problems = "".join(f"; a fault could not strike: {problem}" for problem in result.not_struck)
    console.print(Text(f"{result.name}: {words}{problems}"), soft_wrap=True)


def _conclude(
    replayed: Sequence[_Replayed], arguments: argparse.Namespace, console: Console
) -> None:
    violations = [result.violation for result in replayed if result.violation is not None]
    where = "on real servers" if arguments.live else "in simulation"
    if arguments.json:
        print(json.dumps(_data(replayed, violations, where), default=str))
        return
    if violations:
        print_finding(_finding(violations[0]), console)
    console.print(
        Text(f"violated in {len(violations)} of {len(replayed)} runs {where}", style="bold")
    )


def _data(
    replayed: Sequence[_Replayed], violations: Sequence[Violation], where: str
) -> dict[str, Any]:
    return {
        "where": where,
        "runs": len(replayed),
        "violated": len(violations),
        "each": [
            {
                "run": result.name,
                "violated": None if result.violation is None else result.violation.key,
                "not_struck": list(result.not_struck),
            }
            for result in replayed
        ],
        "finding": finding_data(_finding(violations[0])) if violations else None,
    }


def _finding(violation: Violation) -> Finding:
    return Finding(
        Path(violation.history.source),
        violation.history,
        violation.key,
        violation.model,
        parse_model(violation.model),
        violation.verdict,
    )


def _exit_code(replayed: Sequence[_Replayed], *, interrupted: bool) -> int:
    if interrupted:
        return INTERRUPTED
    if any(result.violation is not None for result in replayed):
        return NOT_LINEARIZABLE
    if any(result.not_struck for result in replayed):
        return UNAVAILABLE
    return LINEARIZABLE
