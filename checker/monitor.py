"""Is the history still linearizable? Asked while it happens, event by event."""

from __future__ import annotations

import itertools
from typing import Any

from holdfast.checker.locks.called import Called, OutsideMonitor
from holdfast.checker.monitors import Decides, Found, General, asked, monitor_for
from holdfast.histories.operation import NEMESIS, Event, Process
from holdfast.models.lock import ACQUIRE, HOLDER, RELEASE
from holdfast.models.model import (
    Fail,
    Info,
    InvalidCall,
    Model,
    Ok,
    OwnedByToken,
    Result,
    takes_instants,
)
from holdfast.models.value import Value, freeze

KEPT_MAX = 1000
"""Of how many events all are kept by default, to begin again with a search."""


class Monitor:
    """Takes the events of one object as they happen and answers after each, exactly.

    Most locks are decided as ``holdfast.checker.locks`` decides whole histories: mutexes and semaphores by
    token and without owners, with fencing tokens (not consecutive ones), and reentrant ones; where a failed
    acquire means "held", only a mutex without owners. There each event takes amortised constant time, and
    what is remembered grows with the calls that are pending or of unknown outcome, not with the
    history. (News of a hold that was long thought over costs as much as there are such holds.)

    All other models are searched breadth first: an event costs as much as happened during its operation,
    and in calls that are out or of unknown outcome time and memory are exponential in the worst case.

    Events of equal time may come in any order: as in ``check``, a call that begins when another returns
    is concurrent with it. So an event may excuse, by its time, what was impossible without it.

    What a lock's own monitor leaves is searched, from the beginning, as long as that is kept.

    Args:
        model: the sequential specification.
        general: search, even where the model has a monitor of its own.
        kept_max: of how many events all are kept, to begin again with; of more none is.
    """

    def __init__(
        self, model: Model[Any], *, general: bool = False, kept_max: int = KEPT_MAX
    ) -> None:
        decides = General(model) if general else monitor_for(model)
        self._judge = _Judge(model, decides)
        self._model = model
        self._kept: list[Event] | None = None if isinstance(decides, General) else []
        self._kept_max = kept_max

    @property
    def remembered(self) -> int:
        """How many calls, holds, demands or configurations, and events are kept."""
        return self._judge.remembered + len(self._kept or ())

    def add(self, event: Event) -> Found | None:
        """Return why the history up to ``event`` is not linearizable, or ``None`` if it is.

        Operations are numbered from 0 in the order of their invocations.

        Args:
            event: the next event; its time is not before that of the last.

        Raises:
            OutsideMonitor: the lock's own monitor does not decide what happened, and has forgotten too much
                to have it searched: a token is used again while calls of its attempt before are open; a
                read found the lock held by nobody certain; a semaphore without owners was read; or where
                a grant of unknown fencing token lies is open. ``Monitor(model, general=True)`` decides it.
            InvalidCall: the model does not know the call.
            ValueError: a completion has no invocation, a process calls while its call is out, the event is of
                another key than those before, or its time is before theirs.
        """
        if self._kept is not None:
            self._kept.append(event)
        if self._kept is not None and len(self._kept) > self._kept_max:
            self._kept = None
        try:
            return self._judge.add(event)
        except OutsideMonitor:
            if self._kept is None:
                raise
        events, self._kept = self._kept, None
        self._judge = _Judge(self._model, General(self._model))
        return [self._judge.add(each) for each in events][-1]


class _Judge:
    """Pairs the events and names their tokens, for what decides them."""

    def __init__(self, model: Model[Any], decides: Decides) -> None:
        self._decides = decides
        self._model = model
        self._token_calls = model.token_calls if isinstance(model, OwnedByToken) else ()
        self._numbers = itertools.count()
        self._position = 0
        self._last: Event | None = None
        self._out: dict[Process, Called] = {}
        self._latest: dict[Process, Value] = {}
        self._named: dict[Value, Value] = {}
        self._names: dict[Value, Value] = {}
        self._told: set[Process] = set()
        self._found: Found | None = None

    @property
    def remembered(self) -> int:
        return len(self._out) + self._decides.remembered

    def add(self, event: Event) -> Found | None:
        self._position += 1
        if event.process == NEMESIS or self._found is not None:
            return self._found
        self._check_its_turn(event)
        instant = 2 * (self._position if event.time is None else event.time)
        if event.type == "invoke":
            self._invoke(event, instant)
        else:
            self._found = self._complete(event, instant + 1)
        return self._found

    def _check_its_turn(self, event: Event) -> None:
        last, self._last = self._last or event, event
        if event.key != last.key:
            raise ValueError(f"key {event.key!r} after {last.key!r}: give each key its own Monitor")
        if event.time is None or last.time is None:
            if event.time is not last.time:
                raise ValueError("some events have a time and others have none")
        elif event.time < last.time:
            raise ValueError(f"time runs backwards, from {last.time} to {event.time} ns")

    def _invoke(self, event: Event, instant: int) -> None:
        if event.process in self._out:
            raise ValueError(
                f"process {event.process!r} calls {event.f!r} while its call is out: give concurrent "
                "calls processes of their own"
            )
        if event.time is None and takes_instants(self._model):
            raise InvalidCall("it has no time, and the model goes by times in nanoseconds")
        value = freeze(event.value)
        token = self._token(event, value) if event.f in self._token_calls else value
        out = Called(next(self._numbers), event.f, token, instant, named=value is not None)
        # A call that the model does not know is told now, not when something else returns.
        self._model.step(self._model.initial(), asked(self._model, out), Info())
        self._out[event.process] = out
        self._decides.invoke(out)

    def _token(self, event: Event, value: Value) -> Value:
        """Return whose call it is, as ``holdfast.histories.tokens`` does."""
        if value is None and event.f == ACQUIRE and event.process in self._told:
            self._told.remove(event.process)  # its attempt before has a token of its own
            value = ("process", event.process, self._position)
        elif value is None:
            value = self._latest.get(event.process, ("process", event.process))
        else:
            value = self._named.get(value, value)
        self._latest[event.process] = value
        return value

    def _complete(self, event: Event, instant: int) -> Found | None:
        out = self._out.pop(event.process, None)
        if out is None:
            raise ValueError(f"process {event.process!r} completes {event.f!r}, but called nothing")
        result: Result = Info()
        if event.type == "ok":
            result = Ok(self._answer(event, out))
            if out.f == RELEASE and out.value in self._names:
                del self._named[self._names.pop(out.value)]
        elif event.type == "fail":
            result = Fail(freeze(event.error))
        else:
            self._latest.pop(event.process, None)
            self._told.discard(event.process)
        return self._decides.complete(out, result, instant)

    def _answer(self, event: Event, out: Called) -> Value:
        value = freeze(event.value)
        if out.f in self._token_calls and not out.named and value is not None:
            # The token is known only now.
            self._named[value], self._names[out.value] = out.value, value
            self._told.add(event.process)
        return self._named.get(value, value) if event.f == HOLDER else value
