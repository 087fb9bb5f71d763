"""Jepsen's history.edn: a vector, a list or simply a sequence of maps, one for each event."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO, NoReturn

import msgspec

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import FORMATS, edn
from holdfast.histories.formats.edn_atoms import REMEDY, EdnError
from holdfast.histories.formats.format import Limits
from holdfast.histories.formats.jepsen_edn_shapes import KNOWN, Shapes
from holdfast.histories.history import Line
from holdfast.histories.operation import NO_EXTRA, Event
from holdfast.models.value import FrozenMapping, freeze

PIECE_BYTES = 1 << 20

RECORDED_TIME = "recorded_time"
"""The extra field for the time of an event that the file puts behind a later one."""

RULES = {
    "type": ":invoke, :ok, :fail or :info",
    "process": "a whole number or a keyword",
    "f": "a keyword, the function called",
    "node": "a string or a keyword",
    "time": "whole nanoseconds since the start of the recording",
    "index": "a whole number",
}
"""What the fields must be; the others may be anything."""

MAP = "each event is a map with at least :type, :process and :f"

_start = re.compile(
    rf"\ufeff?{edn.SPACE}[\[(]?{edn.SPACE}(?:#[\w.]++{edn.SPACE})?\{{{edn.SPACE}:", re.ASCII
).match


class JepsenEdn:
    """Jepsen's history.edn: maps, in a vector or one after the other; keywords become strings.

    Fields that holdfast does not know are kept in ``Event.extra``. The order of the events is their
    order in the file, on which Jepsen relies as well. An event whose time lies before the time of
    the one in front of it, as older recordings hold since each client read the clock for itself,
    gets that time, and its own is kept as the extra field ``recorded_time``: events are ordered only
    where the file orders them. A negative time or index is none, as in Jepsen.
    """

    suffixes = (".edn",)

    def recognizes(self, start: bytes) -> bool:
        """Return whether a file that begins with ``start`` is a history in EDN."""
        return _start(start.decode(errors="replace")) is not None

    def read(self, stream: BinaryIO, source: str, limits: Limits) -> Iterator[Line]:
        """Yield each event with the line on which it begins.

        ``limits.line_bytes_max`` is here the length of the longest event, whatever its lines.

        Raises:
            HistoryError: something is not EDN or not an event; it names line and remedy.
        """
        return events_of(iter(partial(stream.read, PIECE_BYTES), b""), source, limits)


FORMATS.register("jepsen-edn")(JepsenEdn())


def events_of(
    pieces: Iterator[bytes], source: str, limits: Limits, *, line: int = 1
) -> Iterator[Line]:
    """Yield each event of a file with the line on which it begins.

    Args:
        pieces: the file's content, none of them empty.
        source: the file's name, for messages.
        limits: what to read at most.
        line: the line on which the first piece begins.

    Raises:
        HistoryError: something is not EDN or not an event; it names line and remedy.
    """
    reading = _Reading(pieces, source, limits, line)
    latest = 0
    for place, event in reading.events():
        time = event.time
        if time is not None:
            if time < latest:
                extra = FrozenMapping({**event.extra, RECORDED_TIME: time})
                yield place, msgspec.structs.replace(event, time=latest, extra=extra)
                continue
            latest = time
        yield place, event


class _Reading:
    """One file on its way from pieces to events; ``_text`` is what is not used up of it."""

    def __init__(self, pieces: Iterator[bytes], source: str, limits: Limits, line: int) -> None:
        self._pieces = pieces
        self._source = source
        self._longest = limits.line_bytes_max
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._shapes = Shapes()
        self._text = ""
        self._position = 0
        self._begins = True
        self._final = False
        self._line = line
        self._counted = 0  # the place in the text that stands on that line

    def events(self) -> Iterator[Line]:
        """Yield the events, each with its line."""
        closer = ""
        opened = 0
        while self._skip_space():
            character = self._text[self._position]
            line = self._line_at(self._position)
            if character in "[(" and not opened:
                closer, opened = ("]" if character == "[" else ")"), line
                self._position += 1
            elif character == closer:
                self._position += 1
                if self._skip_space():
                    self._refuse("something follows the end of the history", "remove it")
                return
            else:
                opened = opened or line
                event, end = (
                    self._shapes.event_at(self._text, self._position) or self._event_with_care()
                )
                if end - self._position > self._longest:
                    self._refuse_length(self._position)
                self._position = end
                if event is not None:
                    yield line, event
        if closer:
            self._refuse(
                f"the file ends before the {closer} that belongs to line {opened}",
                f"add {closer} if the recording was cut off",
            )

    def _event_with_care(self) -> tuple[Event | None, int]:
        """Return the event that comes next, and where it ends; ``None`` if the file discards it."""
        while True:
            try:
                data, end = edn.value_at(self._text, self._position, final=self._final)
                break
            except edn.Unfinished:
                if not self._read_more():
                    self._refuse(
                        "the file ends in the middle of this event",
                        "remove it if the recording was cut off",
                    )
            except EdnError as error:
                self._refuse(error.problem, error.remedy, error.position)
        if data is edn.DISCARDED:
            return None, end
        if data.__class__ is not dict:
            self._refuse("this is not a map", MAP)
        data = _fields(data)
        names = tuple(data)
        event = self._event(data)
        self._shapes.learn(names)
        return event, end

    def _event(self, data: dict[str, Any]) -> Event:
        for name in ("type", "process", "f"):
            if data.get(name) is None:
                self._refuse(f"it has no :{name}", f"{MAP}; :{name} is {RULES[name]}")
        known = {name: data.pop(name, None) for name in KNOWN}
        for name, rule in RULES.items():
            if not _fits(name, known[name]):
                self._refuse(f"its {name} is {known[name]!r}", f"{name} must be {rule}")
        for name in ("time", "index"):  # Jepsen writes -1 where it knows none
            if known[name] is not None and known[name] < 0:
                known[name] = None
        for name in ("value", "key", "error"):
            known[name] = freeze(known[name])
        return Event(**known, extra=FrozenMapping(data) if data else NO_EXTRA)

    def _skip_space(self) -> bool:
        """Go on to what is neither space nor comment, and return whether there is anything."""
        while True:
            self._position = edn.after_space(self._text, self._position)
            if self._text[self._position : self._position + 1] not in ("", ";"):
                return True
            if not self._read_more():
                return False

    def _read_more(self) -> bool:
        """Read another piece, forget what is used up, and return whether that may help."""
        if self._final:
            return False
        if len(self._text) - self._position > self._longest:
            self._refuse_length(self._position)
        piece = next(self._pieces, b"")
        if (zero := piece.find(b"\0")) >= 0:
            self._refuse_piece(piece[:zero], "this is binary data")
        try:
            more = self._decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            self._refuse_piece(piece[: error.start], f"this is not UTF-8 ({error.reason})")
        self._line_at(self._position)
        if self._begins:
            more = more.removeprefix("\ufeff")
        self._begins = False
        self._text = self._text[self._position :] + more
        self._position = self._counted = 0
        self._final = not piece
        return True

    def _line_at(self, position: int) -> int:
        self._line += self._text.count("\n", self._counted, position)
        self._counted = position
        return self._line

    def _refuse_length(self, position: int) -> NoReturn:
        self._refuse(
            f"the event is longer than {self._longest:,} bytes",
            "is a bracket or a quote missing? Else read it with a greater Limits.line_bytes_max",
            position,
        )

    def _refuse_piece(self, before: bytes, problem: str) -> NoReturn:
        self._line_at(len(self._text))
        self._line += before.count(b"\n")
        self._refuse(problem, f"{REMEDY}, in UTF-8", len(self._text))

    def _refuse(self, problem: str, remedy: str, position: int | None = None) -> NoReturn:
        line = self._line_at(self._position if position is None else position)
        raise HistoryError(problem, remedy=remedy, source=self._source, line=line)


def _fields(data: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a map, or of a record such as ``#jepsen.history.Op{…}``."""
    if len(data) == 1:
        ((tag, record),) = data.items()
        if tag.startswith("#") and isinstance(record, Mapping):
            return dict(record)
    return data


def _fits(name: str, value: Any) -> bool:
    match name:
        case "type":
            return value in ("invoke", "ok", "fail", "info")
        case "f":
            return isinstance(value, str)
        case "process":
            return value.__class__ in (int, str)
        case "node":
            return value is None or isinstance(value, str)
        case _:
            return value is None or value.__class__ is int
