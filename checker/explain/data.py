"""A verdict as JSON data, for programs: complete enough to be re-checked without holdfast."""

from __future__ import annotations

from typing import Any

from attrs import asdict

from holdfast.checker.explain.explanation import explain
from holdfast.checker.explain.holds import believed_overlap
from holdfast.checker.locks.certificate_data import certificate_data
from holdfast.checker.verdict import (
    Configuration,
    Linearizable,
    NotLinearizable,
    Spent,
    Unknown,
    Verdict,
)
from holdfast.histories.history import History
from holdfast.histories.operation import Operation
from holdfast.models.model import Model
from holdfast.models.value import Value, thaw


def verdict_data(
    verdict: Verdict, history: History, model: Model[Any], key: Value = None
) -> dict[str, Any]:
    """Return ``verdict`` on ``history`` as JSON data.

    Operations are given as the lines of the file on which they were invoked.

    Args:
        verdict: what the check answered.
        history: what was checked.
        model: the model of the key.
        key: the key that was checked, where there are several.
    """
    data: dict[str, Any] = {"engine": verdict.engine, "spent": _spent(verdict.spent)}
    believed = believed_overlap(history, key, model)
    if believed is not None:
        data["believed_overlap"] = asdict(believed, value_serializer=_thawed)
    if verdict.fallback is not None:
        data["fallback"] = verdict.fallback
    match verdict:
        case Linearizable():
            orders = [
                [history.line_of(operation) for operation in witness]
                for witness in verdict.witnesses.values()
            ]
            return {"verdict": "linearizable", **data, "witness": orders[0] if orders else []}
        case Unknown():
            return {
                "verdict": "unknown",
                **data,
                "reason": verdict.reason.value,
                "detail": verdict.detail,
            }
        case NotLinearizable():
            return {
                "verdict": "not linearizable",
                **data,
                "counterexample": _counterexample(verdict, history),
                "explanation": _explanation(verdict, history, model),
            }


def _spent(spent: Spent) -> dict[str, Any]:
    return {"seconds": round(spent.seconds, 6), "configurations": spent.configurations}


def _counterexample(verdict: NotLinearizable, history: History) -> dict[str, Any]:
    found = verdict.counterexample
    certificate = None
    if found.certificate is not None:
        certificate = certificate_data(found.certificate, lambda at: history.line_of(history[at]))
    return {
        "certificate": certificate,
        "completion": history.line_of(found.completion),
        "operations": [_operation(operation, history) for operation in found.operations],
        "configurations": [_configuration(point, history) for point in found.configurations],
    }


def _configuration(configuration: Configuration, history: History) -> dict[str, Any]:
    return {
        "linearized": [history.line_of(operation) for operation in configuration.linearized],
        "state": str(configuration.state),
        "refusals": [
            {"operation": history.line_of(refusal.operation), "reason": refusal.reason}
            for refusal in configuration.refusals
        ],
    }


def _operation(operation: Operation, history: History) -> dict[str, Any]:
    return {
        "line": history.line_of(operation),
        "process": operation.process,
        "f": operation.f,
        "value": thaw(operation.value),
        "outcome": operation.outcome.value,
        "result": thaw(operation.result),
        "invoked": operation.invoked,
        "completed": operation.completed,
    }


def _explanation(verdict: NotLinearizable, history: History, model: Model[Any]) -> dict[str, Any]:
    explanation = explain(verdict, history, model)
    return {
        "headline": explanation.headline,
        "findings": list(explanation.findings),
        "sentences": list(explanation.sentences),
        "holds": [asdict(hold, value_serializer=_thawed) for hold in explanation.holds],
        "overlap": explanation.overlap,
        "faults": [{"time": time, "words": words} for time, words in explanation.faults],
    }


def _thawed(hold: type, field: Any, value: Any) -> Any:
    return thaw(value)
