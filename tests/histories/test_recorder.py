"""The recorder loses nothing that anyone went on from, and writes nothing that cannot be read."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import Limits, read_events, read_history, write_history
from holdfast.histories.operation import NEMESIS, Event
from holdfast.histories.recorder import Recorder
from holdfast.models.value import FrozenMapping

PROGRAM = Path(__file__).with_name("record_until_killed.py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "h.jsonl"


@pytest.fixture
def recorder(path: Path) -> Iterator[Recorder]:
    """A recorder whose clock ticks once each time it is read."""
    with Recorder(path, clock=count(1000).__next__) as recorder:
        yield recorder


def recorded(path: Path) -> list[Event]:
    return [event for _, event in read_events(path)]


def test_events_are_stamped_and_written_in_order(recorder: Recorder, path: Path) -> None:
    recorder.note("recording", {"system": "redlock"})
    recorder.invoke(0, "acquire", "a", key="lock", node="n1", attempt=2).ok(7, lease=[1])
    recorder.note("kill", "n1")
    assert path.read_text() == (
        '{"index":0,"time":1,"type":"info","process":"nemesis","f":"recording",'
        '"value":{"system":"redlock"}}\n'
        '{"index":1,"time":2,"type":"invoke","process":0,"f":"acquire","value":"a","key":"lock",'
        '"node":"n1","attempt":2}\n'
        '{"index":2,"time":3,"type":"ok","process":0,"f":"acquire","value":7,"key":"lock",'
        '"node":"n1","lease":[1]}\n'
        '{"index":3,"time":4,"type":"info","process":"nemesis","f":"kill","value":"n1"}\n'
    )


def test_every_event_is_in_the_file_when_its_call_returns(recorder: Recorder, path: Path) -> None:
    for number in range(20):
        event = recorder.record("invoke", number, "acquire", [number, {"a": number}])
        assert recorded(path)[-1] == event


def test_what_is_returned_is_what_will_be_read(recorder: Recorder, path: Path) -> None:
    event = recorder.record(
        "invoke", 0, "f", [1, {"a": [2]}], key=[3], error=["e"], zone={"b": [4]}
    )
    assert event == Event(
        "invoke",
        0,
        "f",
        (1, FrozenMapping({"a": (2,)})),
        time=1,
        index=0,
        key=(3,),
        error=("e",),
        extra=FrozenMapping({"zone": {"b": [4]}}),
    )
    assert recorded(path) == [event]
    assert hash(recorded(path)[0]) == hash(event)


def test_the_default_clock_counts_from_the_start_and_never_runs_backwards(path: Path) -> None:
    with Recorder(path) as recorder:
        times = [recorder.note("tick").time for _ in range(100)]
    assert all(time is not None and time >= 0 for time in times)
    assert times == sorted(times, key=lambda time: time or 0)
    assert read_history(path).timed


def test_a_clock_that_runs_backwards_is_not_recorded(path: Path) -> None:
    with Recorder(path, clock=iter([100, 107, 106]).__next__) as recorder:
        recorder.note("tick")
        with pytest.raises(RuntimeError, match="ran backwards, from 7 to 6 ns"):
            recorder.note("tick")
    assert len(recorded(path)) == 1


def test_threads_record_one_history(path: Path) -> None:
    """Times and indices rise along the file, whichever thread wrote a line."""

    def work(recorder: Recorder, number: int) -> None:
        client = recorder.client(number)
        for turn in range(200):
            pending = client.invoke("write", turn)
            pending.info() if turn % 10 == 0 else pending.ok()

    with Recorder(path, clients=8) as recorder:
        threads = [threading.Thread(target=work, args=(recorder, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    history = read_history(path)
    assert len(history) == 8 * 200
    assert [event.index for event in history.events] == list(range(8 * 400))


def test_a_file_that_is_there_is_kept_unless_told_otherwise(path: Path) -> None:
    path.write_text("precious\n")
    with pytest.raises(FileExistsError, match="not overwritten unless told so"):
        Recorder(path)
    assert path.read_text() == "precious\n"
    with Recorder(path, overwrite=True) as recorder:
        recorder.note("tick")
    assert len(recorded(path)) == 1


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_recording_is_not_compressed(path: Path, suffix: str) -> None:
    packed = path.with_name(path.name + suffix)
    with pytest.raises(ValueError, match=r"record to a \.jsonl and compress it afterwards"):
        Recorder(packed)
    assert not packed.exists()


def test_a_closed_recorder_says_so(recorder: Recorder, path: Path) -> None:
    pending = recorder.invoke(0, "acquire")
    recorder.close()
    recorder.close()
    for misuse in (pending.ok, lambda: recorder.note("late"), lambda: recorder.invoke(1, "read")):
        with pytest.raises(RuntimeError, match="is closed"):
            misuse()
    (operation,) = read_history(path)
    assert operation.completion is None


NOT_RECORDED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a value that is no JSON": (lambda at: at.invoke(0, "f", {1, 2}), "value holds {1, 2}"),
    "not a number": (lambda at: at.invoke(0, "f", float("nan")), "value holds nan"),
    "a process that is no client": (lambda at: at.invoke(1.5, "f"), "process is 1.5"),
    "a fault as a client's call": (lambda at: at.invoke(NEMESIS, "kill"), "with note()"),
    "an extra field that is none": (lambda at: at.note("f", index=1), "'index' is a field of"),
    "a line longer than is read": (
        lambda at: at.invoke(0, "f", "x" * Limits().line_bytes_max),
        "record a shorter value",
    ),
}


@pytest.mark.parametrize(("misuse", "problem"), NOT_RECORDED.values(), ids=NOT_RECORDED)
def test_what_could_not_be_read_is_not_recorded(
    recorder: Recorder, path: Path, misuse: Callable[[Any], Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        misuse(recorder)
    assert path.read_bytes() == b""
    recorder.invoke(0, "f").ok()
    assert len(read_history(path)) == 1


def test_the_longest_line_that_is_read_is_recorded(recorder: Recorder, path: Path) -> None:
    empty = len('{"index":0,"time":1,"type":"invoke","process":0,"f":"f","value":""}\n')
    recorder.invoke(0, "f", "x" * (Limits().line_bytes_max - empty))
    assert len(read_history(path)) == 1
    assert path.stat().st_size == Limits().line_bytes_max


def test_subscribers_get_every_event_after_it_is_in_the_file(
    recorder: Recorder, path: Path
) -> None:
    seen: list[Event] = []

    def subscriber(event: Event) -> None:
        assert recorded(path)[-1] == event
        seen.append(event)

    recorder.note("before")
    recorder.subscribe(subscriber)
    recorder.invoke(0, "acquire").ok()
    recorder.note("kill")
    assert [event.f for event in seen] == ["acquire", "acquire", "kill"]
    assert seen == recorded(path)[1:]


def test_subscribers_get_the_events_of_all_threads_in_the_order_of_the_file(path: Path) -> None:
    indices: list[int | None] = []
    with Recorder(path) as recorder:
        recorder.subscribe(lambda event: indices.append(event.index))
        threads = [
            threading.Thread(target=lambda: [recorder.note("tick") for _ in range(100)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert indices == list(range(400))


def test_a_subscriber_that_records_is_told_not_to(recorder: Recorder, path: Path) -> None:
    def subscriber(event: Event) -> None:
        recorder.note("echo")

    recorder.subscribe(subscriber)
    with pytest.raises(RuntimeError, match="a subscriber must not record"):
        recorder.note("kill")
    assert [event.f for event in recorded(path)] == ["kill"]


def test_what_a_subscriber_raises_is_heard_and_spoils_nothing(
    recorder: Recorder, path: Path
) -> None:
    def subscriber(event: Event) -> None:
        raise ZeroDivisionError

    pending = recorder.invoke(0, "acquire")
    recorder.subscribe(subscriber)
    with pytest.raises(ZeroDivisionError):
        pending.ok()
    with pytest.raises(ZeroDivisionError):
        recorder.invoke(0, "release")
    assert [event.type for event in recorded(path)] == ["invoke", "ok", "invoke"]
    assert len(read_history(path)) == 2


FULL_DISK = """
import pathlib, resource, sys
from holdfast.histories.recorder import Recorder

