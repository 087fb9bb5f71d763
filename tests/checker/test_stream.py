"""Histories judged as they come: from a pipe, key by key, and beside a live run."""

from __future__ import annotations

import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import termios
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.checker.test_cli import HELD_TWICE, TAKEN_IN_TURN, lines

from holdfast.checker.cli import main
from holdfast.checker.locks.certificate import TooManyHolders
from holdfast.checker.stream import Stream, Violation, Watcher
from holdfast.histories import Event
from holdfast.histories.header import HEADER, Header
from holdfast.histories.operation import NEMESIS
from holdfast.models.mutex import OwnedMutex
from holdfast.models.register import Register

UNTIMED = '{"type": "invoke", "process": 0, "f": "acquire", "value": "a"}'
GRANTED = '{"type": "ok", "process": 0, "f": "acquire", "value": "no number"}'


class _Pipe:
    """Standard input that tells how many lines were taken from it."""

    def __init__(self, rows: Sequence[str]) -> None:
        self.buffer = io.BytesIO("".join(row + "\n" for row in rows).encode())


def piped(
    monkeypatch: pytest.MonkeyPatch, rows: Sequence[str], *arguments: str
) -> tuple[int, io.BytesIO]:
    pipe = _Pipe(rows)
    monkeypatch.setattr(sys, "stdin", pipe)
    return main(["check", "-", *arguments]), pipe.buffer


def test_a_pipe_is_read_up_to_the_event_that_breaks_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [*lines(HELD_TWICE), "this line is never read"]
    code, rest = piped(monkeypatch, rows, "--model", "owned-mutex", "--json")
    (finding,) = json.loads(capsys.readouterr().out)
    assert code == 1
    assert finding["counterexample"]["certificate"]["rule"] == "TooManyHolders"
    # The fourth line grants the second.
    assert len(rest.read().splitlines()) == len(rows) - 4


def test_a_pipe_that_ends_well_is_linearizable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, rest = piped(monkeypatch, lines(TAKEN_IN_TURN), "--model", "owned-mutex")
    assert (code, rest.read()) == (0, b"")
    assert "LINEARIZABLE" in capsys.readouterr().out


@contextmanager
def checking() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "holdfast", "check", "-", "--model", "owned-mutex"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def give(process: subprocess.Popen[bytes], rows: Sequence[str]) -> None:
    """Write lines to a process, and wait until it has taken them."""
    assert process.stdin is not None
    process.stdin.write("".join(f"{row}\n" for row in rows).encode())
    process.stdin.flush()
    unread = array("i", [1])
    while unread[0]:
        assert process.poll() is None
        fcntl.ioctl(process.stdin.fileno(), termios.FIONREAD, unread)
        time.sleep(0.01)
    time.sleep(0.2)


def test_a_pipe_answers_while_it_is_open_and_says_nothing_before() -> None:
    with checking() as process:
        assert process.stdout is not None
        *before, breaking = lines(HELD_TWICE)[:4]
        give(process, before)
        os.set_blocking(process.stdout.fileno(), False)
        assert process.stdout.read() is None
        os.set_blocking(process.stdout.fileno(), True)
        assert process.stdin is not None
        process.stdin.write(f"{breaking}\n".encode())
        process.stdin.flush()
        assert b"NOT LINEARIZABLE" in process.stdout.read()
        assert process.wait() == 1


def test_ctrl_c_ends_it_and_tells_how_far_it_came() -> None:
    with checking() as process:
        give(process, lines(TAKEN_IN_TURN))
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr is not None
        said = process.stderr.read().decode()
        assert "linearizable up to line" in said
        assert "Traceback" not in said


