"""``holdfast check``: is what the files recorded linearizable?"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from rich.console import Console
from rich.text import Text

from holdfast.checker.budget import Budget
from holdfast.checker.check import check
from holdfast.checker.commands.pipe import (
    PIPE,
    InterruptedPipe,
    NamedModels,
    Piped,
    read_pipe,
)
from holdfast.checker.exit_codes import LINEARIZABLE, NOT_LINEARIZABLE, UNKNOWN
from holdfast.checker.explain.data import verdict_data
from holdfast.checker.explain.holds import believed_overlap
from holdfast.checker.explain.terminal import verdict_panel
from holdfast.checker.explain.words import believed_words
from holdfast.checker.locks.certificate import TooManyHolders
from holdfast.checker.options import UsageError, parse_model, parse_models, recorded_model
from holdfast.checker.stream import Violation
from holdfast.checker.verdict import Linearizable, NotLinearizable, Verdict
from holdfast.histories.errors import HistoryError, printable
from holdfast.histories.formats import read_history
from holdfast.histories.header import header_of
from holdfast.histories.history import History
from holdfast.models import Model
from holdfast.models.value import Value

WIDTH = 120


@frozen
class Finding:
    """The verdict on one key of one file."""

    path: Path
    history: History
    key: Value
    model_name: str
    model: Model[Any]
    verdict: Verdict

    @property
    def source(self) -> str:
        """Where the history came from, in words."""
        return self.history.source if self.path == PIPE else str(self.path)


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "check",
        help="decide whether recorded histories are linearizable",
        description="Decide whether recorded histories are linearizable. Each key is judged on its own.",
    )
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="- reads JSONL events from standard input, judges each as it comes, and ends at the one that "
        "makes the history not linearizable",
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="[KEY=]NAME[,PARAMETER=VALUE]…",
        help="the model of all keys, or of one; may be repeated. Recordings made by holdfast name their "
        "models themselves. A model of your own: MODULE:CLASS",
    )
    parser.add_argument(
        "--key", action="append", default=[], help="check this key only; may be repeated"
    )
    parser.add_argument(
        "--budget", type=float, metavar="SECONDS", help="answer by then, unknown if need be"
    )
    parser.add_argument(
        "--engine", default="auto", help="the decision procedure (default: %(default)s)"
    )
    parser.add_argument("--format", help="the files' format, where their names do not tell")
    parser.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check every file, print the verdicts, and return the exit code of the worst."""
    findings = []
    for path in arguments.files:
        for finding in _check_file(path, arguments):
            findings.append(finding)
            if not arguments.json:
                print_finding(finding, Console(highlight=False))
    if arguments.json:
        print(json.dumps([finding_data(finding) for finding in findings], default=str))
    return exit_code(finding.verdict for finding in findings)


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """Return 1 if any verdict is not linearizable, else 2 if any is unknown, else 0."""
    codes = {_code(verdict) for verdict in verdicts}
    for code in (NOT_LINEARIZABLE, UNKNOWN):
        if code in codes:
            return code
    return LINEARIZABLE


def check_history(
    history: History,
    models: Mapping[Value, str],
    *,
    path: Path,
    budget: Budget | None = None,
    engine: str = "auto",
) -> Iterable[Finding]:
    """Yield a finding for each key of ``models`` that ``history`` speaks of.

    Args:
        history: what was recorded.
        models: for each key to be judged, its model as ``--model`` takes it.
        path: the file it came from.
        budget: the limits of each key's check.
        engine: the decision procedure's name.
    """
    for key, name in models.items():
        model = parse_model(name)
        verdict = check(history, model, budget=budget, engine=engine, keys=[key])
        yield Finding(path, history, key, name, model, verdict)


def print_finding(finding: Finding, console: Console) -> None:
    """Print one verdict as a panel."""
    of_key = "" if finding.key is None else f", key {finding.key!r}"
    title = printable(f"{finding.source}{of_key}, as {finding.model_name}")
    width = min(console.width, WIDTH)
    console.print(
        verdict_panel(finding.verdict, finding.history, finding.model, title=title, width=width)
    )
    believed = believed_overlap(finding.history, finding.key, finding.model)
    if believed is not None and not _tells_holders(finding.verdict):
        console.print(Text(f"  {believed_words(believed, finding.history)}"), style="yellow")


