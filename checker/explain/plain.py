"""Verdicts as plain text: no colour, no frame, for a test's failure and for files."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console, Group
from rich.text import Text

from holdfast.checker.explain.explanation import explain
from holdfast.checker.explain.terminal import explanation_group
from holdfast.checker.verdict import NotLinearizable, Unknown
from holdfast.histories.history import History
from holdfast.models.model import Model


def plain_text(
    verdict: NotLinearizable | Unknown, history: History, model: Model[Any], *, width: int
) -> str:
    """Return why ``history`` was not shown to be linearizable: the finding, the picture, the argument.

    Args:
        verdict: what the check answered.
        history: what was checked.
        model: the model of the failing key.
        width: columns, at most.
    """
    where = f"{history.source}, {len(history)} operations"
    if isinstance(verdict, Unknown):
        heading = Text(f"UNKNOWN: {verdict.reason.value}: {verdict.detail}")
        return _printed(Group(heading, Text(where)), width)
    explanation = explain(verdict, history, model)
    heading = Text(f"NOT LINEARIZABLE: {explanation.headline}")
    title = Text(f"{where}, as {type(model).__name__}")
    argument = explanation_group(explanation, width=width)
    return _printed(Group(heading, title, Text(), argument), width)


def _printed(page: Group, width: int) -> str:
    file = io.StringIO()
    # Nothing of the terminal that happens to be there: the text is read in logs and reports.
    console = Console(file=file, width=width, color_system=None, force_terminal=False, _environ={})
    console.print(page)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()).strip()
