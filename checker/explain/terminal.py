"""Verdicts and explanations for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from holdfast.checker.explain.explanation import Explanation, explain
from holdfast.checker.explain.timeline import timeline
from holdfast.checker.verdict import Linearizable, NotLinearizable, Unknown, Verdict
from holdfast.histories.history import History
from holdfast.models.model import Model


def verdict_panel(
    verdict: Verdict, history: History, model: Model[Any], *, title: str, width: int = 100
) -> RenderableType:
    """Return ``verdict`` on ``history``: a panel with picture and argument, or a line if it is legal.

    Args:
        verdict: what the check answered.
        history: what was checked.
        model: the model of the failing key.
        title: what was checked, in a few words.
        width: the panel's width in columns.
    """
    match verdict:
        case Linearizable():
            line = Text(f"{title}: ")
            line.append("LINEARIZABLE", style="bold green")
            return line.append(f", {_linearizable(verdict)}")
        case Unknown():
            body = Text(f"{verdict.reason.value}: {verdict.detail} ({_spent(verdict)})")
            return _panel("UNKNOWN", "yellow", title, body, width)
        case NotLinearizable():
            explanation = explain(verdict, history, model)
            argument = explanation_group(explanation, width=width - 4)
            return _panel(
                f"NOT LINEARIZABLE: {explanation.headline}", "red", title, argument, width
            )


def explanation_group(explanation: Explanation, *, width: int) -> Group:
    """Return the picture of ``explanation`` with its sentences below."""
    sentences = Text("\n".join(explanation.sentences))
    return Group(timeline(explanation, width=width), Text(), sentences)


def _panel(
    finding: str, colour: str, title: str, body: RenderableType, width: int
) -> RenderableType:
    heading = Text(finding, style=f"bold {colour}")
    return Panel(
        Group(heading, Text(title, style="dim"), Text(), body), border_style=colour, width=width
    )


def _linearizable(verdict: Linearizable) -> str:
    operations = sum(len(witness) for witness in verdict.witnesses.values())
    return (
        f"by an order of {operations} operations that was replayed on the model ({_spent(verdict)})"
    )


def _spent(verdict: Linearizable | Unknown) -> str:
    spent = verdict.spent
    visited = f"{spent.configurations} configurations in " if spent.configurations else ""
    why = "" if verdict.fallback is None else f", as {verdict.fallback}"
    return f"{visited}{spent.seconds:.3f} s, engine {verdict.engine}{why}"
