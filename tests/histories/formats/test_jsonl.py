"""JSONL: fields, values, and that the fast way and the careful way read the same."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.formats import DEFAULT_LIMITS, Limits
from holdfast.histories.formats.jsonl import KNOWN, Jsonl, line_of
from holdfast.histories.operation import NO_EXTRA, Event
from holdfast.models.value import FrozenMapping, freeze


def read(content: bytes) -> list[tuple[int, Event]]:
    return list(Jsonl().read(io.BytesIO(content), "h.jsonl", DEFAULT_LIMITS))


def read_one(line: bytes) -> Event:
    ((_, event),) = read(line)
    return event


READ = {
    "the least": (
        b'{"type":"ok","process":0,"f":"read"}',
        Event("ok", 0, "read"),
    ),
    "all fields, in any order and with spaces": (
        b' { "error": "e", "node": "n1", "key": "k", "value": 1, "f": "read", "process": "p",\t'
        b'"type": "info", "time": 5, "index": 4 } \r',
        Event("info", "p", "read", 1, time=5, index=4, key="k", node="n1", error="e"),
    ),
    "null is as good as left out": (
        b'{"type":"ok","process":0,"f":"read","value":null,"time":null,"index":null,"key":null,'
        b'"node":null,"error":null}',
        Event("ok", 0, "read"),
    ),
    "lists and objects are frozen, wherever they are": (
        b'{"type":"ok","process":0,"f":"cas","value":[1,[2,{"a":[3]}]],"key":{"k":[1]},'
        b'"error":["e"]}',
        Event(
            "ok",
            0,
            "cas",
            (1, (2, FrozenMapping({"a": [3]}))),
            key=FrozenMapping({"k": [1]}),
            error=("e",),
        ),
    ),
    "extra fields are kept, one of the name extra included": (
        b'{"type":"ok","process":0,"f":"read","extra":{"a":[1]},"link":null,"z":[2]}',
        Event("ok", 0, "read", extra=FrozenMapping({"extra": {"a": [1]}, "link": None, "z": [2]})),
    ),
    "escapes": (
        b'{"type":"ok","process":0,"f":"read","value":"\\u0000\\ud83d\\ude00\\n\\/"}',
        Event("ok", 0, "read", "\0\U0001f600\n/"),
    ),
    "the last of two equal names": (
        b'{"type":"ok","process":0,"f":"read","value":1,"value":2}',
        Event("ok", 0, "read", 2),
    ),
    "big numbers": (
        b'{"type":"ok","process":123456789012345678901234567890,"f":"read",'
        b'"value":[-123456789012345678901234567890,1e300,18446744073709551616]}',
        Event(
            "ok",
            123456789012345678901234567890,
            "read",
            (-123456789012345678901234567890, 1e300, 18446744073709551616),
        ),
    ),
}


@pytest.mark.parametrize(("line", "expected"), READ.values(), ids=READ)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""], ids=["unix", "windows", "no line break"])
def test_a_line_is_read(line: bytes, expected: Event, end: bytes) -> None:
    event = read_one(line + end)
    assert event == expected
    assert repr(event) == repr(expected)
    assert hash(event) == hash(expected)


@pytest.mark.parametrize(("line", "expected"), READ.values(), ids=READ)
def test_the_careful_way_reads_the_same_as_the_fast_one(line: bytes, expected: Event) -> None:
    """A line with an extra field, and every line after it, is read the careful way."""
    first = b'{"type":"ok","process":0,"f":"read","zone":1}\n'
    with_extra = line.replace(b'"f"', b'"zone":7,"f"')
    assert read(first + line + b"\n" + line)[1:] == [(2, expected), (3, expected)]
    event = read_one(with_extra)
    assert event.extra == {**expected.extra, "zone": 7}
    assert all(getattr(event, name) == getattr(expected, name) for name in KNOWN)


def test_lines_are_numbered_with_the_blank_ones() -> None:
    line = b'{"type":"invoke","process":0,"f":"read"}\n'
    assert [number for number, _ in read(b"\n" + line + b" \t\r\n\n" + line + b"\n")] == [2, 5]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_one(b'\xef\xbb\xbf{"type":"ok","process":0,"f":"read"}\n') == Event("ok", 0, "read")


def test_equal_names_are_one_object_and_events_without_extra_share_it() -> None:
    """It is what makes a million events fit."""
    line = b'{"type":"ok","process":0,"f":"compare and set","node":"node one"}\n'
    (_, first), (_, second) = read(line + line)
    assert first.f is second.f
    assert first.node is second.node
    assert first.extra is second.extra is NO_EXTRA


WRITTEN = {
    "in Jepsen's order, without what is not there": (
        Event("ok", 0, "read", time=5, index=4),
        '{"index":4,"time":5,"type":"ok","process":0,"f":"read"}',
    ),
    "frozen values as lists and objects": (
        Event("ok", 0, "cas", (1, FrozenMapping({"a": (2,)})), key=FrozenMapping({"k": 1})),
        '{"type":"ok","process":0,"f":"cas","value":[1,{"a":[2]}],"key":{"k":1}}',
    ),
    "extra fields behind the others, on top": (
        Event("ok", 0, "read", error="e", extra={"zone": [1], "extra": None}),
        '{"type":"ok","process":0,"f":"read","error":"e","zone":[1],"extra":null}',
    ),
    "zero, false and empty values": (
        Event("ok", 0, "", 0, time=0, index=0, key=False, node="", error=()),
        '{"index":0,"time":0,"type":"ok","process":0,"f":"","value":0,"key":false,"node":"",'
        '"error":[]}',
    ),
    "text in UTF-8, line breaks escaped": (
        Event("ok", "Grüße", "读", "a\nb\x7f\u2028\0"),
        '{"type":"ok","process":"Grüße","f":"读","value":"a\\nb\x7f\u2028\\u0000"}',
    ),
}


@pytest.mark.parametrize(("event", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_an_event_is_written_as_one_line(event: Event, expected: str) -> None:
    line = line_of(event)
    assert line == expected.encode() + b"\n"
    assert json.loads(line) == json.loads(expected)


SAYABLE = "which JSON cannot say: use None, bool, int, finite float, str, list, and dict"
NOT_WRITTEN: dict[str, tuple[Event, str]] = {
    "not a number": (Event("ok", 0, "f", float("nan")), f"value holds nan, {SAYABLE}"),
    "infinity inside": (Event("ok", 0, "f", (1, float("-inf"))), f"value holds -inf, {SAYABLE}"),
    "bytes": (Event("ok", 0, "f", key=b"k"), f"key holds b'k', {SAYABLE}"),
    "a set": (Event("ok", 0, "f", error={1}), f"error holds {{1}}, {SAYABLE}"),
    "a number as a name": (Event("ok", 0, "f", {1: 2}), f"value holds {{1: 2}}, {SAYABLE}"),
    "an object": (Event("ok", 0, "f", extra={"at": object()}), f"at holds <object.*{SAYABLE}"),
    "half a surrogate pair": (Event("ok", 0, "f", "\ud800"), "cannot be written as JSON: .*surrog"),
    "ten thousand digits": (Event("ok", 0, "f", 10**10_000), "cannot be written as JSON: .*digits"),
    "an extra field that is none": (
        Event("ok", 0, "f", extra={"time": 1}),
        "'time' is a field of every event and cannot be an extra one",
    ),
    "a process that is no client": (
        Event("ok", 1.5, "f"),  # type: ignore[arg-type]
        r"process is 1\.5; it must be a whole number or a string",
    ),
    "a process that is true": (Event("ok", True, "f"), "process is True; it must be a whole"),
    "a function that is no name": (
        Event("ok", 0, 7),  # type: ignore[arg-type]
        "f is 7; it must be a string",
    ),
    "no function": (
        Event("ok", 0, None),  # type: ignore[arg-type]
        "f is None; it must be a string",
    ),
    "a type that is none": (
        Event("okay", 0, "f"),  # type: ignore[arg-type]
        'type is \'okay\'; it must be "invoke", "ok"',
    ),
    "a time before the start": (Event("ok", 0, "f", time=-1), "time is -1; it must be whole nano"),
    "a time in seconds": (
        Event("ok", 0, "f", time=0.5),  # type: ignore[arg-type]
        r"time is 0\.5; it must be whole nanoseconds",
    ),
    "a node that is a number": (
        Event("ok", 0, "f", node=1),  # type: ignore[arg-type]
        "node is 1; it must be a string",
    ),
}


@pytest.mark.parametrize(("event", "problem"), NOT_WRITTEN.values(), ids=NOT_WRITTEN)
def test_what_could_not_be_read_again_is_not_written(event: Event, problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("{", r"\{")):
        line_of(event)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.binary()
        ),
        max_leaves=5,
    )
)
def test_a_value_is_written_so_that_it_comes_back_or_not_at_all(value: Any) -> None:
    try:
        line = line_of(Event("ok", 0, "f", value))
    except ValueError:
        return
    assert line.count(b"\n") == 1
    assert read_one(line) == Event("ok", 0, "f", freeze_like(value))


def freeze_like(value: Any) -> Any:
    """What JSON makes of a value, by the standard library, frozen."""
    return freeze(json.loads(json.dumps(value)))


def test_the_longest_line_is_read_and_the_next_is_not() -> None:
    line = line_of(Event("ok", 0, "f", "x" * 100))
    exact = Limits(line_bytes_max=len(line))
    assert len(list(Jsonl().read(io.BytesIO(line * 2), "h", exact))) == 2
    below = Limits(line_bytes_max=len(line) - 1)
    with pytest.raises(ValueError, match=r"h:1: the line is longer than \d+ bytes; .*Limits\.line"):
        list(Jsonl().read(io.BytesIO(line * 2), "h", below))
