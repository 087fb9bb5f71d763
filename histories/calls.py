"""A client's calls on their way into a recording."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from holdfast.histories.operation import Event, EventType, Outcome
from holdfast.histories.outcome import outcome_of

if TYPE_CHECKING:
    from holdfast.histories.recorder import Recorder


class PendingOperation:
    """A call whose end is still to be recorded, once: with ``ok``, ``fail`` or ``info``.

    As a context manager it records the end itself when an exception comes out of the block: a
    failure if the exception is known to be definite (``holdfast.histories.outcome``), else an
    unknown outcome.

    Attributes:
        invocation: the event that began it.
        completion: the event that ended it, or ``None``.
    """

    def __init__(self, recorder: Recorder, invocation: Event) -> None:
        self._recorder = recorder
        self.invocation = invocation
        self.completion: Event | None = None
        self._ended = False

    def ok(self, value: Any = None, **extra: Any) -> Event:
        """Record that the call happened and returned ``value``."""
        return self._complete("ok", value=value, **extra)

    def fail(self, error: Any = None, **extra: Any) -> Event:
        """Record that the call certainly had no effect; ``error`` is an exception or JSON data."""
        return self._complete("fail", error=_words(error), **extra)

    def info(self, error: Any = None, **extra: Any) -> Event:
        """Record that the call may have had its effect or not; ``error`` as for ``fail``."""
        return self._complete("info", error=_words(error), **extra)

    def __enter__(self) -> PendingOperation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._ended:
            return
        if error is None:
            self.info("the block ended without an outcome")
            raise RuntimeError(
                f"the block of {self.invocation.f!r} ended without an outcome: call ok, fail or "
                "info"
            )
        if outcome_of(error)[0] is Outcome.FAIL:
            self.fail(error)
        else:
            self.info(error)

    def _complete(self, type: EventType, **fields: Any) -> Event:
        begun = self.invocation
        if self._ended:
            raise RuntimeError(
                f"the call of {begun.f!r} by process {begun.process!r} has ended already: each call "
                "ends once"
            )
        # Said before it is recorded, and taken back only if it certainly was not: Ctrl-C may strike
        # in between, and a second end would spoil the file.
        self._ended = True
        fields.setdefault("node", begun.node)
        try:
            self.completion = self._recorder.record(
                type, begun.process, begun.f, key=begun.key, **fields
            )
        except Exception:
            self._ended = False
            raise
        return self.completion


class Client:
    """A single-threaded caller that takes a new process whenever the old one has to retire.

    Args:
        recorder: where its calls are recorded.
        number: its first process.
        step: by how much a new process is above the old one.
    """

    def __init__(self, recorder: Recorder, number: int, step: int) -> None:
        self._recorder = recorder
        self._step = step
        self._process = number
        self._last: PendingOperation | None = None

    @property
    def process(self) -> int:
        """The process of its next call, or of the one it is in."""
        ended = self._last.completion if self._last is not None else None
        if ended is not None and ended.type == "info" and ended.process == self._process:
            self._process += self._step
        return self._process

    def invoke(
        self, f: str, value: Any = None, key: Any = None, node: str | None = None, **extra: Any
    ) -> PendingOperation:
        """Record a call of this client; arguments and errors are those of ``Recorder.invoke``."""
        self._last = self._recorder.invoke(self.process, f, value, key, node, **extra)
        return self._last


def _words(error: Any) -> Any:
    if isinstance(error, BaseException):
        error = outcome_of(error)[1]
    if isinstance(error, str):
        # An error's words may quote bytes that are no text; they must not cost us the event.
        return error.encode(errors="backslashreplace").decode()
    return error
