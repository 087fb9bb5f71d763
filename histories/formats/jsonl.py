"""JSONL: one event a line, a JSON object with Jepsen's field names."""

from __future__ import annotations

import io
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Annotated, Any, BinaryIO, Literal

import msgspec

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import FORMATS, jsonl_refusals
from holdfast.histories.formats.format import Limits
from holdfast.histories.formats.jsonl_refusals import RefusalAt
from holdfast.histories.formats.jsonl_scan import scanned
from holdfast.histories.history import History, Line
from holdfast.histories.operation import NO_EXTRA, Event
from holdfast.models.value import FrozenMapping, freeze

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Natural = Annotated[int, msgspec.Meta(ge=0)]


class _Fields(msgspec.Struct, gc=False, kw_only=True):
    """The fields of a line that holdfast knows, in the order in which they are written."""

    index: Natural | None = None
    time: Natural | None = None
    type: Literal["invoke", "ok", "fail", "info"]
    process: int | str
    f: str
    value: Any = None
    key: Any = None
    node: str | None = None
    error: Any = None


class _NoOtherFields(_Fields, forbid_unknown_fields=True, gc=False):
    """A line without any other field."""


KNOWN = _Fields.__struct_fields__

_start = re.compile(rb"(?:\xef\xbb\xbf)?\s*+\{\s*+\"").match
_fields_of = msgspec.json.Decoder(_NoOtherFields).decode
_data_of = msgspec.json.Decoder().decode


class Jsonl:
    """One event a line, a JSON object: index, time (ns), type, process, f, value, key, node, error.

    Fields that holdfast does not know are kept in ``Event.extra`` and written back. A field that is
    ``None`` is left out.
    """

    suffixes = (".jsonl",)

    def recognizes(self, start: bytes) -> bool:
        """Return whether a file that begins with ``start`` holds JSON objects."""
        return _start(start) is not None

    def read(self, stream: BinaryIO, source: str, limits: Limits) -> Iterator[Line]:
        """Yield each event with its line; blank lines are skipped.

        Raises:
            HistoryError: a line holds no event; it names line and remedy.
        """
        longest = limits.line_bytes_max
        has_extra = False
        for number, line in enumerate(iter(partial(stream.readline, longest + 1), b""), start=1):
            if len(line) > longest:
                raise jsonl_refusals.too_long(line, longest, _refusal_at(source, number))
            # Decoding into a fixed set of fields is fast, and what it refuses is read again with
            # care. After a line with extra fields it is not tried: the next will have them too.
            if not has_extra:
                try:
                    event = _event(_fields_of(line), NO_EXTRA)
                except (ValueError, RecursionError):
                    pass
                else:
                    yield number, event
                    continue
            text = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
            if text.strip():
                event = _read_with_care(text, source, number)
                has_extra = bool(event.extra)
                yield number, event
            elif number > limits.events_max:
                raise jsonl_refusals.too_many(limits.events_max, _refusal_at(source, number))

    def scan(self, content: bytes, source: str, limits: Limits) -> History | None:
        """Return the history in ``content``, or ``None`` where it has to be read line by line."""

        def all_events(content: bytes) -> Iterator[Event]:
            return (event for _, event in self.read(io.BytesIO(content), source, limits))

        return scanned(content, limits, source, _event_of, all_events)

    def write(self, events: Iterable[Event], stream: BinaryIO) -> None:
        """Write ``events``, a line each.

        Raises:
            ValueError: an event holds what JSON cannot say; the message names the field.
        """
        for event in events:
            stream.write(line_of(event))


FORMATS.register("jsonl")(Jsonl())


def line_of(event: Event) -> bytes:
    """Return ``event`` as a line of JSON, its line break included.

    Raises:
        ValueError: the event holds what JSON cannot say, or a field is of the wrong type.
    """
    data: dict[str, Any] = {}
    for name in KNOWN:
        value = getattr(event, name)
        if value is not None:
            data[name] = _plain(value, name)
    try:
        msgspec.convert(data, _Fields)
    except msgspec.ValidationError as error:
        name = jsonl_refusals.refused_field(error)
        rule = jsonl_refusals.RULES[name]
        raise ValueError(f"the event's {name} is {data.get(name)!r}; it must be {rule}") from None
    for name, value in event.extra.items():
        if name in KNOWN:
            raise ValueError(f"{name!r} is a field of every event and cannot be an extra one")
        data[name] = _plain(value, name)
    try:
        return msgspec.json.encode(data) + b"\n"
    except ValueError as error:  # half a surrogate pair, or an integer of thousands of digits
        raise ValueError(f"this event cannot be written as JSON: {error}") from None


def _event_of(line: bytes) -> Event:
    try:
        return _event(_fields_of(line), NO_EXTRA)
    except (ValueError, RecursionError):
        return _read_with_care(line, "", 0)


def _event(fields: _Fields, extra: Mapping[str, Any]) -> Event:
    value, key, error = fields.value, fields.key, fields.error
    if value.__class__ is list or value.__class__ is dict:
        value = freeze(value)
    if key.__class__ is list or key.__class__ is dict:
        key = freeze(key)
    if error.__class__ is list or error.__class__ is dict:
        error = freeze(error)
    # A history has few functions and nodes, and names each of them a million times.
    f = sys.intern(fields.f)
    node = fields.node if fields.node is None else sys.intern(fields.node)
    time, index = fields.time, fields.index
    return Event(fields.type, fields.process, f, value, time, index, key, node, error, extra)


def _read_with_care(line: bytes, source: str, number: int) -> Event:
    """Read a line that has extra fields, or say what is wrong with it."""
    try:
        data = _data_of(line)
    except RecursionError:
        raise jsonl_refusals.too_deep(_refusal_at(source, number)) from None
    except ValueError as error:
        raise jsonl_refusals.no_json(line, error, _refusal_at(source, number)) from None
    if not isinstance(data, dict):
        raise jsonl_refusals.no_object(_refusal_at(source, number))
    try:
        fields = msgspec.convert(data, _Fields)
        for name in KNOWN:
            data.pop(name, None)
        return _event(fields, FrozenMapping(data) if data else NO_EXTRA)
    except msgspec.ValidationError as error:
        raise jsonl_refusals.wrong_field(data, error, _refusal_at(source, number)) from None
    except RecursionError:
        raise jsonl_refusals.too_deep(_refusal_at(source, number)) from None


def _refusal_at(source: str, line: int) -> RefusalAt:
    return partial(HistoryError, source=source, line=line)


def _plain(value: Any, name: str) -> Any:
    """Return ``value`` in the types that msgspec writes as JSON and reads back as they were."""
    kind = value.__class__
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is float and math.isfinite(value):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item, name) for item in value]
    if isinstance(value, Mapping) and all(key.__class__ is str for key in value):
        return {key: _plain(item, name) for key, item in value.items()}
    raise ValueError(
        f"the event's {name} holds {value!r}, which JSON cannot say: use None, bool, int, finite "
        "float, str, list, and dict with str keys"
    )
