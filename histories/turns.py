"""Whose turn it is: what ``History`` would refuse to read is refused before it is recorded."""

from __future__ import annotations

from holdfast.histories.operation import NEMESIS, Event, Process
from holdfast.models.value import freeze


class Turns:
    """Which processes are in a call, and which have retired."""

    def __init__(self) -> None:
        self._pending: dict[Process, Event] = {}
        self._retired: set[Process] = set()

    def check(self, event: Event) -> None:
        """Refuse an event that cannot come next.

        Raises:
            RuntimeError: the process is in the middle of a call, is in none, or has retired.
        """
        if event.process == NEMESIS:
            return
        invocation = self._pending.get(event.process)
        if event.type == "invoke":
            self._check_invocation(event, invocation)
        else:
            self._check_completion(event, invocation)

    def take(self, event: Event) -> None:
        """Take note of an event that was recorded."""
        if event.process == NEMESIS:
            return
        if event.type == "invoke":
            self._pending[event.process] = event
            return
        del self._pending[event.process]
        if event.type == "info":
            self._retired.add(event.process)

    def _check_invocation(self, event: Event, pending: Event | None) -> None:
        if pending is not None:
            raise RuntimeError(
                f"process {event.process!r} is still in its call of {pending.f!r}: record how that "
                "ended first, or record concurrent calls under different processes"
            )
        if event.process in self._retired:
            raise RuntimeError(
                f"process {event.process!r} has retired, since the outcome of its last call is "
                "unknown: go on under a new process, as Recorder.client does"
            )

    def _check_completion(self, event: Event, invocation: Event | None) -> None:
        if invocation is None:
            raise RuntimeError(
                f"process {event.process!r} has no pending call: a call is invoked first and ends "
                "once"
            )
        if (invocation.f, invocation.key) != (event.f, freeze(event.key)):
            raise RuntimeError(
                f"process {event.process!r} completes {event.f!r} of key {event.key!r} but had "
                f"invoked {invocation.f!r} of key {invocation.key!r}: repeat both"
            )
