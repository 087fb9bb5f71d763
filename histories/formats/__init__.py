"""File formats of histories, one file each: found by the name's suffix, or else by the content."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats.compression import (
    compression_suffix,
    following,
    open_reading,
    open_writing,
)
from holdfast.histories.formats.format import (
    Format,
    Limits,
    RecognizedFormat,
    ScannableFormat,
    WritableFormat,
)
from holdfast.histories.history import History, Line
from holdfast.histories.operation import Event
from holdfast.registry import Registry

FORMATS: Registry[Format] = Registry("format", __name__)

__all__ = [
    "FORMATS",
    "Format",
    "Limits",
    "RecognizedFormat",
    "ScannableFormat",
    "WritableFormat",
    "format_of",
    "read_events",
    "read_history",
    "write_history",
]

DEFAULT_LIMITS = Limits()

START_BYTES = 1 << 16
"""How much of a file is looked at, at most, to recognize its format."""


SCANNED_BYTES_MAX = 1 << 30
"""A longer file is read event by event, and not at one go."""

EXPANSION_MAX = 20
"""What a compressed file of more than so many times its own size holds is hardly a history."""


def read_history(
    path: str | PathLike[str], format: str | None = None, *, limits: Limits = DEFAULT_LIMITS
) -> History:
    """Return the history that the file at ``path`` holds.

    Args:
        path: the file; below a ``.gz`` or ``.zst`` its suffix names the format. Where that names
            none, the first lines do.
        format: the name of the format, where neither tells.
        limits: how much to read at most.

    Raises:
        HistoryError: the file holds no history; it names line and remedy.
        UnknownName: there is no format of that name.
        OSError: the file cannot be read.
    """
    path, named = Path(path), _asked_for(format)
    with open_reading(path, limits) as opened:
        stream, reader = opened, named or _reader(opened, path)
        if isinstance(reader, ScannableFormat):
            start = opened.read(_scanned_bytes(path))
            history = None if opened.peek(1) else reader.scan(start, str(path), limits)
            if history is not None:
                return history
            stream = following(start, opened)
        return History.from_lines(_events(reader, stream, path, limits), source=str(path))


def read_events(
    path: str | PathLike[str], format: str | None = None, *, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Line]:
    """Yield each event of the file at ``path`` with its line, as the file is read.

    The events are not checked against each other. Arguments and errors are those of
    ``read_history``; the errors come when the first event is asked for, or later.
    """
    path, named = Path(path), _asked_for(format)
    with open_reading(path, limits) as stream:
        yield from _events(named or _reader(stream, path), stream, path, limits)


def write_history(events: History | Iterable[Event], path: str | PathLike[str]) -> None:
    """Write a history, or any events in their order, to a new or emptied file.

    Args:
        events: what to write.
        path: the file; its suffix names the format, below a ``.gz`` or ``.zst``.

    Raises:
        HistoryError: no format has this suffix.
        ValueError: the format cannot be written, or cannot say what an event holds.
        OSError: the file cannot be written.
    """
    path = Path(path)
    writer = format_of(path)
    if not isinstance(writer, WritableFormat):
        able = ", ".join(name for name, other in FORMATS if isinstance(other, WritableFormat))
        raise ValueError(f"histories are not written in the format of {path}; only in {able}")
    with open_writing(path) as stream:
        writer.write(events.events if isinstance(events, History) else events, stream)


def format_of(path: Path) -> Format:
    """Return the format that the suffix of ``path`` names.

    Raises:
        HistoryError: none has this suffix; the message lists those that there are.
    """
    if format := _named_by(path):
        return format
    raise _unknown("the end of its name tells no format", path)


def _events(
    reader: Format, stream: io.BufferedReader, path: Path, limits: Limits
) -> Iterator[Line]:
    count = 0
    for count, (line, event) in enumerate(reader.read(stream, str(path), limits), start=1):
        if count > limits.events_max:
            raise HistoryError(
                f"it holds more than {limits.events_max:,} events",
                remedy="split the recording, or read it with a greater Limits.events_max",
                source=str(path),
                line=line,
            )
        yield line, event
    if count == 0:
        raise _no_events(path)


def _scanned_bytes(path: Path) -> int:
    """Return how much of a file is taken into memory at one go: nothing of a pipe, whose size is 0."""
    expansion = EXPANSION_MAX if compression_suffix(path) else 1
    return min(path.stat().st_size * expansion, SCANNED_BYTES_MAX)


def _asked_for(format: str | None) -> Format | None:
    return None if format is None else FORMATS[format]


def _reader(stream: io.BufferedReader, path: Path) -> Format:
    return _named_by(path) or _recognized(stream.peek(START_BYTES)[:START_BYTES], path)


def _named_by(path: Path) -> Format | None:
    name = path.name.lower().removesuffix(compression_suffix(path))
    return next((format for _, format in FORMATS if name.endswith(tuple(format.suffixes))), None)


def _recognized(start: bytes, path: Path) -> Format:
    for _, format in FORMATS:
        if isinstance(format, RecognizedFormat) and format.recognizes(start):
            return format
    if not start.strip():
        raise _no_events(path)
    raise _unknown("neither the end of its name nor its first lines tell its format", path)


def _unknown(problem: str, path: Path) -> HistoryError:
    known = "; ".join(
        f"{name}: {', '.join(format.suffixes)}" if format.suffixes else name
        for name, format in FORMATS
    )
    remedy = f"rename it, or say which format it has ({known}; each also with .gz or .zst)"
    return HistoryError(problem, remedy=remedy, source=str(path))


def _no_events(path: Path) -> HistoryError:
    return HistoryError(
        "it holds no events", remedy="was anything recorded in this file?", source=str(path)
    )
