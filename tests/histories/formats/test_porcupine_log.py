"""Porcupine's logs: what Jepsen logs, maps by the line, and what is passed over or refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import DEFAULT_LIMITS, Limits, read_events, read_history
from holdfast.histories.formats.porcupine_log import PorcupineLog
from holdfast.histories.history import Line
from holdfast.histories.operation import NEMESIS, Event


def read(text: str) -> list[Line]:
    return list(PorcupineLog().read(io.BytesIO(text.encode()), "h.log", DEFAULT_LIMITS))


LOGGED = {
    "a read": ("3\t:invoke\t:read\tnil", Event("invoke", 3, "read")),
    "what it read": ("3\t:ok\t:read\t4", Event("ok", 3, "read", 4)),
    "that it read nothing": ("3\t:ok\t:read\tnil", Event("ok", 3, "read")),
    "a word": ("3\t:ok\t:read\t:empty", Event("ok", 3, "read", "empty")),
    "a write": ("13\t:invoke\t:write\t12", Event("invoke", 13, "write", 12)),
    "a compare-and-set": ("0\t:invoke\t:cas\t[3 0]", Event("invoke", 0, "cas", (3, 0))),
    "one that found another value": ("0\t:fail\t:cas\t[3 0]", Event("fail", 0, "cas", (3, 0))),
    "one that timed out": (
        "0\t:info\t:cas\t:timed-out",
        Event("info", 0, "cas", error="timed-out"),
    ),
    "a read that timed out": (
        "0\t:fail\t:read\t:timed-out",
        Event("fail", 0, "read", error="timed-out"),
    ),
    "an error behind the value": (
        "0\t:fail\t:read\t:x\t:timed-out",
        Event("fail", 0, "read", "x", error="timed-out"),
    ),
    "an error in words": (
        "0\t:info\t:write\t5\tconnection (to n1)\trefused",
        Event("info", 0, "write", 5, error="connection (to n1)\trefused"),
    ),
    "strings": ('0\t:ok\t:get\t"a\\tb é"', Event("ok", 0, "get", "a\tb é")),
    "the nemesis": (
        ':nemesis\t:info\t:start\t"cut off [n1"',
        Event("info", NEMESIS, "start", "cut off [n1"),
    ),
    "what the nemesis says in words": (
        ":nemesis\t:info\t:start\tCut off {:n1 #{:n2",
        Event("info", NEMESIS, "start", "Cut off {:n1 #{:n2"),
    ),
}
PREFIXES = (
    "INFO  jepsen.util - ",
    "",
    "2026-01-02 03:04:05,678{GMT}\tINFO\t[jepsen worker 3] jepsen.util: ",
)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("line", "event"), LOGGED.values(), ids=LOGGED)
def test_what_is_logged(line: str, event: Event, prefix: str, line_break: str) -> None:
    ((number, logged),) = read(prefix + line + line_break)
    assert number == 1
    assert repr(logged) == repr(event)


def test_other_lines_are_passed_over() -> None:
    log = """\ufeff
INFO  jepsen.core - nodes up
INFO  jepsen.util - 0\t:invoke\t:read\tnil
WARN  jepsen.core - process 0: read\t:timed out
java.net.ConnectException: 3\trefused
\tat a.B(C.java:12)

INFO  jepsen.util - waiting
INFO  jepsen.util - 0\t:ok\t:read\t1
"""
    assert read(log) == [(3, Event("invoke", 0, "read")), (9, Event("ok", 0, "read", 1))]


MAPS = """
{:process 0, :type :invoke, :f :append, :key "4", :value "x 0 0 y"}
{:process 1, :type :invoke, :f :get, :key "4", :value nil}
{:process 1, :type :ok, :f :get, :key "4", :value ""}

