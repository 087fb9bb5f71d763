"""A whole JSONL recording as columns at one go, its events made one by one when they are asked for."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from holdfast.histories import core
from holdfast.histories.columns import Columns, Values, packed, taken
from holdfast.histories.formats.format import Limits
from holdfast.histories.history import History, Positions
from holdfast.histories.operation import Event
from holdfast.models.value import freeze

EventAt = Callable[[int], Event]
"""The event whose line begins at a byte."""


class ScannedEvents:
    """The events of a file's content; a position is the byte at which an event's line begins.

    Args:
        content: the file.
        read_line: gives the event of a line.
        read_all: gives all events in order.
    """

    def __init__(
        self,
        content: bytes,
        read_line: Callable[[bytes], Event],
        read_all: Callable[[bytes], Iterator[Event]],
    ) -> None:
        self._content = content
        self._read_line = read_line
        self._read_all = read_all

    def __getitem__(self, position: int) -> Event:
        end = self._content.find(b"\n", position)
        return self._read_line(self._content[position : None if end < 0 else end])

    def __iter__(self) -> Iterator[Event]:
        return self._read_all(self._content)


def scanned(
    content: bytes,
    limits: Limits,
    source: str,
    read_line: Callable[[bytes], Event],
    read_all: Callable[[bytes], Iterator[Event]],
) -> History | None:
    """Return the history in ``content``, or ``None`` where it must be read with more care."""
    found = core.scan_jsonl(content, limits.line_bytes_max, limits.events_max)
    if found is None:
        return None
    keys, key = _decoded(found.keys, packed(found.key))
    values, value, answer = _decoded(found.values, packed(found.value), packed(found.answer))
    columns = Columns(
        number=array("q", range(len(value))),
        invoked=packed(found.invoked, "q"),
        completed=packed(found.completed, "q"),
        outcome=bytearray(found.outcome),
        process=packed(found.process),
        f=packed(found.f),
        key=key,
        value=value,
        answer=answer,
        processes=_plain(found.processes),
        functions=_plain(found.functions),
        keys=keys.in_order,
        values=values,
    )
    positions = Positions(
        packed(found.begins, "q"),
        packed(found.ends, "q"),
        packed(found.notes, "q"),
        packed(found.line),
    )
    events = ScannedEvents(content, read_line, read_all)
    return History(columns, events, positions, source=source, timed=found.timed)


def _plain(raw: Sequence[bytes]) -> list[Any]:
    return msgspec.json.decode(b"[" + b",".join(raw) + b"]")  # type: ignore[no-any-return]


def _decoded(raw: Sequence[bytes], *columns: array[int]) -> tuple[Any, ...]:
    """Return the values that were written, and columns that speak of them by number.

    One value may have been written in several ways, as ``[1,2]`` and ``[1, 2]``.
    """
    values = Values()
    numbers = array("i", [values.number(freeze(value)) for value in _plain(raw)])
    if len(values) < len(raw):
        columns = tuple(taken(numbers, column) for column in columns)
    return values, *columns
