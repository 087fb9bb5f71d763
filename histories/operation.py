"""Events as they are recorded, and operations: an invocation together with its outcome."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from holdfast.models.value import FrozenMapping, Value, freeze

EventType = Literal["invoke", "ok", "fail", "info"]

Process = int | str
"""A client, as recorded: single-threaded, and never heard of again after an unknown outcome."""

NEMESIS = "nemesis"
"""The process of events that are not clients' calls: faults, and notes on the recording."""


NO_EXTRA = FrozenMapping({})
"""The extra fields of most events: none."""


class Outcome(enum.Enum):
    """What became of a call."""

    OK = "ok"
    FAIL = "fail"
    INFO = "info"


_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


class Event(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One line of a recorded history.

    A ``msgspec.Struct`` where the rest of holdfast uses ``attrs``: a million of them are decoded in
    about a second (docs/decisions/0003).

    Args:
        type: ``invoke``, ``ok`` (it happened), ``fail`` (it certainly had no effect) or ``info``
            (unknown).
        process: the client, or ``NEMESIS``.
        f: the function called.
        value: the argument (invoke) or the result (ok).
        time: nanoseconds on the recorder's monotonic clock, or ``None`` where only the order is
            known.
        index: the event's number in the recording.
        key: the object concerned, where there are several; each is checked on its own.
        node: the server that the client talked to.
        error: why a call failed or is unknown.
        extra: fields that holdfast does not know; they survive a round trip.
    """

    type: EventType
    process: Process
    f: str
    value: Any = None
    time: int | None = None
    index: int | None = None
    key: Any = None
    node: str | None = None
    error: Any = None
    extra: Mapping[str, Any] = NO_EXTRA


def frozen_event(event: Event) -> Event:
    """Return ``event`` with its values made immutable, as ``holdfast.models.value.freeze`` does."""
    return msgspec.structs.replace(
        event,
        value=freeze(event.value),
        key=freeze(event.key),
        error=freeze(event.error),
        extra=FrozenMapping(event.extra) if event.extra else NO_EXTRA,
    )


class Operation(msgspec.Struct, frozen=True, gc=False):
    """A client's call with its outcome, the unit that a checker reasons about.

    A ``msgspec.Struct`` like its events, so that the garbage collector need not visit a million of
    them again and again (docs/decisions/0003).

    Args:
        number: its place among the history's operations, in the order of invocation, from 0.
        invocation: the event that began it.
        completion: the event that ended it; ``None`` when none was recorded.
        invoked: the instant of the invocation, in nanoseconds, or the event's position in a history
            without times.
        completed: the instant of the completion, likewise; ``None`` when none was recorded.
    """

    number: int
    invocation: Event
    completion: Event | None
    invoked: int
    completed: int | None

    @property
    def process(self) -> Process:
        """The client."""
        return self.invocation.process

    @property
    def f(self) -> str:
        """The function called."""
        return self.invocation.f

    @property
    def value(self) -> Value:
        """The argument."""
        return self.invocation.value  # type: ignore[no-any-return]

    @property
    def key(self) -> Value:
        """The object concerned, where a history speaks of several."""
        return self.invocation.key  # type: ignore[no-any-return]

    @property
    def outcome(self) -> Outcome:
        """What became of it; a call without a completion is unknown."""
        return Outcome.INFO if self.completion is None else _OUTCOMES[self.completion.type]

    @property
    def result(self) -> Value:
        """What it returned; ``None`` unless it is ``ok``."""
        if self.completion is None or self.completion.type != "ok":
            return None
        return self.completion.value  # type: ignore[no-any-return]

    @property
    def error(self) -> Any:
        """Why it failed or is unknown."""
        return None if self.completion is None else self.completion.error

    @property
    def returned(self) -> int | None:
        """The instant by which it has certainly taken effect; ``None`` unless it is known to."""
        completion = self.completion
        return None if completion is None or completion.type == "info" else self.completed
