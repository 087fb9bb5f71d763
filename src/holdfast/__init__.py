"""holdfast tells whether a distributed lock really locks.

``check(history, model)`` decides whether a recorded history is linearizable; ``read_history(path)`` reads
one; ``Recorder(path)`` writes one. Names are imported when they are first used, so that importing the
package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast.checker.assertion import LinearizabilityError, assert_linearizable
    from holdfast.checker.budget import Budget
    from holdfast.checker.check import check
    from holdfast.checker.monitor import Monitor
    from holdfast.checker.verdict import Linearizable, NotLinearizable, Unknown, Verdict
    from holdfast.histories.errors import HistoryError
    from holdfast.histories.formats import read_history, write_history
    from holdfast.histories.history import History
    from holdfast.histories.operation import Event, Operation, Outcome
    from holdfast.histories.recorded_lock import RecordedLock
    from holdfast.histories.recorder import Recorder
    from holdfast.histories.simulation.run import simulate
    from holdfast.histories.simulation.trial import Trial
    from holdfast.models.fenced_mutex import FencedMutex
    from holdfast.models.mutex import Mutex, OwnedMutex
    from holdfast.models.register import CasRegister, Register

__version__ = "0.1.0"

_HOMES = {
    "Budget": "checker.budget",
    "CasRegister": "models.register",
    "Event": "histories.operation",
    "FencedMutex": "models.fenced_mutex",
    "History": "histories.history",
    "HistoryError": "histories.errors",
    "LinearizabilityError": "checker.assertion",
    "Linearizable": "checker.verdict",
    "Monitor": "checker.monitor",
    "Mutex": "models.mutex",
    "NotLinearizable": "checker.verdict",
    "Operation": "histories.operation",
    "Outcome": "histories.operation",
    "OwnedMutex": "models.mutex",
    "RecordedLock": "histories.recorded_lock",
    "Recorder": "histories.recorder",
    "Register": "models.register",
    "Trial": "histories.simulation.trial",
    "Unknown": "checker.verdict",
    "Verdict": "checker.verdict",
    "assert_linearizable": "checker.assertion",
    "check": "checker.check",
    "read_history": "histories.formats",
    "simulate": "histories.simulation.run",
    "write_history": "histories.formats",
}

__all__ = [
    "Budget",
    "CasRegister",
    "Event",
    "FencedMutex",
    "History",
    "HistoryError",
    "LinearizabilityError",
    "Linearizable",
    "Monitor",
    "Mutex",
    "NotLinearizable",
    "Operation",
    "Outcome",
    "OwnedMutex",
    "RecordedLock",
    "Recorder",
    "Register",
    "Trial",
    "Unknown",
    "Verdict",
    "__version__",
    "assert_linearizable",
    "check",
    "read_history",
    "simulate",
    "write_history",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
