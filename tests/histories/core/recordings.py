"""Recordings in JSONL for the tests of the scan: made at random, corrupted, read by plain Python."""

from __future__ import annotations

import io
import json
import random
from array import array
from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import strategies as st

from holdfast.histories.core import Scanned
from holdfast.histories.formats import Limits
from holdfast.histories.formats.jsonl import Jsonl
from holdfast.histories.history import History
from holdfast.models.value import freeze

LIMITS = Limits(line_bytes_max=400, events_max=30)

Row = dict[str, Any]

OUTCOMES = ("ok", "fail", "info")
KEYS = (None, "k", "schlüssel", 1, True, -0.5, [1, "k"], {"k": None})
VALUES: tuple[Any, ...] = (
    *KEYS,
    "",
    '"\\\n',
    "\x7f\u20ac\U0001f600",
    10**30,
    -1,
    0.25,
    1e-7,
    [[]],
    {"a": {"b": []}},
)
EXTRA = (None, {"zone": [1, {"value": 2}], "names": "Grüße"}, {"": "", "types": 1, "fs": "\\"})
SPACES = ("", "", "", " ", "\t", " \r ")


@st.composite
def recordings(draw: st.DrawFn) -> bytes:
    """Return a valid recording: any fields in any order, written in any way."""
    steps = draw(
        st.lists(
            st.tuples(
                st.integers(0, 3),
                st.sampled_from(["ok", "fail", "info", "nemesis"]),
                st.sampled_from(["read", "write", "读"]),
                st.sampled_from(VALUES),
                st.sampled_from(KEYS),
                st.integers(0, 2),
                st.sampled_from(EXTRA),
            ),
            min_size=1,
            max_size=LIMITS.events_max,
        )
    )
    timed = draw(st.booleans())
    layout = random.Random(draw(st.integers(0, 1 << 16)))
    lines = []
    processes: list[Any] = [0, -7, "a", "µ b"]
    open_calls: dict[int, tuple[str, Any]] = {}
    time = 0
    for index, (client, kind, f, value, key, gap, extra) in enumerate(steps):
        time += gap
        event: dict[str, Any] = {"value": value, "error": value if gap else None, **(extra or {})}
        if kind == "nemesis":
            event |= {"type": "info", "process": "nemesis", "f": f, "node": "n1"}
        elif client in open_calls:
            event |= {"type": kind, "process": processes[client]}
            event["f"], event["key"] = open_calls.pop(client)
            if kind == "info":
                processes[client] = f"process {index}"
        else:
            open_calls[client] = (f, key)
            event |= {"type": "invoke", "process": processes[client], "f": f, "key": key}
        event |= {"index": index * 3} if gap else {}
        event |= {"time": time} if timed else {}
        lines.append(_line(event, layout))
    end = layout.choice(["\n", "\n", "\r\n", ""])
    return "\n".join(lines).encode() + end.encode()


def _line(event: dict[str, Any], layout: random.Random) -> str:
    names = [name for name in event if event[name] is not None or layout.random() < 0.5]
    layout.shuffle(names)

    def space() -> str:
        return layout.choice(SPACES)

    def said(name: str) -> str:
        # Keys are compared as they are written, and names and functions have no escapes.
        escapes = name in {"value", "error", "node"} and layout.random() < 0.5
        return json.dumps(event[name], ensure_ascii=escapes)

    members = [
        f"{space()}{json.dumps(name)}{space()}:{space()}{said(name)}{space()}" for name in names
    ]
    return f"{space()}{{{','.join(members)}}}{space()}"


SNIPPETS = (
    *rb"""null true -0 -1 1.0 1e3 00 01 1e400 1e99 1. .5 +1 NaN Infinity 9223372036854775807
    9223372036854775808 18446744073709551616 [] {} [[[ ]]] \ \u0000 \ud83d\ude00 \ud800 \udc00 \u12
    \x " "" , : { } "type":"ok", "process":1, "f":"read", "time":0, "index":null, "\u0066":"x",
    "value":1, "k":1, nemesis invoke info""".split(),
    *(b"\n", b"\r", b"\0", b" ", b"\x1f", b"\xc0\xaf", b"\xe0\x80\x80", b"\xf4\x90\x80\x80"),
    *(b"\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf4\x8f\xbf\xbf"),
)


def corrupted(content: bytes, chance: random.Random) -> bytes:
    """Return ``content`` with a small accident."""
    if chance.random() < 0.2:
        lines = content.splitlines(keepends=True)
        chance.shuffle(lines)
        return b"".join(lines[: chance.choice([len(lines), chance.randrange(len(lines) + 1)])])
    # Half of the accidents fall on what has a meaning: a value, a name, a number.
    marks = chance.choice([bytes(range(256)), b'":,{}[]', b"0123456789"])
    at = chance.choice([place for place, byte in enumerate(content) if byte in marks] or [0])
    before, after = content[:at], content[at:]
    return chance.choice(
        [
            before,
            before + after[chance.randrange(4) :],
            before + chance.choice(SNIPPETS) + after,
            before + chance.choice(SNIPPETS) + after[1:],
            before + after[: chance.randrange(60)] + after,
            before + bytes([chance.randrange(256)]) + after[1:],
            before + bytes([chance.choice(b"0123456789-.eE")]) + after[1:],
        ]
    )


def read(content: bytes, limits: Limits = LIMITS) -> tuple[list[Row], list[int], int, bool]:
    """Return what ``seen`` does, from plain Python.

    Raises:
        ValueError: the reader or the history refuses the content.
    """
    lines = list(Jsonl().read(io.BytesIO(content), "h.jsonl", limits))
    if not 0 < len(lines) <= limits.events_max:
        raise ValueError("no events, or too many")
    history = History.from_lines(lines, source="h.jsonl")
    offsets = [0]
    for line in content.split(b"\n"):
        offsets.append(offsets[-1] + len(line) + 1)
    begins = {id(event): offsets[number - 1] for number, event in lines}
    rows = [
        {
            "invoked": operation.invoked,
            "completed": -1 if operation.completed is None else operation.completed,
            "outcome": operation.outcome.value,
            "f": operation.f,
            "process": operation.process,
            "key": operation.key,
            "value": operation.value,
            "answer": operation.error if operation.outcome.value == "fail" else operation.result,
            "begins": begins[id(operation.invocation)],
            "ends": -1 if operation.completion is None else begins[id(operation.completion)],
            "line": history.line_of(operation),
        }
        for operation in history
    ]
    notes = [begins[id(note)] for note in history.notes]
    return rows, notes, len(history.events), history.timed


def seen(scanned: Scanned) -> tuple[list[Row], list[int], int, bool]:
    """Return the operations that the columns tell, the bytes where notes begin, events, timed."""
    functions, processes, keys, values = (
        [freeze(msgspec.json.decode(text)) for text in table]
        for table in (scanned.functions, scanned.processes, scanned.keys, scanned.values)
    )
    columns: dict[str, Sequence[Any]] = {
        "invoked": array("q", scanned.invoked),
        "completed": array("q", scanned.completed),
        "outcome": [OUTCOMES[number] for number in scanned.outcome],
        "f": [functions[number] for number in array("i", scanned.f)],
        "process": [processes[number] for number in array("i", scanned.process)],
        "key": [keys[number] for number in array("i", scanned.key)],
        "value": [values[number] for number in array("i", scanned.value)],
        "answer": [values[number] for number in array("i", scanned.answer)],
        "begins": array("q", scanned.begins),
        "ends": array("q", scanned.ends),
        "line": array("i", scanned.line),
    }
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return rows, list(array("q", scanned.notes)), scanned.events, scanned.timed
