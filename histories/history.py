"""A validated history: what every client called, in real-time order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from holdfast.histories.errors import HistoryError
from holdfast.histories.operation import NEMESIS, Event, Operation, Process, frozen_event

Line = tuple[int, Event]
"""An event with the line of the file it stands on, from 1."""


class History(Sequence[Operation]):
    """The operations of one recording, in the order of their invocations.

    Build one with ``History.of(events)``, or read a file with
    ``holdfast.histories.formats.read_history``.

    Attributes:
        events: every event as recorded, faults and notes included.
        notes: the events that are not clients' calls.
        source: where the events came from, for messages.
        timed: whether the events carry times; else their order alone is known.
    """

    def __init__(
        self,
        events: tuple[Event, ...],
        operations: tuple[Operation, ...],
        notes: tuple[Event, ...],
        lines: Sequence[int],
        *,
        source: str,
        timed: bool,
    ) -> None:
        self.events = events
        self.notes = notes
        self.source = source
        self.timed = timed
        self._operations = operations
        self._lines = lines

    @classmethod
    def of(cls, events: Iterable[Event], *, source: str = "history") -> History:
        """Return the history of ``events``, in recorded order.

        Raises:
            HistoryError: the events contradict each other; it names the event and the remedy.
        """
        return cls.from_lines(enumerate(map(frozen_event, events), start=1), source=source)

    @classmethod
    def from_lines(cls, lines: Iterable[Line], *, source: str) -> History:
        """Return the history of events that stand on numbered lines of ``source``.

        Raises:
            HistoryError: the events contradict each other; it names line and remedy.
        """
        pairing = _Pairing(source)
        for line, event in lines:
            pairing.add(line, event)
        return pairing.history()

    def line_of(self, operation: Operation) -> int:
        """Return the line of the file on which ``operation`` was invoked."""
        return self._lines[operation.number]

    def keys(self) -> tuple[object, ...]:
        """Return the keys that the operations speak of, in the order of their first appearance."""
        return tuple(dict.fromkeys(operation.key for operation in self._operations))

    def __len__(self) -> int:
        return len(self._operations)

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations)

    @overload
    def __getitem__(self, place: int) -> Operation: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Operation, ...]: ...

    def __getitem__(self, place: int | slice) -> Operation | tuple[Operation, ...]:
        return self._operations[place]

    def __repr__(self) -> str:
        return f"<History of {len(self)} operations from {self.source}>"


class _Pairing:
    """Joins completions to invocations, event by event, and refuses what cannot have happened."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._events: list[Event] = []
        self._notes: list[Event] = []
        # A list for each column of the operations: with a tuple for each of a million events, most
        # of the time would go into the garbage collector.
        self._lines: list[int] = []
        self._invocations: list[Event] = []
        self._invoked: list[int] = []
        self._completions: list[Event | None] = []
        self._completed: list[int | None] = []
        self._open: dict[Process, int] = {}
        self._retired: dict[Process, int] = {}
        self._timed: bool | None = None
        self._last_time = 0
        self._last_index = -1

    def add(self, line: int, event: Event) -> None:
        instant = self._instant(line, event)
        self._events.append(event)
        if event.process == NEMESIS:
            self._notes.append(event)
        elif event.type == "invoke":
            self._invoke(line, event, instant)
        else:
            self._complete(line, event, instant)

    def history(self) -> History:
        columns = zip(
            self._invocations, self._completions, self._invoked, self._completed, strict=True
        )
        return History(
            tuple(self._events),
            tuple(Operation(number, *row) for number, row in enumerate(columns)),
            tuple(self._notes),
            self._lines,
            source=self._source,
            timed=bool(self._timed),
        )

    def _instant(self, line: int, event: Event) -> int:
        index, time = event.index, event.time
        if index is not None:
            if index <= self._last_index:
                raise self._error(
                    line,
                    f"index {index} follows index {self._last_index}",
                    "indices rise: sort the lines by index, or leave the indices out",
                )
            self._last_index = index
        if self._timed is not (time is not None):
            self._check_timed_alike(line, timed=time is not None)
        if time is None:
            return len(self._events)
        if time < self._last_time:
            raise self._error(
                line,
                f"time runs backwards, from {self._last_time} to {time} ns",
                "sort the lines by time, and stamp with one monotonic clock",
            )
        self._last_time = time
        return time

    def _check_timed_alike(self, line: int, *, timed: bool) -> None:
        if self._timed is not None:
            raise self._error(
                line,
                "some events have a time and others have none",
                "give every event its time in nanoseconds, or none of them",
            )
        self._timed = timed

    def _invoke(self, line: int, event: Event, instant: int) -> None:
        process = event.process
        if process in self._open:
            first = self._lines[self._open[process]]
            raise self._error(
                line,
                f"process {process!r} calls {event.f!r} while its call of line {first} is still "
                "open",
                "a client makes one call at a time: record concurrent calls under different "
                "processes",
            )
        if process in self._retired:
            raise self._error(
                line,
                f"process {process!r} calls again after the unknown outcome of line "
                f"{self._retired[process]}",
                "go on under a new process after an info, since the old call may still take effect",
            )
        self._open[process] = len(self._lines)
        self._lines.append(line)
        self._invocations.append(event)
        self._invoked.append(instant)
        self._completions.append(None)
        self._completed.append(None)

    def _complete(self, line: int, event: Event, instant: int) -> None:
        number = self._open.pop(event.process, None)
        if number is None:
            raise self._error(
                line,
                f"process {event.process!r} completes {event.f!r} without having invoked it",
                "is the beginning of the file missing, or are its lines shuffled?",
            )
        invocation = self._invocations[number]
        if invocation.f != event.f or invocation.key != event.key:
            raise self._error(
                line,
                f"process {event.process!r} completes {_called(event)} but had invoked "
                f"{_called(invocation)} on line {self._lines[number]}",
                "a completion repeats the f and the key of its invocation",
            )
        self._completions[number] = event
        self._completed[number] = instant
        if event.type == "info":
            self._retired[event.process] = line

    def _error(self, line: int, problem: str, remedy: str) -> HistoryError:
        return HistoryError(problem, remedy=remedy, source=self._source, line=line)


def _called(event: Event) -> str:
    return repr(event.f) if event.key is None else f"{event.f!r} of key {event.key!r}"