path = pathlib.Path(sys.argv[1])
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
with Recorder(path) as recorder:
    def fill(room):
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + room, most))
        try:
            while True:
                recorder.note("tick", "x" * 30)
        except OSError as error:
            print(path.stat().st_size, error)
    fill(1000)
    fill(50)
    fill(0)
    fill(500)
"""


def test_what_does_not_fit_on_the_disk_is_told_and_leaves_no_half_line(path: Path) -> None:
    """A limit on the file's size cuts a write short, as a full disk does."""
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK, path], capture_output=True, text=True, check=True
    )
    sizes = [int(line.split()[0]) for line in ended.stdout.splitlines()]
    assert 0 < sizes[0] == sizes[1] == sizes[2] < sizes[3] == path.stat().st_size
    assert ended.stdout.count(str(path)) == 4
    assert path.read_bytes().endswith(b"\n")
    assert read_history(path).events == tuple(recorded(path))


@pytest.mark.parametrize("length", [20, 500_000], ids=["short lines", "long lines"])
def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path, length: int) -> None:
    chance = random.Random(length)
    for turn in range(8):
        path = tmp_path / f"{turn}.jsonl"
        threads = chance.randint(1, 6)
        acknowledged = _record_and_kill(
            path, threads, length, after=chance.randint(1, 1500 if length < 100 else 60)
        )
        _drop_torn_line(path)
        events = {event.index: event for event in recorded(path)}
        for index, type, process, value in acknowledged:
            event = events[index]
            assert (event.type, str(event.process), str(event.value)[:40]) == (type, process, value)
        # A thread that was killed may have appended one event that it did not come to acknowledge.
        assert len(events) - len(acknowledged) <= threads
        assert list(events) == list(range(len(events)))
        history = read_history(path)
        assert sum(operation.completion is None for operation in history) <= threads


