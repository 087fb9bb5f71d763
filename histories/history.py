"""A validated history: what every client called, in real-time order."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Protocol, overload

from attrs import frozen

from holdfast.histories.columns import NEVER, OUTCOME_NUMBERS, Columns, ColumnsBeingMade
from holdfast.histories.errors import HistoryError
from holdfast.histories.operation import NEMESIS, Event, Operation, Process, frozen_event

LATEST_NS = 1 << 61
"""No time is later: 73 years, and twice as much is still an int64."""

Line = tuple[int, Event]
"""An event with the line of the file it stands on, from 1."""


class RecordedEvents(Protocol):
    """The events that a history was made of, each found by its position: a tuple of them, or a file."""

    def __getitem__(self, position: int, /) -> Event:
        """Return the event at ``position``, however positions are counted."""
        ...

    def __iter__(self) -> Iterator[Event]:
        """Yield all events in recorded order."""
        ...


@frozen(eq=False)
class Positions:
    """Where among the recorded events a history's operations and notes are found.

    Args:
        invocations: by operation, the position of the event that began it.
        completions: likewise of the one that ended it; ``NEVER`` where none was recorded.
        notes: the positions of the events that are not clients' calls.
        lines: by operation, the line on which it was invoked, from 1.
    """

    invocations: Sequence[int]
    completions: Sequence[int]
    notes: Sequence[int]
    lines: Sequence[int]


class History(Sequence[Operation]):
    """The operations of one recording, in the order of their invocations.

    Build one with ``History.of(events)``, or read a file with
    ``holdfast.histories.formats.read_history``. It is kept as columns of numbers; an ``Operation`` is
    made when it is asked for.

    Attributes:
        columns: what the operations are, as numbers.
        source: where the events came from, for messages.
        timed: whether the events carry times; else their order alone is known.
    """

    def __init__(
        self,
        columns: Columns,
        events: RecordedEvents,
        positions: Positions,
        *,
        source: str,
        timed: bool,
    ) -> None:
        self.columns = columns
        self.source = source
        self.timed = timed
        self._recorded = events
        self._positions = positions

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

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Every event as recorded, faults and notes included."""
        return tuple(self._recorded)

    @cached_property
    def notes(self) -> tuple[Event, ...]:
        """The events that are not clients' calls."""
        return tuple(self._recorded[position] for position in self._positions.notes)

    def line_of(self, operation: Operation) -> int:
        """Return the line of the file on which ``operation`` was invoked."""
        return self._positions.lines[operation.number]

    def keys(self) -> tuple[object, ...]:
        """Return the keys that the operations speak of, in the order of their first appearance."""
        return tuple(self.columns.keys[number] for number in dict.fromkeys(self.columns.key))

    def __len__(self) -> int:
        return len(self.columns)

    def __iter__(self) -> Iterator[Operation]:
        return map(self._operation, range(len(self)))

    @overload
    def __getitem__(self, place: int) -> Operation: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Operation, ...]: ...

    def __getitem__(self, place: int | slice) -> Operation | tuple[Operation, ...]:
        if isinstance(place, slice):
            return tuple(map(self._operation, range(len(self))[place]))
        return self._operation(range(len(self))[place])

    def _operation(self, number: int) -> Operation:
        ended_at = self._positions.completions[number]
        ended = ended_at != NEVER
        return Operation(
            number,
            self._recorded[self._positions.invocations[number]],
            self._recorded[ended_at] if ended else None,
            self.columns.invoked[number],
            self.columns.completed[number] if ended else None,
        )

    def __repr__(self) -> str:
        return f"<History of {len(self)} operations from {self.source}>"


class Selection(Sequence[Operation]):
    """Some operations of a history, in any order, each made when it is asked for.

    Args:
        operations: where they are from.
        places: which of them, in the order wanted.
    """

    def __init__(self, operations: Sequence[Operation], places: Sequence[int]) -> None:
        self._from = operations
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Operation: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Operation, ...]: ...

    def __getitem__(self, place: int | slice) -> Operation | tuple[Operation, ...]:
        if isinstance(place, slice):
            return tuple(map(self._from.__getitem__, self._places[place]))
        return self._from[self._places[place]]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Selection, tuple, list)):
            return tuple(self) == tuple(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it equals lists

    def __repr__(self) -> str:
        return f"<{len(self)} operations>"


class _Pairing:
    """Joins completions to invocations, event by event, and refuses what cannot have happened."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._events: list[Event] = []
        self._notes: list[int] = []
        self._columns = ColumnsBeingMade()
        self._lines = array("q")
        self._invocations = array("q")
        self._completions = array("q")
        self._open: dict[Process, int] = {}
        self._retired: dict[Process, int] = {}
        self._timed: bool | None = None
        self._last_time = 0
        self._last_index = -1

    def add(self, line: int, event: Event) -> None:
        instant = self._instant(line, event)
        position = len(self._events)
        self._events.append(event)
        if event.process == NEMESIS:
            self._notes.append(position)
        elif event.type == "invoke":
            self._invoke(line, event, position, instant)
        else:
            self._complete(line, event, position, instant)

    def history(self) -> History:
        return History(
            self._columns.columns(),
            tuple(self._events),
            Positions(self._invocations, self._completions, self._notes, self._lines),
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
        if time > LATEST_NS:
            raise self._error(
                line,
                f"the time {time} ns is later than any clock's",
                "count nanoseconds from the start of the recording",
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

    def _invoke(self, line: int, event: Event, position: int, instant: int) -> None:
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
        self._invocations.append(position)
        self._completions.append(NEVER)
        self._columns.invoke(process, event.f, event.key, event.value, instant)

    def _complete(self, line: int, event: Event, position: int, instant: int) -> None:
        number = self._open.pop(event.process, None)
        if number is None:
            raise self._error(
                line,
                f"process {event.process!r} completes {event.f!r} without having invoked it",
                "is the beginning of the file missing, or are its lines shuffled?",
            )
        invocation = self._events[self._invocations[number]]
        if invocation.f != event.f or invocation.key != event.key:
            raise self._error(
                line,
                f"process {event.process!r} completes {_called(event)} but had invoked "
                f"{_called(invocation)} on line {self._lines[number]}",
                "a completion repeats the f and the key of its invocation",
            )
        self._completions[number] = position
        answer = event.value if event.type == "ok" else event.error
        self._columns.complete(number, OUTCOME_NUMBERS[event.type], answer, instant)
        if event.type == "info":
            self._retired[event.process] = line

    def _error(self, line: int, problem: str, remedy: str) -> HistoryError:
        return HistoryError(problem, remedy=remedy, source=self._source, line=line)


def _called(event: Event) -> str:
    return repr(event.f) if event.key is None else f"{event.f!r} of key {event.key!r}"
