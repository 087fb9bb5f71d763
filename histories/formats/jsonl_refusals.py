"""What is wrong with a line of JSONL, in words and with the remedy."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from holdfast.histories.errors import HistoryError

RULES = {
    "index": "a whole number that is not negative",
    "time": "whole nanoseconds since the start of the recording, not negative",
    "type": '"invoke", "ok", "fail" or "info"',
    "process": "a whole number or a string",
    "f": "a string, the function called",
    "node": "a string",
}
"""What the fields must be; the others may be anything."""

TEXT = "a history is a text file with one JSON object a line"


class RefusalAt(Protocol):
    """Makes the error for one line of one file."""

    def __call__(self, problem: str, *, remedy: str) -> HistoryError:
        """Return the error with that problem and remedy."""
        ...


def no_object(at: RefusalAt) -> HistoryError:
    """Return the error for a line of JSON that is no object."""
    return at(
        "this is not a JSON object",
        remedy="each line is one event: an object with at least type, process and f",
    )


def too_deep(at: RefusalAt) -> HistoryError:
    """Return the error for a line whose value cannot be followed to its ground."""
    return at("its value is nested too deeply", remedy="record a flatter value")


def too_long(line: bytes, longest: int, at: RefusalAt) -> HistoryError:
    """Return the error for a line of which more than ``longest`` bytes were read."""
    return _binary(line, at) or at(
        f"the line is longer than {longest:,} bytes",
        remedy="record shorter values, or read it with a greater Limits.line_bytes_max",
    )


def too_many(most: int, at: RefusalAt) -> HistoryError:
    """Return the error for a file that goes on and on without events."""
    return at(f"it holds more than {most:,} lines, some of them blank", remedy=TEXT)


def no_json(line: bytes, error: ValueError, at: RefusalAt) -> HistoryError:
    """Return the error for a line that cannot be decoded.

    Args:
        line: what was read, with its line break unless the file ended before it.
        error: the decoder's own words.
        at: makes the error.
    """
    ended = line.endswith(b"\n")
    if refusal := _binary(line, at) or _no_text(line, ended, at):
        return refusal
    if not ended and line.lstrip().startswith(b"{"):
        return at(
            "the file ends in the middle of this line",
            remedy="remove the line if the recording was cut off",
        )
    if constant := _constant_in(line):
        return at(f"{constant} is not JSON", remedy="write null or a string in its place")
    if isinstance(error, msgspec.ValidationError):
        return at("it holds a number that is out of range", remedy="write the number as a string")
    return at(f"this is not JSON ({error})", remedy=TEXT)


def wrong_field(
    data: Mapping[str, Any], error: msgspec.ValidationError, at: RefusalAt
) -> HistoryError:
    """Return the error for an object of which a field is missing or of the wrong type."""
    name = refused_field(error)
    if name not in data:
        return at(
            f"the field {name} is missing",
            remedy=f"every event has type, process and f; {name} is {RULES[name]}",
        )
    return at(f"its {name} is {_spelled(data[name])}", remedy=f"{name} must be {RULES[name]}")


def refused_field(error: msgspec.ValidationError) -> str:
    """Return the name of the field that msgspec refused; it stands at the end of its message."""
    found = re.search(r"`(?:\$\.)?(\w+)`$", str(error))
    assert found is not None, f"no field is named in {error}"
    return found[1]


def _binary(line: bytes, at: RefusalAt) -> HistoryError | None:
    return at("this is binary data", remedy=TEXT) if b"\0" in line else None


def _no_text(line: bytes, ended: bool, at: RefusalAt) -> HistoryError | None:
    try:
        # A cut at the end of the file may go through the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(line, final=ended)
    except UnicodeDecodeError as error:
        return at(f"this is not UTF-8 ({error.reason})", remedy=f"{TEXT}, in UTF-8")
    return None


def _constant_in(line: bytes) -> str | None:
    """Return the first of NaN, Infinity and -Infinity that stands in the line as a value."""
    found: list[str] = []
    with suppress(ValueError, RecursionError):
        # The standard library reads them, against the standard, and tells when it does.
        json.loads(line, parse_constant=found.append)
    return found[0] if found else None


def _spelled(value: Any) -> str:
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    return msgspec.json.encode(value).decode()