def _record_and_kill(
    path: Path, threads: int, length: int, *, after: int
) -> list[tuple[int, str, str, str]]:
    """Kill the recording program after so many acknowledgements, and return all that came."""
    program = [sys.executable, str(PROGRAM), str(path), str(threads), str(length)]
    acknowledged = []
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for number, line in enumerate(child.stdout, start=1):
            index, type, process, value = line.rstrip("\n").split(" ", 3)
            acknowledged.append((int(index), type, process, value))
            if number == after:
                child.kill()
    assert child.returncode == -9
    assert len(acknowledged) >= after
    return acknowledged


def _drop_torn_line(path: Path) -> None:
    """Do what the reader says if the kill struck within the write of a line.

    The kernel may leave the first pages of a long line; the thread that wrote it was not told it is
    there, so nobody went on from it.
    """
    whole, _, torn = path.read_bytes().rpartition(b"\n")
    if torn:
        with pytest.raises(HistoryError, match="remove the line if the recording was cut off"):
            read_history(path)
        path.write_bytes(whole + b"\n")


def test_a_recording_can_be_compressed_afterwards(recorder: Recorder, path: Path) -> None:
    recorder.invoke(0, "acquire", zone=1).ok()
    packed = path.with_name("h.jsonl.zst")
    write_history(read_history(path), packed)
    assert read_history(packed).events == read_history(path).events


def test_other_programs_do_not_inherit_the_file(recorder: Recorder) -> None:
    assert recorder._file is not None
    assert not os.get_inheritable(recorder._file)
