"""Every way in which a line can be wrong has its own words and its own remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import Limits, read_history, write_history
from holdfast.histories.operation import Event

GOOD = b'{"type":"invoke","process":0,"f":"read"}\n'
TEXT = "a history is a text file with one JSON object a line"
OBJECT = "each line is one event: an object with at least type, process and f"


def field(name: str, rule: str, value: str) -> tuple[bytes, str, str]:
    """A line on which the field ``name`` is ``value``, and how that is told."""
    fields = {"type": '"ok"', "process": "0", "f": '"read"', name: value}
    line = ", ".join(f'"{key}": {text}' for key, text in fields.items())
    return f"{{{line}}}\n".encode(), f"its {name} is {value}", f"{name} must be {rule}"


def missing(name: str, rule: str) -> tuple[bytes, str, str]:
    fields = {"type": '"ok"', "process": "0", "f": '"read"'}
    line = ", ".join(f'"{key}": {text}' for key, text in fields.items() if key != name)
    return (
        f"{{{line}}}\n".encode(),
        f"the field {name} is missing",
        f"every event has type, process and f; {name} is {rule}",
    )


NATURAL = "a whole number that is not negative"
TIME = "whole nanoseconds since the start of the recording, not negative"
TYPE = '"invoke", "ok", "fail" or "info"'
PROCESS = "a whole number or a string"
FUNCTION = "a string, the function called"
CUT = ("the file ends in the middle of this line", "remove the line if the recording was cut off")

WRONG: dict[str, tuple[bytes, str, str]] = {
    "no process": missing("process", PROCESS),
    "no type": missing("type", TYPE),
    "no function": missing("f", FUNCTION),
    "an unknown type": field("type", TYPE, '"okay"'),
    "a type in capitals": field("type", TYPE, '"OK"'),
    "a type that is a number": field("type", TYPE, "1"),
    "a type that is null": field("type", TYPE, "null"),
    "a time that is a bool": field("time", TIME, "true"),
    "a negative time": field("time", TIME, "-1"),
    "a time in seconds": field("time", TIME, "1.5"),
    "a time that is a round float": field("time", TIME, "1.0"),
    "a time that is text": field("time", TIME, '"12"'),
    "a negative index": field("index", NATURAL, "-1"),
    "an index that is a bool": field("index", NATURAL, "false"),
    "a process that is a float": field("process", PROCESS, "1.5"),
    "a process that is a bool": field("process", PROCESS, "true"),
    "a process that is null": field("process", PROCESS, "null"),
    "a function that is a number": field("f", FUNCTION, "7"),
    "a node that is a number": field("node", "a string", "1"),
    "a process that is a list": (
        b'{"type":"ok","process":[1],"f":"read"}\n',
        "its process is a list",
        f"process must be {PROCESS}",
    ),
    "a function that is an object": (
        b'{"type":"ok","process":1,"f":{}}\n',
        "its f is an object",
        f"f must be {FUNCTION}",
    ),
    "a wrong field beside an extra one": (
        b'{"type":"ok","process":1.5,"f":"read","zone":1}\n',
        "its process is 1.5",
        f"process must be {PROCESS}",
    ),
    "a list": (b"[1]\n", "this is not a JSON object", OBJECT),
    "a word": (b'"read"\n', "this is not a JSON object", OBJECT),
    "a number": (b"12\n", "this is not a JSON object", OBJECT),
    "text": (
        b"read 12\n",
        "this is not JSON (",
        TEXT,
    ),
    "text without a line break": (
        b"read 12",
        "this is not JSON (",
        TEXT,
    ),
    "two events on a line": (
        GOOD.strip() + GOOD,
        "this is not JSON (",
        TEXT,
    ),
    "a cut line that others follow": (
        b'{"type":"ok","proc\n',
        "this is not JSON (",
        TEXT,
    ),
    "a cut line at the end": (b'{"type":"ok","proc', *CUT),
    "a brace at the end": (b"{", *CUT),
    "a cut within a character": ('{"type":"ok","process":"é'.encode()[:-1], *CUT),
    "NaN": (
        b'{"type":"ok","process":0,"f":"read","value":NaN}\n',
        "NaN is not JSON",
        "write null or a string in its place",
    ),
    "an infinity deep inside": (
        b'{"type":"ok","process":0,"f":"read","value":["NaN",{"a":-Infinity}]}\n',
        "-Infinity is not JSON",
        "write null or a string in its place",
    ),
    "a number beyond all floats": (
        b'{"type":"ok","process":0,"f":"read","value":1e999}\n',
        "it holds a number that is out of range",
        "write the number as a string",
    ),
    "a number of five thousand digits": (
        b'{"type":"ok","process":0,"f":"read","value":' + b"7" * 5000 + b"}\n",
        "it holds a number that is out of range",
        "write the number as a string",
    ),
    "zero bytes": (b"\0" * 10 + b"\n", "this is binary data", TEXT),
    "a program": (b"\x7fELF\x02\x01\x01\0\0\n", "this is binary data", TEXT),
    "UTF-16": ('{"type"'.encode("utf-16"), "this is binary data", TEXT),
    "another encoding": (
        '{"type":"ok","process":"é"}\n'.encode("latin-1"),
        "this is not UTF-8 (invalid continuation byte)",
        f"{TEXT}, in UTF-8",
    ),
    "another encoding in an extra field": (
        b'{"type":"ok","process":0,"f":"read","zone":"\xff"}\n',
        "this is not UTF-8 (invalid start byte)",
        f"{TEXT}, in UTF-8",
    ),
    "a bottomless list": (
        b'{"type":"ok","process":0,"f":"read","value":' + b"[" * 100_000 + b"\n",
        "its value is nested too deeply",
        "record a flatter value",
    ),
    "a list deeper than our own recursion": (
        b'{"type":"ok","process":0,"f":"read","value":' + b"[" * 700 + b"]" * 700 + b"}\n",
        "its value is nested too deeply",
        "record a flatter value",
    ),
}


@pytest.mark.parametrize(("line", "problem", "remedy"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("before", [GOOD, GOOD[:-2] + b',"zone":1}\n'], ids=["fast", "careful"])
def test_a_wrong_line_is_told_with_its_number_and_remedy(
    tmp_path: Path, before: bytes, line: bytes, problem: str, remedy: str
) -> None:
    path = tmp_path / "h.jsonl"
    path.write_bytes(b"\n" + before + line)
    with pytest.raises(HistoryError) as caught:
        read_history(path)
    # After "this is not JSON (" come the decoder's own words.
    assert str(caught.value).startswith(f"{path}:3: {problem}")
    assert str(caught.value).endswith(f"; {remedy}")
    assert str(caught.value).isprintable()


def test_wherever_a_file_is_cut_it_is_read_or_the_cut_is_told(tmp_path: Path) -> None:
    """The recorder appends whole lines, so a cut tail is at most one line."""
    path = tmp_path / "h.jsonl"
    write_history([Event("invoke", n, "f", "ü", extra={"zone": 1}) for n in range(2)], path)
    content = path.read_bytes()
    first = content.index(b"\n") + 1
    for end in range(first, len(content) + 1):
        path.write_bytes(content[:end])
        if end == first or end >= len(content) - 1:
            assert len(read_history(path)) == (1 if end == first else 2)
            continue
        with pytest.raises(HistoryError) as caught:
            read_history(path)
        assert (caught.value.line, caught.value.problem, caught.value.remedy) == (2, *CUT)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"x" * 2000, "longer than 1,000 bytes"), (b"\0" * 2000, "this is binary data")],
    ids=["text", "binary"],
)
def test_a_line_without_end_is_told_for_what_it_is(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "h.jsonl"
    path.write_bytes(GOOD + content)
    with pytest.raises(HistoryError, match=problem) as caught:
        read_history(path, limits=Limits(line_bytes_max=1000))
    assert caught.value.line == 2


def test_blank_lines_are_limited_like_events(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    path.write_bytes(GOOD + b"\n" * 100)
    with pytest.raises(HistoryError, match="more than 50 lines") as caught:
        read_history(path, limits=Limits(events_max=50))
    assert caught.value.line == 51


def test_a_hostile_name_or_value_does_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31mb\n.jsonl"
    path.write_bytes(b'{"type":"\\u001b[2J\xe2\x80\xae","process":0,"f":"read"}\n')
    with pytest.raises(HistoryError) as caught:
        read_history(path)
    assert str(caught.value).isprintable()
    assert r"a\x1b[31mb\n.jsonl:1: its type is" in str(caught.value)
