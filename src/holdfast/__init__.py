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
    from holdfast.models.counter import Counter
    from holdfast.models.fenced_mutex import FencedMutex, UnownedFencedMutex
    from holdfast.models.key_value import KeyValue
    from holdfast.models.leased_mutex import LeasedMutex
    from holdfast.models.multi_register import MultiRegister
    from holdfast.models.mutex import Mutex, OwnedMutex
    from holdfast.models.queue import FifoQueue, UnorderedQueue
    from holdfast.models.reentrant_mutex import ReentrantMutex
    from holdfast.models.register import CasRegister, Register
    from holdfast.models.semaphore import OwnedSemaphore, Semaphore
    from holdfast.models.set import Set
    from holdfast.models.stack import Stack

__version__ = "0.1.0"

_HOMES = {
    "Budget": "checker.budget",
    "CasRegister": "models.register",
    "Counter": "models.counter",
    "Event": "histories.operation",
    "FencedMutex": "models.fenced_mutex",
    "FifoQueue": "models.queue",
    "History": "histories.history",
    "HistoryError": "histories.errors",
    "KeyValue": "models.key_value",
    "LeasedMutex": "models.leased_mutex",
    "LinearizabilityError": "checker.assertion",
    "Linearizable": "checker.verdict",
    "Monitor": "checker.monitor",
    "MultiRegister": "models.multi_register",
    "Mutex": "models.mutex",
    "NotLinearizable": "checker.verdict",
    "Operation": "histories.operation",
    "Outcome": "histories.operation",
    "OwnedMutex": "models.mutex",
    "OwnedSemaphore": "models.semaphore",
    "RecordedLock": "histories.recorded_lock",
    "Recorder": "histories.recorder",
    "ReentrantMutex": "models.reentrant_mutex",
    "Register": "models.register",
    "Semaphore": "models.semaphore",
    "Set": "models.set",
    "Stack": "models.stack",
    "Trial": "histories.simulation.trial",
    "Unknown": "checker.verdict",
    "UnorderedQueue": "models.queue",
    "UnownedFencedMutex": "models.fenced_mutex",
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
    "Counter",
    "Event",
    "FencedMutex",
    "FifoQueue",
    "History",
    "HistoryError",
    "KeyValue",
    "LeasedMutex",
    "LinearizabilityError",
    "Linearizable",
    "Monitor",
    "MultiRegister",
    "Mutex",
    "NotLinearizable",
    "Operation",
    "Outcome",
    "OwnedMutex",
    "OwnedSemaphore",
    "RecordedLock",
    "Recorder",
    "ReentrantMutex",
    "Register",
    "Semaphore",
    "Set",
    "Stack",
    "Trial",
    "Unknown",
    "UnorderedQueue",
    "UnownedFencedMutex",
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