def test_the_recordings_first_line_names_the_models(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    header = Header("redlock", 2, 0, models={"lock": "owned-mutex", "x": "register"}).to_data()
    first = {"type": "info", "process": NEMESIS, "f": HEADER, "value": header, "time": 0}
    rows = [json.loads(line) | {"key": "lock"} for line in lines(HELD_TWICE)]
    for row in rows:
        del row["index"]
    wrong_read = [
        {"type": "invoke", "process": 7, "f": "read", "key": "x", "time": 0},
        {"type": "ok", "process": 7, "f": "read", "value": 3, "key": "x", "time": 0},
    ]
    for rest, key in ((rows, "lock"), (wrong_read, "x")):
        code, _ = piped(monkeypatch, list(map(json.dumps, [first, *rest])), "--json")
        (finding,) = json.loads(capsys.readouterr().out)
        assert (code, finding["key"], finding["verdict"]) == (1, key, "not linearizable")


@pytest.mark.parametrize(
    ("rows", "arguments", "code", "words"),
    [
        (lines(HELD_TWICE), [], 64, "--model NAME"),
        (lines(HELD_TWICE), ["--model", "register"], 65, "does not fit the model"),
        (["{"], ["--model", "mutex"], 65, "standard input"),
        (
            [UNTIMED],
            ["--model", "leased-mutex"],
            65,
            "input:1: 'acquire' by process 0 does not fit",
        ),
        ([UNTIMED, GRANTED], ["--model", "fenced-mutex"], 65, "input:2: 'acquire' by process 0"),
        (lines(HELD_TWICE), ["--model", "mutex", "--format", "jepsen-edn"], 64, "only jsonl"),
        (
            lines([("ok", 0, "acquire", None)]),
            ["--model", "mutex"],
            65,
            "input:1: process 0 completes",
        ),
    ],
)
def test_what_cannot_be_judged_is_said(
    rows: Sequence[str],
    arguments: list[str],
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert piped(monkeypatch, rows, *arguments)[0] == code
    assert words in " ".join(capsys.readouterr().err.split())


def event(type: Any, process: int, f: str, value: Any, key: str, time: int) -> Event:
    return Event(type, process, f, value, time, key=key)


def two_keys() -> list[Event]:
    return [
        event("invoke", 0, "acquire", "a", "lock", 1),
        event("ok", 0, "acquire", None, "lock", 2),
        event("invoke", 1, "read", None, "x", 3),
        event("ok", 1, "read", None, "x", 4),
        event("invoke", 1, "is_locked", None, "lock", 5),
        event("ok", 1, "is_locked", True, "lock", 6),
        event("invoke", 1, "acquire", "b", "lock", 7),
        event("ok", 1, "acquire", None, "lock", 8),
    ]


MODELS: dict[Any, Any] = {"lock": OwnedMutex(), "x": Register()}


def test_each_key_has_a_monitor_and_what_one_leaves_is_searched_from_the_beginning() -> None:
    stream = Stream(lambda key: MODELS[key])
    found = [stream.add(each) for each in two_keys()]
    assert found[:-1] == [None] * 7
    assert isinstance(found[-1], Violation)
    assert (found[-1].key, found[-1].event) == ("lock", two_keys()[-1])


def test_a_watcher_finds_in_its_own_thread_what_the_stream_finds() -> None:
    with Watcher(Stream(lambda key: MODELS[key])) as watcher:
        for each in two_keys():
            if each.f != "is_locked":
                watcher.add(each)
    assert watcher.stopped()
    assert watcher.violation is not None
    assert isinstance(watcher.violation.found, TooManyHolders)


def test_a_watchers_failure_reaches_who_runs_it() -> None:
    def broken(key: Any) -> Any:
        raise LookupError("no such model")

    with pytest.raises(LookupError), Watcher(Stream(broken)) as watcher:
        watcher.add(two_keys()[0])
    assert watcher.stopped()


def test_stop_on_violation_needs_a_file_like_any_recording(tmp_path: Path) -> None:
    (tmp_path / "there.jsonl").touch()
    arguments = ["record", "redlock", "--stop-on-violation", "-o", str(tmp_path / "there.jsonl")]
    assert main(arguments) == 64
