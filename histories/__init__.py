"""What clients saw, and where it came from: operations, recordings, locks, systems, faults."""

from __future__ import annotations

from holdfast.histories.errors import HistoryError
from holdfast.histories.history import History
from holdfast.histories.operation import Event, Operation, Outcome

__all__ = ["Event", "History", "HistoryError", "Operation", "Outcome"]
