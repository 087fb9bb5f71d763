"""``holdfast demo``: five runs on real servers, judged and explained, in under a minute."""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from holdfast.checker.commands.check import Finding, check_history, finding_data, print_finding
from holdfast.checker.commands.progress import Progress
from holdfast.checker.commands.record import add_program_option
from holdfast.checker.exit_codes import INTERRUPTED
from holdfast.checker.options import UsageError, parse_programs
from holdfast.checker.verdict import Linearizable, NotLinearizable
from holdfast.histories.formats import read_history
from holdfast.histories.header import header_of
from holdfast.histories.history import History
from holdfast.histories.live.run import record
from holdfast.histories.live.scenarios import Scenario, scenarios
from holdfast.histories.operation import Outcome
from holdfast.histories.workload import LOCK, RESOURCE

NOT_AS_EXPECTED = 1
"""The exit code when a run did not come out as theory says."""


@frozen
class Shown:
    """A scenario that was run, with the verdict on each key."""

    scenario: Scenario
    path: Path
    findings: tuple[Finding, ...]
    history: History

    @property
    def broken(self) -> frozenset[object]:
        """The keys whose part of the history is not linearizable."""
        return frozenset(
            finding.key for finding in self.findings if isinstance(finding.verdict, NotLinearizable)
        )

    @property
    def as_expected(self) -> bool:
        """Whether the findings are those that theory expects, every one of them decided."""
        decided = all(
            isinstance(finding.verdict, Linearizable | NotLinearizable) for finding in self.findings
        )
        return decided and self.broken - self.scenario.undetermined == self.scenario.broken


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "demo",
        help="watch real locks hold and break, in under a minute",
        description="Run five scenarios on real Redis and etcd servers, and judge what their clients saw.",
    )
    parser.add_argument(
        "--directory",
        type=Path,
        default=Path("holdfast-demo"),
        help="where the recordings go, in a folder of their own (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=1, help="the seed of the clients' choices")
    parser.add_argument(
        "--only", metavar="LETTERS", help="the scenarios to run, by their letters: --only ac"
    )
    add_program_option(parser)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the scenarios, show the verdicts, and return 0 if all came out as theory says."""
    chosen = _chosen(arguments.only, arguments.seed)
    programs = parse_programs(arguments.program)
    now = datetime.datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    directory = arguments.directory / now
    directory.mkdir(parents=True)
    console = Console(stderr=arguments.json, highlight=False)
    results = []
    for scenario in chosen:
        try:
            result = _show(scenario, directory, programs, console)
        except KeyboardInterrupt:
            result = None
        if result is None:
            console.print(Text(f"interrupted; what was recorded is in {directory}"), soft_wrap=True)
            return INTERRUPTED
        results.append(result)
    if arguments.json:
        print(json.dumps([_data(result) for result in results], default=str))
    else:
        console.print(_table(results))
        console.print(_closing(results), soft_wrap=True)
    return 0 if all(result.as_expected for result in results) else NOT_AS_EXPECTED


def _chosen(letters: str | None, seed: int) -> Sequence[Scenario]:
    every = scenarios(seed=seed)
    if letters is None:
        return every
    chosen = [scenario for scenario in every if scenario.name[0] in letters]
    unknown = set(letters) - {scenario.name[0] for scenario in every}
    if unknown or not chosen:
        raise UsageError(f"--only {letters}: the scenarios are a, b, c, d and e")
    return chosen


def _show(scenario: Scenario, directory: Path, programs: Any, console: Console) -> Shown | None:
    path = directory / f"{scenario.name}.jsonl"
    console.print(Rule(Text(f"({scenario.name[0]}) {scenario.title}", style="bold"), align="left"))
    console.print(Text(f"  claimed: {scenario.claim}"))
    run = scenario.run.with_programs(programs)
    with Progress(console, run.workload) as progress:
        ending = record(run, path, watch=progress.observe)
    if ending.interrupted:
        return None
    for problem in ending.not_struck:
        console.print(Text(f"  a fault could not strike: {problem}", style="bold red"))
    history = read_history(path)
    header = header_of(history)
    assert header is not None, "a recording of ours begins with its header"
    findings = tuple(check_history(history, dict(header.models.items()), path=path))
    for finding in findings:
        print_finding(finding, console)
    return Shown(scenario, path, findings, history)


def _table(results: Sequence[Shown]) -> Table:
    table = Table(
        title="What was claimed and what was found", title_justify="left", show_lines=True
    )
    for heading in ("", "claimed", "found", "why"):
        table.add_column(heading)
    for result in results:
        table.add_row(
            f"({result.scenario.name[0]}) {result.scenario.title}",
            result.scenario.claim,
            _found(result),
            result.scenario.why
            if result.as_expected
            else "not what theory says: look at the recording",
        )
    return table


def _found(result: Shown) -> Text:
    broken = LOCK in result.broken
    words = Text(
        "two holders" if broken else "one holder at a time", style="red" if broken else "green"
    )
    lost = RESOURCE in result.broken
    words.append("\n")
    words.append("an update lost" if lost else "no update lost", style="red" if lost else "green")
    refused = sum(
        operation.key == RESOURCE and operation.outcome is Outcome.FAIL
        for operation in result.history
    )
    if refused:
        words.append(f"\n{refused} stale write{'s' if refused > 1 else ''} refused", style="green")
    words.append(f"\n{len(result.history)} operations", style="dim")
    return words


def _closing(results: Sequence[Shown]) -> Text:
    surprises = sum(not result.as_expected for result in results)
    words = (
        "Everything came out as theory says."
        if not surprises
        else f"{surprises} of {len(results)} runs did not come out as theory says."
    )
    again = "\n".join(f"  {_command()} check {result.path}" for result in results)
    return Text(f"{words} Judge the recordings again with:\n{again}")


def _command() -> str:
    """Return how this program was called, if that is not simply by its name."""
    return "holdfast" if shutil.which("holdfast") else sys.argv[0]


def _data(result: Shown) -> dict[str, Any]:
    return {
        "scenario": result.scenario.name,
        "claim": result.scenario.claim,
        "why": result.scenario.why,
        "as_expected": result.as_expected,
        "file": str(result.path),
        "findings": [finding_data(finding) for finding in result.findings],
    }
