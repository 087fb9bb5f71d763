"""``holdfast record``: run clients on real servers while faults strike, and write down what they saw."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console

from holdfast.checker.commands.check import (
    Finding,
    check_history,
    confirmed,
    finding_data,
    print_finding,
)
from holdfast.checker.commands.pipe import NamedModels
from holdfast.checker.commands.progress import Progress
from holdfast.checker.exit_codes import INTERRUPTED, LINEARIZABLE, NOT_LINEARIZABLE, UNAVAILABLE
from holdfast.checker.options import UsageError, parse_fault, parse_programs
from holdfast.checker.stream import Stream, Watcher
from holdfast.histories.formats import read_history
from holdfast.histories.header import header_of
from holdfast.histories.live.conductor import Ending
from holdfast.histories.live.run import Run, record
from holdfast.histories.operation import NEMESIS, Event
from holdfast.histories.schedule import Schedule
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.workload import Workload
from holdfast.models.value import Value

DEFAULTS = Workload()


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "record",
        help="run clients on real servers while faults strike, and record what they saw",
        description="Run clients on real servers while faults strike, and record what they saw.",
    )
    parser.add_argument(
        "system",
        metavar="SYSTEM",
        help="what to run: see holdfast list systems; a system of your own: MODULE:CLASS",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="*.jsonl")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the clients' choices")
    _add_workload(parser)
    _add_faults(parser)
    add_program_option(parser)
    parser.add_argument("--durable", action="store_true", help="nodes keep their data over a kill")
    parser.add_argument(
        "--stop-on-violation",
        action="store_true",
        help="judge the events while they are recorded; end the run at the one that makes a key not "
        "linearizable, print the proof, and exit with 1",
    )
    parser.add_argument("--json", action="store_true", help="print a summary as JSON")
    parser.set_defaults(run=run)


def add_program_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``--program``."""
    parser.add_argument(
        "--program",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="use this server program (redis-server or etcd), not one from PATH or a wheel",
    )


def _add_workload(parser: argparse.ArgumentParser) -> None:
    def seconds(option: str, default: float, words: str) -> None:
        parser.add_argument(
            option,
            type=float,
            default=default,
            metavar="SECONDS",
            help=f"{words} (default: {default:g})",
        )

    parser.add_argument(
        "--clients", type=int, default=DEFAULTS.clients, help="default: %(default)s"
    )
    seconds("--seconds", DEFAULTS.seconds, "how long clients begin new rounds")
    seconds("--ttl", DEFAULTS.ttl, "the lock's time to live")
    seconds("--hold", DEFAULTS.hold, "mean time of the work under the lock")
    seconds("--think", DEFAULTS.think, "mean time between a release and the next acquire")
    seconds("--patience", DEFAULTS.patience, "how long an acquire tries")
    parser.add_argument(
        "--no-fence", action="store_true", help="do not send fencing tokens to the resource"
    )


def _add_faults(parser: argparse.ArgumentParser) -> None:
    faults = parser.add_mutually_exclusive_group()
    faults.add_argument(
        "--schedule", type=Path, metavar="FILE", help="a JSON file of faults and times"
    )
    faults.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[@SECONDS][,PARAMETER=VALUE]…",
        help="strike this fault (see holdfast list faults), by default in the middle of the run; + joins "
        "the items of a list; may be repeated",
    )


def run(arguments: argparse.Namespace) -> int:
    """Record a run, say where it is, and return the exit code."""
    planned = _planned(arguments)
    console = Console(stderr=True, highlight=False)
    watcher = None
    with Progress(console, planned.workload) as progress:
        if arguments.stop_on_violation:
            ending, watcher = _record_watched(planned, arguments.output, progress)
        else:
            ending = record(planned, arguments.output, watch=progress.observe)
    for problem in ending.not_struck:
        console.print(
            f"holdfast: a fault could not strike: {problem}", markup=False, soft_wrap=True
        )
    if arguments.json:
        found = _judged(arguments.output, watcher)
        violation = {"violation": [finding_data(one) for one in found]} if watcher else {}
        summary = _summary(arguments.output, progress, ending) | violation
        print(json.dumps(summary, default=str))
    else:
        for finding in _judged(arguments.output, watcher):
            print_finding(finding, Console(highlight=False))
        whole = watcher is not None and watcher.violation is None
        so_far = ", linearizable as they came" if whole else ""
        print(f"{progress.events} events recorded{so_far}; judge them with:")
        print(f"  holdfast check {arguments.output}")
    if ending.interrupted:
        return INTERRUPTED
    if watcher is not None and watcher.violation is not None:
        return NOT_LINEARIZABLE
    return UNAVAILABLE if ending.not_struck else LINEARIZABLE


def _record_watched(planned: Run, output: Path, progress: Progress) -> tuple[Ending, Watcher]:
    models = NamedModels([], [], ours=True)
    with Watcher(Stream(models)) as watcher:

        def watch(event: Event) -> None:
            progress.observe(event)
            if event.process == NEMESIS:
                models.note(event)
            watcher.add(event)

        return record(planned, output, watch=watch, until=watcher.stopped), watcher


def _judged(output: Path, watcher: Watcher | None) -> list[Finding]:
    """Return the verdict on the key that was found to fail, with its proof."""
    if watcher is None or watcher.violation is None:
        return []
    history = read_history(output)
    header = header_of(history)
    assert header is not None, "a recording of ours begins with its header"
    key = watcher.violation.key
    models: dict[Value, str] = {key: header.models[str(key)]}
    return list(confirmed(watcher.violation, check_history(history, models, path=output)))


def _planned(arguments: argparse.Namespace) -> Run:
    SYSTEMS[arguments.system]  # an unknown name is told before anything else
    if arguments.output.suffix != ".jsonl":
        raise UsageError(f"-o {arguments.output}: a recording is written as *.jsonl")
    if arguments.output.exists():
        raise UsageError(
            f"-o {arguments.output}: there is such a file; recordings are not overwritten: name another"
        )
    try:
        workload = Workload(
            clients=arguments.clients,
            seconds=arguments.seconds,
            ttl=arguments.ttl,
            hold=arguments.hold,
            think=arguments.think,
            patience=arguments.patience,
            fenced=not arguments.no_fence,
        )
    except ValueError as error:
        raise UsageError(str(error.args[0])) from None
    schedule = _schedule(arguments)
    for strike in schedule.strikes:
        if strike.at >= workload.seconds:
            raise UsageError(
                f"a fault is to strike at {strike.at:g} s, but clients begin no round after "
                f"{workload.seconds:g} s: give more --seconds"
            )
    return Run(
        system=arguments.system,
        workload=workload,
        schedule=schedule,
        seed=arguments.seed,
        programs=parse_programs(arguments.program),
        durable=arguments.durable,
    )


def _schedule(arguments: argparse.Namespace) -> Schedule:
    if arguments.schedule is not None:
        return Schedule.read(arguments.schedule)
    middle = arguments.seconds / 2
    return Schedule(parse_fault(text, default_at=middle) for text in arguments.fault)


def _summary(path: Path, progress: Progress, ending: Ending) -> dict[str, Any]:
    return {
        "file": str(path),
        "events": progress.events,
        "outcomes": dict(progress.outcomes),
        "faults": progress.faults,
        "not_struck": list(ending.not_struck),
        "interrupted": ending.interrupted,
    }
