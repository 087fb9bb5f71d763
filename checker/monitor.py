"""Is the history still linearizable? Asked while it happens, event by event."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from typing import Any

from attrs import frozen

from holdfast.checker.locks.certificate import Certificate
from holdfast.checker.locks.rows import Kind
from holdfast.checker.locks.says import kind_of
from holdfast.checker.locks.token_monitor import TokenMonitor
from holdfast.checker.locks.unowned_monitor import UnownedMonitor
from holdfast.histories.operation import NEMESIS, Event, Process
from holdfast.models.lock import ACQUIRE, RELEASE
from holdfast.models.model import Call, Fail, Info, Model, Ok, Result
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.value import Value, freeze


@frozen
class _Out:
    """A call that has not returned."""

    number: int
    f: str
    token: Value
    instant: int


class Monitor:
    """Takes the events of one lock as they happen and answers after each, exactly.

    Each event takes amortised constant time; what is remembered grows with the calls that are pending or of
    unknown outcome, not with the history.

    Args:
        model: ``Mutex()``; or ``OwnedMutex()``, where a failed acquire may not mean "held".

    Raises:
        TypeError: no procedure decides this model event by event.
    """

    def __init__(self, model: Model[Any]) -> None:
        lock: _Owned | _Unowned
        if isinstance(model, OwnedMutex) and not model.failed_acquire_means_held:
            lock = _Owned(model.failed_release_means_not_holder)
        elif isinstance(model, Mutex):
            lock = _Unowned(model.observed_failures)
        else:
            raise TypeError(f"no monitor for {model!r}; record the history, and check it")
        self._lock = lock
        self._numbers = itertools.count()
        self._position = 0
        self._out: dict[Process, _Out] = {}
        self._latest: dict[Process, Value] = {}
        self._certificate: Certificate | None = None

    @property
    def remembered(self) -> int:
        """How many calls and holds are kept."""
        return len(self._out) + self._lock.remembered

    def add(self, event: Event) -> Certificate | None:
        """Return why the history up to ``event`` is not linearizable, or ``None`` if it is.

        Operations are numbered from 0 in the order of their invocations.

        Args:
            event: the next event; its time is not before that of the last.

        Raises:
            ValueError: a token is used again before the calls of its attempt before are settled, or a
                completion has no invocation.
        """
        self._position += 1
        if event.process == NEMESIS or self._certificate is not None:
            return self._certificate
        instant = 2 * (self._position if event.time is None else event.time)
        if event.type == "invoke":
            self._invoke(event, instant)
        else:
            self._certificate = self._complete(event, instant + 1)
        return self._certificate

    def _invoke(self, event: Event, instant: int) -> None:
        token = self._token(event)
        out = _Out(next(self._numbers), event.f, token, instant)
        self._out[event.process] = out
        self._lock.invoke(out)

    def _token(self, event: Event) -> Value:
        if event.f not in (ACQUIRE, RELEASE):
            return None
        value = freeze(event.value)
        if value is None:
            value = ("process", event.process)
            if event.f == RELEASE and event.process in self._latest:
                return self._latest[event.process]
        self._latest[event.process] = value
        return value

    def _complete(self, event: Event, instant: int) -> Certificate | None:
        out = self._out.pop(event.process, None)
        if out is None:
            raise ValueError(f"process {event.process!r} completes {event.f!r}, but called nothing")
        result: Result = Info()
        if event.type == "ok":
            result = Ok(freeze(event.value))
        elif event.type == "fail":
            result = Fail(freeze(event.error))
        return self._lock.complete(out, result, instant)


class _Owned:
    def __init__(self, failed_release_means: bool) -> None:
        self._means = failed_release_means
        self._monitor = TokenMonitor()

    @property
    def remembered(self) -> int:
        return self._monitor.remembered

    def invoke(self, out: _Out) -> None:
        if out.f in FLIPS:
            self._monitor.invoke(out.number, FLIPS[out.f], out.token, out.instant)

    def complete(self, out: _Out, result: Result, instant: int) -> Certificate | None:
        monitor = self._monitor
        if out.f == ACQUIRE:
            if isinstance(result, Ok):
                return monitor.granted(out.token, instant)
            return monitor.not_granted(out.token, known=isinstance(result, Fail))
        if out.f == RELEASE:
            if isinstance(result, Ok):
                return monitor.released(out.number, out.token, instant)
            if isinstance(result, Info):
                monitor.release_lost(out.number, out.token)
                return None
            return monitor.not_released(out.number, out.token, instant, means=self._means)
        kind = kind_of(Call(out.f), result)
        if kind is Kind.FREE:
            return monitor.found_free(out.number, out.instant, instant)
        if kind is None:
            return None
        raise ValueError(f"no monitor for {out.f!r} that finds the lock held; check the recording")


class _Unowned:
    def __init__(self, observed: Collection[str]) -> None:
        self._observed = observed
        self._monitor = UnownedMonitor()

    @property
    def remembered(self) -> int:
        return self._monitor.remembered

    def invoke(self, out: _Out) -> None:
        if out.f in FLIPS:
            self._monitor.invoke(FLIPS[out.f], out.instant)

    def complete(self, out: _Out, result: Result, instant: int) -> Certificate | None:
        if isinstance(result, Info):
            return None
        if isinstance(result, Ok):
            kind = kind_of(Call(out.f), result)
            assert kind is not None
            return self._monitor.happened(out.number, kind, out.instant, instant)
        wrong = None
        if out.f in FLIPS:
            wrong = self._monitor.failed(out.number, FLIPS[out.f], out.instant)
        if wrong is None and out.f in self._observed:
            return self._monitor.happened(out.number, Kind.HELD, out.instant, instant)
        return wrong


FLIPS = {ACQUIRE: Kind.ACQUIRE, RELEASE: Kind.RELEASE}