{:process 0, :type :ok, :f :append, :key "4", :value "x 0 0 y"}
{:process 2, :type :invoke, :f :put, :key "5", :value "z"}
"""


def test_maps_by_the_line_are_split_by_key(tmp_path: Path) -> None:
    path = tmp_path / "h.txt"
    path.write_text(MAPS)
    for format in ("porcupine-log", "jepsen-edn", None):
        history = read_history(path, format)
        assert history.keys() == ("4", "5")
        assert [(operation.f, operation.value, operation.result) for operation in history] == [
            ("append", "x 0 0 y", "x 0 0 y"),
            ("get", None, ""),
            ("put", "z", None),
        ]
        assert [history.line_of(operation) for operation in history] == [2, 3, 7]


FOUR = "an event is process, :type, :f and value, with a tab before each but the first"
EDN = "the file must be EDN, as Clojure prints it"
TEXT = "a log is a text file in UTF-8"
START = "INFO  jepsen.util - "
GOOD = f"{START}0\t:invoke\t:read\tnil\n"
WRONG = {
    "no value": (f"{START}0\t:invoke\t:read\n", "this event is not complete", FOUR),
    "cut in the function": (f"{START}0\t:ok\t:re", "this event is not complete", FOUR),
    "cut in the type": (f"{START}0\t:o", "this event is not complete", FOUR),
    "another type": (f"{START}0\t:done\t:read\t1\n", "this event is not complete", FOUR),
    "no bare function": (f"{START}0\t:ok\tread\t1\n", "this event is not complete", FOUR),
    "an empty value": (
        f"{START}0\t:ok\t:read\t\n",
        "its value cannot be read: it ends in the middle of a value",
        EDN,
    ),
    "a value cut off": (
        f"{START}0\t:ok\t:cas\t[1 2",
        "its value cannot be read: it ends in the middle of a value",
        EDN,
    ),
    "two values": (
        f"{START}0\t:ok\t:read\t1 2\n",
        "its value cannot be read: it is not exactly one value",
        EDN,
    ),
    "a bottomless value": (
        f"{START}0\t:ok\t:read\t{'[' * 1000}\n",
        "its value cannot be read: its value is nested too deeply",
        "record a flatter value",
    ),
    "a number that may be cut off": (
        f"{START}0\t:ok\t:read\t1",
        "the file ends in the middle of this line, or right behind it",
        "remove the line if the recording was cut off, else end it with a line break",
    ),
    "zero bytes": ("\0\0\n", "this is binary data", TEXT),
}


@pytest.mark.parametrize(("line", "problem", "remedy"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_line_and_remedy(line: str, problem: str, remedy: str) -> None:
    with pytest.raises(HistoryError) as caught:
        read(GOOD + line)
    assert str(caught.value) == f"h.log:2: {problem}; {remedy}"


@pytest.mark.parametrize("line", ["0\t:ok\t:cas\t[1 2]", "0\t:ok\t:read\tnil", '0\t:ok\t:r\t"a"'])
def test_a_last_line_that_is_certainly_whole_needs_no_line_break(line: str) -> None:
    assert read(GOOD + line) == read(GOOD + line + "\n")


@pytest.mark.parametrize(
    "line", ["0\t:info\t:write\t:timed", "0\t:fail\t:cas\t1", "0\t:invoke\t:w\t1"]
)
def test_what_a_cut_cannot_falsify_is_read(line: str) -> None:
    assert len(read(GOOD + line)) == 2


def test_another_encoding_is_told() -> None:
    log = io.BytesIO(GOOD.encode() + b"\xff\n")
    with pytest.raises(HistoryError, match=rf"h:2: this is not UTF-8 \(.*\); {TEXT}"):
        list(PorcupineLog().read(log, "h", DEFAULT_LIMITS))


def test_a_map_that_is_wrong_is_told_with_its_line() -> None:
    with pytest.raises(HistoryError, match=r"h\.log:9: it has no :type"):
        read(MAPS + "\n{:process 0}\n")


def test_the_longest_line_is_limited() -> None:
    log = io.BytesIO((GOOD + "x" * 2000).encode())
    with pytest.raises(HistoryError, match=r"h:2: the line is longer than 1,000 bytes; .*Limits"):
        list(PorcupineLog().read(log, "h", Limits(line_bytes_max=1000)))


@pytest.mark.parametrize("text", ["", "\n\n", "INFO  jepsen.core - etcd did not start\n"])
def test_a_log_of_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "h.log"
    path.write_text(text)
    with pytest.raises(HistoryError, match="it holds no events"):
        read_history(path, "porcupine-log")


def test_a_log_of_faults_alone_is_a_history_without_operations(tmp_path: Path) -> None:
    path = tmp_path / "h.log"
    path.write_text(f"{START}:nemesis\t:info\t:start\tnil\n")
    history = read_history(path)
    assert (len(history), len(history.notes)) == (0, 1)


def test_events_are_given_before_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "h.log"
    path.write_text(GOOD + "0\t:nonsense\n")
    lines = read_events(path)
    assert next(lines) == (1, Event("invoke", 0, "read"))
    with pytest.raises(HistoryError):
        next(lines)


def problem_of(content: bytes) -> Any:
    try:
        list(PorcupineLog().read(io.BytesIO(content), "h.log", DEFAULT_LIMITS))
    except HistoryError as error:
        return error
    return None


@given(line=st.text('0\t:invoke fal[]{}"\\#\n\x00é', max_size=40))
def test_whatever_the_log_it_is_read_or_refused_in_one_line(line: str) -> None:
    for start in ("", GOOD, START, f"{START}0\t:ok\t:read\t"):
        told = problem_of((start + line).encode())
        assert told is None or (str(told).isprintable() and told.line is not None)


@given(values=st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_wherever_a_log_is_cut_no_value_is_falsified(values: list[int]) -> None:
    lines = [f"{START}{n}\t:ok\t:read\t{value}\n" for n, value in enumerate(values)]
    text = "".join(lines)
    whole = read(text)
    for end in range(1, len(text)):
        if problem_of(text[:end].encode()) is None:
            assert read(text[:end]) == whole[: text[:end].count("\n")]