def _tells_holders(verdict: Verdict) -> bool:
    """Return whether the verdict itself is that several held at once."""
    if not isinstance(verdict, NotLinearizable):
        return False
    certificate = verdict.counterexample.certificate
    return certificate is None or isinstance(certificate, TooManyHolders)


def finding_data(finding: Finding) -> dict[str, Any]:
    """Return one verdict as JSON data."""
    return {
        "file": str(finding.path),
        "key": finding.key,
        "model": finding.model_name,
        **verdict_data(finding.verdict, finding.history, finding.model, finding.key),
    }


def _check_file(path: Path, arguments: argparse.Namespace) -> Iterable[Finding]:
    budget = None
    if arguments.budget is not None:
        if not 0 < arguments.budget < math.inf:
            raise UsageError(f"--budget {arguments.budget:g} is no number of seconds above 0")
        budget = Budget(seconds=arguments.budget)
    violation = None
    if path == PIPE:
        piped = _piped(arguments)
        history, violation = piped.history, piped.violation
    else:
        history = read_history(path, arguments.format)
    models = _models(history, arguments.model, arguments.key)
    if violation is not None:
        models = {violation.key: models[violation.key]}
    findings = check_history(history, models, path=path, budget=budget, engine=arguments.engine)
    yield from findings if violation is None else confirmed(violation, findings)


def _piped(arguments: argparse.Namespace) -> Piped:
    console = Console(stderr=True, highlight=False)
    try:
        piped = read_pipe(NamedModels(arguments.model, arguments.key), format=arguments.format)
    except InterruptedPipe as interrupted:
        console.print(f"holdfast: linearizable up to line {interrupted.lines}")
        raise
    if piped.violation is not None:
        console.print(f"holdfast: line {piped.lines} makes it not linearizable; no more was read")
    return piped


def confirmed(violation: Violation, findings: Iterable[Finding]) -> Iterable[Finding]:
    """Yield the findings on the key that a monitor found to fail.

    Raises:
        RuntimeError: it does not fail: a bug in the monitor or in the check.
    """
    for finding in findings:
        if isinstance(finding.verdict, Linearizable):
            raise RuntimeError(
                f"a bug in holdfast: the monitor of key {violation.key!r} says {violation.found}, "
                "but there is a legal order"
            )
        yield finding


def _models(history: History, texts: list[str], only: list[str]) -> dict[Value, str]:
    for_all, by_key = parse_models(texts)
    header = header_of(history)
    named = {} if header is None or for_all is not None else dict(header.models)
    named.update(by_key)
    there = history.keys()
    keys = [key for key in there if not only or str(key) in only]
    for asked in (*only, *by_key):
        if asked not in map(str, there):
            if tuple(there) == (None,):
                raise UsageError(f"{history.source} has no keys, not {asked!r}; say --model NAME")
            names = ", ".join(map(str, there)) or "none"
            raise UsageError(f"{history.source} has no key {asked!r}; its keys: {names}")
    if not keys:
        raise HistoryError(
            "it holds no client's operation",
            remedy="was the recording ended before the clients began?",
            source=history.source,
        )
    models: dict[Value, str] = {}
    for key in keys:
        model = named.get(str(key), for_all)
        if model is None:
            option = "--model NAME" if key is None else f"--model {key}=NAME"
            raise UsageError(
                f"{history.source} does not say which model "
                f"{'it' if key is None else f'its key {key!r}'} follows; "
                f"say {option} (see holdfast list models)"
            )
        given = for_all is not None or str(key) in by_key
        models[key] = model if given else recorded_model(model)
    return models


def _code(verdict: Verdict) -> int:
    match verdict:
        case Linearizable():
            return LINEARIZABLE
        case NotLinearizable():
            return NOT_LINEARIZABLE
        case _:
            return UNKNOWN
