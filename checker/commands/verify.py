"""``holdfast verify``: does a verdict's proof hold, by code that shares nothing with the engines?"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from attrs import frozen
from rich.console import Console
from rich.text import Text

from holdfast.checker.exit_codes import LINEARIZABLE, NOT_LINEARIZABLE, UNKNOWN
from holdfast.checker.locks.certificate_data import certificate_of
from holdfast.checker.options import UsageError, parse_model, recorded_model
from holdfast.checker.verify import certificate_objection
from holdfast.checker.verify_witness import witness_objection
from holdfast.histories.asked import asked_values
from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import read_history
from holdfast.histories.history import History
from holdfast.histories.operation import Operation
from holdfast.models.model import InvalidCall
from holdfast.models.value import freeze
from holdfast.registry import UnknownName

CONFIRMED, REFUSED, UNPROVED = "confirmed", "refused", "nothing to verify"
CODES = {CONFIRMED: LINEARIZABLE, REFUSED: NOT_LINEARIZABLE, UNPROVED: UNKNOWN}
HOW = "give what holdfast check --json printed"


@frozen
class Opinion:
    """What was found of one verdict.

    Args:
        finding: ``CONFIRMED``, ``REFUSED`` or ``UNPROVED``.
        words: which verdict, and why it is refused.
    """

    finding: str
    words: str


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "verify",
        help="check a verdict's witness or certificate again, by separate code",
        description="Check the witness or the certificate of a verdict against the history, by code that "
        "shares nothing with the engines. Exit codes: 0 confirmed, 1 refused, 2 nothing to verify.",
    )
    parser.add_argument(
        "verdict", type=Path, metavar="VERDICT", help="what holdfast check --json printed"
    )
    parser.add_argument("history", type=Path, metavar="HISTORY")
    parser.add_argument("--format", help="the history's format, where its name does not tell")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Verify each verdict, say what was found, and return the exit code of the worst."""
    findings = _findings(arguments.verdict)
    history = read_history(arguments.history, arguments.format)
    by_line = {history.line_of(one): one for one in history}
    console = Console(highlight=False)
    opinions = [_opinion(finding, history, by_line, arguments.verdict) for finding in findings]
    for opinion in opinions:
        style = "green" if opinion.finding == CONFIRMED else "red"
        console.print(Text(f"{opinion.finding}: ", style).append(opinion.words, ""), soft_wrap=True)
    judged = [freeze(finding["key"]) for finding in findings]
    for key in dict.fromkeys(history.keys()):
        if key not in judged:  # as after --key, or where a violation ended the run
            console.print(Text(f"key {key!r}: there is no verdict on it", "yellow"), soft_wrap=True)
    found = {opinion.finding for opinion in opinions}
    return next(CODES[worst] for worst in (REFUSED, UNPROVED, CONFIRMED) if worst in found)


def _findings(path: Path) -> list[dict[str, Any]]:
    try:
        data = msgspec.json.decode(path.read_bytes())
    except (msgspec.DecodeError, RecursionError) as error:
        raise _bad(path, f"it is no JSON: {error}") from None
    findings = data if isinstance(data, list) else [data]
    if not findings or not all(isinstance(one, dict) and "verdict" in one for one in findings):
        raise _bad(path, "it holds no verdict")
    return findings


def _bad(path: Path, problem: str) -> HistoryError:
    return HistoryError(problem, remedy=HOW, source=str(path))


def _opinion(
    finding: Mapping[str, Any], history: History, by_line: Mapping[int, Operation], path: Path
) -> Opinion:
    try:
        model = parse_model(recorded_model(finding["model"]))
        key = freeze(finding["key"])
        verdict = finding["verdict"]
        proof = _proof(finding)
    except (KeyError, TypeError, AttributeError, UsageError, UnknownName) as error:
        raise _bad(path, f"a verdict in it is not whole: {error}") from None
    where = f"{verdict}{'' if key is None else f', key {key!r}'}, as {finding['model']}"
    if proof is None:
        return Opinion(UNPROVED, f"{where}: it has neither witness nor certificate")
    mine = [one for one in history if one.key == key]
    tokens = asked_values(mine, model)
    if not mine:
        return Opinion(REFUSED, f"{where}: the history says nothing of it")
    try:
        if verdict == "linearizable":
            numbers = [by_line[line].number for line in _lines(proof)]
            wrong = witness_objection(model, mine, tokens, numbers)
        else:
            certificate = certificate_of(proof, lambda line: by_line[line].number)
            wrong = certificate_objection(model, mine, tokens, certificate)
    except LookupError as error:
        wrong = f"no operation was invoked on line {error}"
    except InvalidCall as error:
        wrong = f"the history is none of this model: {error}"
    except ValueError as error:
        raise _bad(path, f"its proof cannot be read: {error}") from None
    return Opinion(CONFIRMED, where) if wrong is None else Opinion(REFUSED, f"{where}: {wrong}")


def _proof(finding: Mapping[str, Any]) -> Any:
    """Return the witness or the certificate in a verdict; ``None`` if it has none."""
    match finding["verdict"]:
        case "linearizable":
            return finding["witness"]
        case "not linearizable":
            return finding["counterexample"]["certificate"]
        case "unknown":
            return None
    raise KeyError(f"verdict {finding['verdict']!r}")


def _lines(witness: Any) -> list[int]:
    if not isinstance(witness, list) or not all(type(line) is int for line in witness):
        raise ValueError("a witness is a list of lines")
    return witness
