"""A recording judged while it grows: a monitor for each key, and what runs them beside a live run."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from attrs import frozen

from holdfast.checker.monitor import Monitor
from holdfast.checker.monitors import Found
from holdfast.histories.operation import NEMESIS, Event
from holdfast.models.model import Model
from holdfast.models.value import Value, freeze


@frozen
class Violation:
    """A key that is no longer linearizable.

    Args:
        key: the key.
        event: the event that made it so.
        found: why, in the numbers of the key's own operations.
    """

    key: Value
    event: Event
    found: Found


class Stream:
    """Takes all events of a recording as they happen, and answers after each.

    All are kept where the model has a monitor of its own: what that leaves, a search decides.

    Args:
        model_of: returns a key's model when the key first appears; ``None`` for a key not to be judged.
    """

    def __init__(self, model_of: Callable[[Value], Model[Any] | None]) -> None:
        self._model_of = model_of
        self._models: dict[Value, Model[Any] | None] = {}
        self._monitors: dict[Value, Monitor] = {}

    def add(self, event: Event) -> Violation | None:
        """Return why the history up to ``event`` is not linearizable, or ``None`` if it is."""
        if event.process == NEMESIS:
            return None
        key = freeze(event.key)
        if key not in self._models:
            self._models[key] = self._model_of(key)
        model = self._models[key]
        if model is None:
            return None
        if key not in self._monitors:
            self._monitors[key] = Monitor(model, kept_max=sys.maxsize)
        found = self._monitors[key].add(event)
        return None if found is None else Violation(key, event, found)


class Watcher:
    """Runs a stream in a thread of its own, so that whoever records need not wait for it.

    Args:
        stream: what judges the events.

    Attributes:
        violation: what was found; ``None`` as long as nothing was.
    """

    def __init__(self, stream: Stream) -> None:
        self.violation: Violation | None = None
        self._stream = stream
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def add(self, event: Event) -> None:
        """Take in the next event; thread-safe, and returns at once."""
        self._events.put(event)

    def stopped(self) -> bool:
        """Return whether there is reason to stop: a violation, or a failure of the watcher itself."""
        return self.violation is not None or self._failure is not None

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._events.put(None)
        self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure

    def _run(self) -> None:
        try:
            while (event := self._events.get()) is not None:
                if self.violation is None:
                    self.violation = self._stream.add(event)
        except BaseException as failure:
            self._failure = failure
