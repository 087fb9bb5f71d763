"""The logs that Porcupine's tests read: what Jepsen logs of each event, and maps by the line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import BinaryIO

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import FORMATS, edn, jepsen_edn
from holdfast.histories.formats.edn_atoms import EdnError
from holdfast.histories.formats.format import Limits
from holdfast.histories.formats.jepsen_edn_shapes import Values
from holdfast.histories.history import Line
from holdfast.histories.operation import NEMESIS, Event
from holdfast.models.value import Value

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

FOUR = "an event is process, :type, :f and value, with a tab before each but the first"
TEXT = "a log is a text file in UTF-8"

# What stands before the process depends on how the logger was set up, and is missing in history.txt.
_PREFIX = r"(?:.*?\bjepsen\.[\w.]++(?: -|:) ++)?"
_PROCESS = r"([0-9]{1,18}+|:[^\s:]++)"
_event = re.compile(
    rf"{_PREFIX}{_PROCESS}\t(:invoke|:ok|:fail|:info)\t(:\S++)\t([^\t]*+)(?:\t(.*))?", re.ASCII
).fullmatch
_begun = re.compile(rf"{_PREFIX}{_PROCESS}\t:", re.ASCII).match
_recognized = re.compile(
    rf"^{_PREFIX}{_PROCESS}\t:(?:invoke|ok|fail|info)\t:".encode(), re.MULTILINE
).search
_open_ended = re.compile(rf"(?!nil\Z){edn.ATOM}", re.ASCII).fullmatch


class PorcupineLog:
    """Logs in the two forms that Porcupine's tests read, which the first line tells apart.

    One is Jepsen's log: a line for each event with process, :type, :f and value, tabs between, and
    what else was logged around them, which is passed over; Jepsen's history.txt is such a log as
    well. The other has an EDN map on each line, of which ``:key`` is the object concerned.

    In a log, a keyword in the place of the value of a ``fail`` or an ``info``, such as
    ``:timed-out``, is its error. A ``fail`` stays a ``fail``: what it tells is up to the model.
    """

    suffixes = ()

    def recognizes(self, start: bytes) -> bool:
        """Return whether a file that begins with ``start`` is a log of Jepsen's."""
        return _recognized(start) is not None

    def read(self, stream: BinaryIO, source: str, limits: Limits) -> Iterator[Line]:
        """Yield each event with its line.

        Raises:
            HistoryError: a line is cut off or cannot be read; it names line and remedy.
        """
        lines = _lines(stream, source, limits)
        for number, line in lines:
            if line.lstrip().startswith(b"{"):
                rest = iter(partial(stream.read, jepsen_edn.PIECE_BYTES), b"")
                yield from jepsen_edn.events_of(chain([line], rest), source, limits, line=number)
            elif line.strip():
                yield from _log_events(chain([(number, line)], lines), source)


FORMATS.register("porcupine-log")(PorcupineLog())


def _lines(stream: BinaryIO, source: str, limits: Limits) -> Iterator[tuple[int, bytes]]:
    longest = limits.line_bytes_max
    for number, line in enumerate(iter(partial(stream.readline, longest + 1), b""), start=1):
        if b"\0" in line:
            raise HistoryError("this is binary data", remedy=TEXT, source=source, line=number)
        if len(line) > longest:
            raise HistoryError(
                f"the line is longer than {longest:,} bytes",
                remedy="is this a log? Else read it with a greater Limits.line_bytes_max",
                source=source,
                line=number,
            )
        yield number, line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line


def _log_events(lines: Iterator[tuple[int, bytes]], source: str) -> Iterator[Line]:
    values = Values()
    for number, content in lines:
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            problem = f"this is not UTF-8 ({error.reason})"
            raise HistoryError(problem, remedy=TEXT, source=source, line=number) from None
        line = text.rstrip("\r\n")
        found = _event(line)
        if found is None:
            if _begun(line):
                raise HistoryError(
                    "this event is not complete", remedy=FOUR, source=source, line=number
                )
            continue
        try:
            event = _event_of(found.groups(), values)
        except EdnError as error:
            problem = f"its value cannot be read: {error.problem}"
            raise HistoryError(problem, remedy=error.remedy, source=source, line=number) from None
        # Of a number or a word, nobody could tell whether it was cut off.
        if line == text and event.type == "ok" and found[5] is None and _open_ended(found[4]):
            raise HistoryError(
                "the file ends in the middle of this line, or right behind it",
                remedy="remove the line if the recording was cut off, else end it with a line break",
                source=source,
                line=number,
            )
        yield number, event


def _event_of(fields: Sequence[str | None], values: Values) -> Event:
    process, type, f, value, error = fields
    client = values[process]
    reason = None if error is None else _read(error, values)
    if type in (":fail", ":info") and error is None and value and value[0] == ":":
        value, reason = None, values[value]
    result = _read(value or "", values) if client == NEMESIS else values[value]
    return Event(values[type], client, values[f], result, error=reason)  # type: ignore[arg-type]


def _read(text: str, values: Values) -> Value:
    """Return what the text says, or the text as it is: Jepsen logs an exception as it prints."""
    try:
        return values[text]
    except EdnError:
        return text
