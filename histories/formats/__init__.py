"""File formats of histories, one file each: reading and writing them by the suffix of the name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats.compression import compression_suffix, open_reading, open_writing
from holdfast.histories.formats.format import Format, Limits, WritableFormat
from holdfast.histories.history import History, Line
from holdfast.histories.operation import Event
from holdfast.registry import Registry

FORMATS: Registry[Format] = Registry("format", __name__)

__all__ = [
    "FORMATS",
    "Format",
    "Limits",
    "WritableFormat",
    "format_of",
    "read_events",
    "read_history",
    "write_history",
]

DEFAULT_LIMITS = Limits()


def read_history(
    path: str | PathLike[str], format: str | None = None, *, limits: Limits = DEFAULT_LIMITS
) -> History:
    """Return the history that the file at ``path`` holds.

    Args:
        path: the file; below a ``.gz`` or ``.zst`` its suffix names the format.
        format: the name of the format, where the suffix does not tell.
        limits: how much to read at most.

    Raises:
        HistoryError: the file holds no history; it names line and remedy.
        UnknownName: there is no format of that name.
        OSError: the file cannot be read.
    """
    return History.from_lines(read_events(path, format, limits=limits), source=str(path))


def read_events(
    path: str | PathLike[str], format: str | None = None, *, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Line]:
    """Yield each event of the file at ``path`` with its line, as the file is read.

    The events are not checked against each other. Arguments and errors are those of
    ``read_history``; the errors come when the first event is asked for, or later.
    """
    path = Path(path)
    reader = format_of(path) if format is None else FORMATS[format]
    count = 0
    with open_reading(path, limits) as stream:
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
        raise HistoryError(
            "it holds no events", remedy="was anything recorded in this file?", source=str(path)
        )


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
    name = path.name.lower().removesuffix(compression_suffix(path))
    for _, format in FORMATS:
        if name.endswith(tuple(format.suffixes)):
            return format
    known = "; ".join(f"{name}: {', '.join(format.suffixes)}" for name, format in FORMATS)
    raise HistoryError(
        "the end of its name tells no format",
        remedy=f"rename it, or say which format it has ({known}; each also with .gz or .zst)",
        source=str(path),
    )
