"""``holdfast check -``: events are judged as they come, up to the one that no order of effects explains."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from attrs import frozen

from holdfast.checker.options import UsageError, parse_model, parse_models, recorded_model
from holdfast.checker.stream import Stream, Violation
from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import DEFAULT_LIMITS
from holdfast.histories.formats.jsonl import Jsonl
from holdfast.histories.header import HEADER, Header
from holdfast.histories.history import History, Line
from holdfast.histories.operation import NEMESIS, Event
from holdfast.models.model import InvalidCall, Model
from holdfast.models.value import Value, thaw

PIPE = Path("-")
SOURCE = "standard input"


@frozen
class Piped:
    """What came through the pipe.

    Args:
        history: the events, up to the one that ended it.
        lines: how many lines were read.
        violation: what was found; ``None`` if the pipe came to its end.
    """

    history: History
    lines: int
    violation: Violation | None


class InterruptedPipe(KeyboardInterrupt):
    """Ctrl-C came while the pipe was read.

    Args:
        lines: how many lines had been read.
    """

    def __init__(self, lines: int) -> None:
        super().__init__(lines)
        self.lines = lines


class NamedModels:
    """Which model each key follows: as the command line says, or else as the recording's first line says.

    Args:
        texts: the values of ``--model``.
        only: the keys to judge; all if it is empty.
        ours: whether this process makes the recording, so that what it names is the user's own word.
    """

    def __init__(self, texts: list[str], only: list[str], *, ours: bool = False) -> None:
        self._ours = ours
        self._for_all, self._by_key = parse_models(texts)
        self._only = only
        self._recorded: dict[str, str] = {}

    def note(self, event: Event) -> None:
        """Take in a note, which may be the header of a recording."""
        if event.f == HEADER:
            try:
                header = msgspec.convert(thaw(event.value), type=Header)
            except (msgspec.ValidationError, TypeError):
                return
            self._recorded = dict(header.models)

    def name_of(self, key: Value) -> str | None:
        """Return the name of the key's model, or ``None`` if the key is not to be judged.

        Raises:
            UsageError: nobody says which model it follows.
        """
        if self._only and str(key) not in self._only:
            return None
        name = self._by_key.get(str(key), self._for_all)
        if name is None and str(key) in self._recorded:
            named = self._recorded[str(key)]
            name = named if self._ours else recorded_model(named)
        if name is None:
            option = "--model NAME" if key is None else f"--model {key}=NAME"
            raise UsageError(
                f"nothing says which model {'it' if key is None else f'key {key!r}'} follows; "
                f"say {option} (see holdfast list models)"
            )
        return name

    def __call__(self, key: Value) -> Model[Any] | None:
        """Return the key's model, or ``None`` if it is not to be judged."""
        name = self.name_of(key)
        return None if name is None else parse_model(name)


def read_pipe(
    models: NamedModels, stream: BinaryIO | None = None, *, format: str | None = None
) -> Piped:
    """Return what came through a pipe, read up to the event that makes it not linearizable.

    Args:
        models: which model each key follows.
        stream: where JSONL events come from; standard input by default.
        format: must be JSONL, if it is given.

    Raises:
        HistoryError: a line holds no event, or one that cannot have happened there.
        UsageError: a key has no model, or another format is asked for.
        InterruptedPipe: Ctrl-C came.
    """
    if format not in (None, "jsonl"):
        raise UsageError(f"--format {format}: only jsonl can be judged as it comes")
    reading = _Reading(models, sys.stdin.buffer if stream is None else stream)
    try:
        history = History.from_lines(reading.lines(), source=SOURCE)
    except KeyboardInterrupt:
        raise InterruptedPipe(reading.last) from None
    return Piped(history, reading.last, reading.violation)


class _Reading:
    """A pipe while it is read.

    Attributes:
        last: the last line that was read.
        violation: what was found, if anything was.
    """

    def __init__(self, models: NamedModels, stream: BinaryIO) -> None:
        self.last = 0
        self.violation: Violation | None = None
        self._models = models
        self._judge = Stream(models)
        self._stream = stream

    def lines(self) -> Iterator[Line]:
        """Yield lines; each is judged once whoever takes them has found nothing wrong with it."""
        for number, event in Jsonl().read(self._stream, SOURCE, DEFAULT_LIMITS):
            yield number, event
            self.last = number
            if event.process == NEMESIS:
                self._models.note(event)
            self.violation = _judged(self._judge.add, number, event)
            if self.violation is not None:
                return


def _judged(
    add: Callable[[Event], Violation | None], number: int, event: Event
) -> Violation | None:
    try:
        return add(event)
    except InvalidCall as error:
        raise HistoryError(
            f"{event.f!r} by process {event.process!r} does not fit the model: {error}",
            remedy="choose the model that was recorded (holdfast list models)",
            source=SOURCE,
            line=number,
        ) from None
