"""Which model has a monitor of its own, and calls as that monitor takes them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from holdfast.checker.frontier import Frontier, Unexplained
from holdfast.checker.locks.by_owner import ByOwner
from holdfast.checker.locks.by_token import ByToken, Fenced
from holdfast.checker.locks.called import FLIPS, Called, OutsideMonitor
from holdfast.checker.locks.certificate import Certificate
from holdfast.checker.locks.says import kind_of
from holdfast.checker.locks.unowned_monitor import UnownedMonitor
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.model import Call, Fail, Info, Model, Ok, Result, takes_instants
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.reentrant_mutex import ReentrantMutex
from holdfast.models.semaphore import OwnedSemaphore, Semaphore

Found = Certificate | Unexplained
"""Why a history is not linearizable, as a monitor tells it."""


class Decides(Protocol):
    """What decides one model's calls event by event."""

    @property
    def remembered(self) -> int:
        """How many calls, holds, demands or configurations are kept."""
        ...

    def invoke(self, called: Called) -> None:
        """Take in that a call was made."""
        ...

    def complete(self, called: Called, result: Result, instant: int) -> Found | None:
        """Take in how a call ended; return why nothing explains it, or ``None``.

        Args:
            called: the call.
            result: what was answered.
            instant: when, doubled, and one more.
        """
        ...


def monitor_for(model: Model[Any]) -> Decides:
    """Return the monitor made for ``model``, or the general one."""
    match model:
        case Mutex():
            return _Unowned(1, model.observed_failures)
        case Semaphore(failed_acquire_means_held=False):
            return _Unowned(model.permits, ())
        case OwnedMutex(failed_acquire_means_held=False):
            means = model.failed_release_means_not_holder
            return ByToken(1, failed_release_means_not_holder=means)
        case OwnedSemaphore(failed_acquire_means_held=False):
            means = model.failed_release_means_not_holder
            return ByToken(model.permits, failed_release_means_not_holder=means)
        case FencedMutex(failed_acquire_means_held=False, consecutive=False):
            means = model.failed_release_means_not_holder
            return Fenced(failed_release_means_not_holder=means)
        case ReentrantMutex(failed_acquire_means_held=False):
            means = model.failed_release_means_not_holder
            return ByOwner(model.holds_max, failed_release_means_not_holder=means)
    return General(model)


class _Unowned:
    def __init__(self, permits: int, observed: Collection[str]) -> None:
        self._observed = observed
        self._permits = permits
        self._monitor = UnownedMonitor(permits)

    @property
    def remembered(self) -> int:
        return self._monitor.remembered

    def invoke(self, called: Called) -> None:
        if called.f in FLIPS:
            self._monitor.invoke(FLIPS[called.f], called.instant)

    def complete(self, called: Called, result: Result, instant: int) -> Found | None:
        if isinstance(result, Info):
            return None
        possible = True
        if isinstance(result, Fail) and called.f in FLIPS:
            possible = self._monitor.failed(FLIPS[called.f], called.instant)
        if possible and (isinstance(result, Ok) or called.f in self._observed):
            kind = kind_of(Call(called.f), result)
            assert kind is not None
            if kind not in FLIPS.values() and self._permits > 1:
                raise OutsideMonitor("reads of a lock with several permits and no owners")
            possible = self._monitor.happened(called.number, kind, called.instant, instant)
        if possible:
            return None
        flips = called.f in FLIPS and not (isinstance(result, Fail) and called.f in self._observed)
        return (self._monitor.too_many() if flips else None) or Unexplained(called.number)


class General:
    """Any model, by a search breadth first.

    Args:
        model: the sequential specification.
    """

    def __init__(self, model: Model[Any]) -> None:
        self._frontier = Frontier(model)
        self._model = model

    @property
    def remembered(self) -> int:
        """How many configurations, operations and events are kept."""
        return self._frontier.remembered

    def invoke(self, called: Called) -> None:
        """Take in that a call was made."""
        self._frontier.invoke(called.number, asked(self._model, called), called.instant)

    def complete(self, called: Called, result: Result, instant: int) -> Unexplained | None:
        """Take in how a call ended; return that nothing explains it, or ``None``."""
        call = asked(self._model, called, None if isinstance(result, Info) else instant // 2)
        return self._frontier.complete(called.number, result, instant, call)


def asked(model: Model[Any], called: Called, returned: int | None = None) -> Call:
    """Return a call as the model takes it.

    Args:
        model: the model.
        called: the call.
        returned: when it returned, if it has.
    """
    if takes_instants(model):
        return Call(called.f, (called.value, called.instant // 2, returned))
    return Call(called.f, called.value)
