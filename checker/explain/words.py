"""Operations, values and times as a user reads them."""

from __future__ import annotations

from holdfast.checker.explain.holds import BelievedOverlap
from holdfast.histories.history import History
from holdfast.histories.operation import Operation, Outcome
from holdfast.models.value import Value


def said(operation: Operation) -> str:
    """Return an operation as a call with its answer: ``acquire('c1-3') → 17``."""
    call = operation.f if operation.value is None else f"{operation.f}({shown(operation.value)})"
    if operation.outcome is Outcome.INFO:
        return f"{call} → unknown"
    if operation.outcome is Outcome.FAIL:
        return f"{call} → failed"
    return call if operation.result is None else f"{call} → {shown(operation.result)}"


def shown(value: Value) -> str:
    """Return a value as a user reads it, a sequence in JSON's brackets; control characters escaped."""
    if isinstance(value, tuple):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    return repr(value)


def believed_words(believed: BelievedOverlap, history: History) -> str:
    """Return in words that more clients believed to hold at once than should have."""
    clients = " and ".join(hold.client for hold in believed.first)
    begin, end = (instant(time, timed=history.timed) for time in (believed.begin, believed.end))
    lasting = f" ({(believed.end - believed.begin) / 1e6:.1f} ms)" if history.timed else ""
    times = f"; {believed.count} times in all" if believed.count > 1 else ""
    return f"{clients} believed to hold it at once from {begin} to {end}{lasting}{times}."


def instant(time: int, *, timed: bool) -> str:
    """Return a time in milliseconds with one decimal, or a position."""
    return f"{time / 1e6:.1f} ms" if timed else f"event {time + 1}"
