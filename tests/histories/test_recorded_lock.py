from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.histories import History
from holdfast.histories.formats import read_history
from holdfast.histories.outcome import NotAcquired
from holdfast.histories.recorded_lock import RecordedLock
from holdfast.histories.recorder import Recorder


class Scripted:
    """A lock that gives the next answer of a list, or raises it."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)

    def acquire(self, **options: Any) -> Any:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    release = acquire


class NotOwned(Exception):
    pass


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    with Recorder(tmp_path / "history.jsonl", clients=2) as recorder:
        yield recorder


def told(recorder: Recorder) -> list[tuple[Any, ...]]:
    history: History = read_history(recorder.path)
    return [(o.process, o.f, o.value, o.outcome.value) for o in history]


def test_every_acquire_has_a_token_and_its_release_the_same(recorder: Recorder) -> None:
    lock = RecordedLock(threading.Lock(), recorder.client(1))
    for _ in range(2):
        with lock:
            pass
    assert told(recorder) == [
        (1, "acquire", "1-1", "ok"),
        (1, "release", "1-1", "ok"),
        (1, "acquire", "1-2", "ok"),
        (1, "release", "1-2", "ok"),
    ]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (True, "ok"),
        (None, "ok"),
        (False, "fail"),
        (TimeoutError("too late"), "info"),
        (NotOwned("gone"), "fail"),
    ],
)
@pytest.mark.parametrize("f", ["acquire", "release"])
def test_what_the_lock_answers_is_recorded(
    recorder: Recorder, f: str, answer: Any, outcome: str
) -> None:
    lock = RecordedLock(Scripted(answer), recorder.client(0), refusals=(NotOwned,))
    if isinstance(answer, Exception):
        with pytest.raises(type(answer)):
            getattr(lock, f)()
    else:
        assert getattr(lock, f)(timeout=1) is answer
    assert [row[3] for row in told(recorder)] == [outcome]


def test_after_an_unknown_outcome_the_client_goes_on_as_another_process(recorder: Recorder) -> None:
    lock = RecordedLock(Scripted(TimeoutError(), True), recorder.client(0))
    with pytest.raises(TimeoutError):
        lock.acquire()
    lock.acquire()
    assert told(recorder) == [(0, "acquire", "0-1", "info"), (2, "acquire", "0-2", "ok")]


def test_a_block_is_not_entered_without_the_lock(recorder: Recorder) -> None:
    with pytest.raises(NotAcquired), RecordedLock(Scripted(False), recorder.client(0)):
        pytest.fail("entered")
    assert told(recorder) == [(0, "acquire", "0-1", "fail")]


def test_several_locks_have_keys(recorder: Recorder) -> None:
    RecordedLock(threading.Lock(), recorder.client(0), key="x").acquire()
    assert read_history(recorder.path).keys() == ("x",)
