"""What a file format of histories is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Protocol, runtime_checkable

from attrs import frozen

from holdfast.histories.history import History, Line
from holdfast.histories.operation import Event


@frozen
class Limits:
    """How much is read from one file before reading ends with an error.

    They are far above any history that can be checked. What they end is a file that is no history,
    or a small compressed file that would unpack until the memory is full.

    Args:
        line_bytes_max: the longest line, its line break included.
        events_max: the most events.
        total_bytes_max: the most bytes in all, counted after decompression.
    """

    line_bytes_max: int = 1 << 20
    events_max: int = 20_000_000
    total_bytes_max: int = 1 << 32


class Format(Protocol):
    """A way to write a history down."""

    @property
    def suffixes(self) -> Sequence[str]:
        """The endings of such files' names, each with its dot, in lower case; there may be none."""
        ...

    def read(self, stream: BinaryIO, source: str, limits: Limits) -> Iterator[Line]:
        """Yield each event with its line, as soon as that line is read.

        Args:
            stream: the file's content, decompressed; it keeps to ``limits.total_bytes_max`` itself.
            source: the file's name, for messages.
            limits: what to read at most; the events are counted by the caller.

        Raises:
            HistoryError: a line holds no event; it names line and remedy.
        """
        ...


@runtime_checkable
class RecognizedFormat(Format, Protocol):
    """A format that a file's content shows, for files whose names tell none."""

    def recognizes(self, start: bytes) -> bool:
        """Return whether a file that begins with ``start`` has this format and no other."""
        ...


@runtime_checkable
class ScannableFormat(Format, Protocol):
    """A format of which a whole file can be turned into columns at one go."""

    def scan(self, content: bytes, source: str, limits: Limits) -> History | None:
        """Return the history in ``content``, or ``None`` where it has to be read event by event.

        It may always return ``None``; what is wrong with a file is then said by ``read``.
        """
        ...


@runtime_checkable
class WritableFormat(Format, Protocol):
    """A format that histories can be written in, too."""

    def write(self, events: Iterable[Event], stream: BinaryIO) -> None:
        """Write ``events``, in their order.

        Raises:
            ValueError: an event cannot be written in this format; the message says why.
        """
        ...
