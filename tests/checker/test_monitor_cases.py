"""What the monitor answers to histories that are told event by event."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from holdfast import Monitor
from holdfast.checker.frontier import Unexplained
from holdfast.checker.locks.called import OutsideMonitor
from holdfast.checker.locks.certificate import (
    FenceBackwards,
    Miscounted,
    NeverFree,
    TooManyHolders,
)
from holdfast.histories import Event
from holdfast.histories.operation import EventType
from holdfast.models import InvalidCall
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.reentrant_mutex import ReentrantMutex
from holdfast.models.register import CasRegister, Register
from holdfast.models.semaphore import OwnedSemaphore, Semaphore


def event(type: EventType, process: int, f: str, value: Any, time: int) -> Event:
    return Event(type, process, f, value, time)


def test_a_verdict_stays() -> None:
    monitor = Monitor(Mutex())
    monitor.add(event("invoke", 0, "release", None, 0))
    found = monitor.add(event("ok", 0, "release", None, 1))
    assert found is not None
    assert monitor.add(event("invoke", 1, "acquire", None, 2)) is found


Calls = list[tuple[int, str, Any, Any]]
"""Calls one after another: process, function, value, answer; no process ends one with ``...``."""

PROVED: list[tuple[Any, Calls, type]] = [
    (OwnedMutex(), [(0, "acquire", "a", None), (1, "acquire", "b", None)], TooManyHolders),
    (
        OwnedSemaphore(2),
        [(0, "acquire", "a", None), (1, "acquire", "b", None), (2, "acquire", "c", None)],
        TooManyHolders,
    ),
    (
        FencedMutex(),
        [(0, "acquire", "a", 7), (0, "release", "a", None), (1, "acquire", "b", 6)],
        FenceBackwards,
    ),
    (ReentrantMutex(2), [(0, "acquire", "x", None)] * 3, Miscounted),
    (ReentrantMutex(2), [(0, "acquire", "x", None), (1, "acquire", "y", None)], TooManyHolders),
]


@pytest.mark.parametrize(("model", "calls", "certificate"), PROVED, ids=repr)
def test_the_last_answer_breaks_it(model: Any, calls: Calls, certificate: type) -> None:
    monitor = Monitor(model)
    answers = []
    for place, (process, f, value, answer) in enumerate(calls):
        answers.append(monitor.add(event("invoke", process, f, value, 2 * place)))
        answers.append(monitor.add(event("ok", process, f, answer, 2 * place + 1)))
    assert answers[:-1] == [None] * (len(answers) - 1)
    assert isinstance(answers[-1], certificate)


def test_a_hold_whose_release_failed_lasts_after_all() -> None:
    monitor = Monitor(OwnedMutex())
    monitor.add(event("invoke", 0, "acquire", "a", 0))
    monitor.add(event("ok", 0, "acquire", None, 1))
    monitor.add(event("invoke", 0, "release", "a", 2))
    monitor.add(event("invoke", 1, "acquire", "b", 3))
    assert monitor.add(event("ok", 1, "acquire", None, 4)) is None
    assert isinstance(monitor.add(event("fail", 0, "release", None, 5)), TooManyHolders)


@pytest.mark.parametrize(
    ("invoked", "token", "seen"),
    [(4, "a", True), (5, "a", True), (6, "a", True), (8, "a", False), (4, "b", False)],
)
def test_a_read_of_the_holder_needs_an_instant_at_which_it_held(
    invoked: int, token: str, seen: bool
) -> None:
    monitor = Monitor(OwnedMutex())
    rows: list[tuple[EventType, int, str, Any, int]] = [
        ("invoke", 0, "acquire", "a", 1),
        ("ok", 0, "acquire", None, 2),
        ("invoke", 0, "release", "a", 5),
        ("ok", 0, "release", None, 7),
        ("invoke", 1, "holder", None, invoked),
    ]
    for row in sorted(rows, key=lambda row: row[-1]):
        assert monitor.add(event(*row)) is None
    found = monitor.add(event("ok", 1, "holder", token, 9))
    assert (found is None) is seen


def test_of_two_holds_that_begin_at_one_time_one_was_thought_short() -> None:
    monitor = Monitor(OwnedMutex())
    monitor.add(event("invoke", 0, "acquire", "a", 1))
    monitor.add(event("invoke", 1, "release", "a", 2))
    monitor.add(event("invoke", 2, "acquire", "b", 3))
    assert monitor.add(event("ok", 0, "acquire", None, 5)) is None
    assert monitor.add(event("ok", 2, "acquire", None, 5)) is None
    assert isinstance(monitor.add(event("fail", 1, "release", None, 6)), TooManyHolders)


def test_a_release_is_called_at_the_time_at_which_its_hold_began() -> None:
    monitor = Monitor(OwnedMutex())
    monitor.add(event("invoke", 0, "acquire", "a", 1))
    monitor.add(event("ok", 0, "acquire", None, 5))
    monitor.add(event("invoke", 0, "release", "a", 5))  # it may have come before the answer
    monitor.add(event("invoke", 1, "acquire", "b", 5))
    assert monitor.add(event("ok", 1, "acquire", None, 5)) is None
    assert monitor.add(event("ok", 0, "release", None, 5)) is None


def test_a_short_hold_may_turn_out_to_have_come_later() -> None:
    monitor = Monitor(OwnedMutex())
    rows: list[tuple[EventType, int, str, Any, int]] = [
        ("invoke", 0, "acquire", "a", 0),
        ("invoke", 1, "release", "a", 2),
        ("invoke", 2, "acquire", "b", 3),
        ("ok", 2, "acquire", None, 4),
        ("invoke", 3, "release", "a", 6),
        ("ok", 0, "acquire", None, 10),
        ("invoke", 2, "release", "b", 12),
        ("ok", 2, "release", None, 13),
    ]
    assert [monitor.add(event(*row)) for row in rows] == [None] * len(rows)
    # Only the release called at 6 is left, and from then to 10 it was b that held.
    assert isinstance(monitor.add(event("fail", 1, "release", None, 20)), NeverFree)


def test_a_register_is_monitored() -> None:
    monitor = Monitor(Register())
    monitor.add(event("invoke", 0, "write", 1, 0))
    monitor.add(event("invoke", 1, "read", None, 1))
    assert monitor.add(event("ok", 1, "read", 1, 2)) is None
    monitor.add(event("invoke", 2, "read", None, 3))
    assert monitor.add(event("ok", 2, "read", None, 4)) == Unexplained(2)


@pytest.mark.parametrize("first", ["write", "cas"])
def test_either_of_two_lost_calls_may_have_been_needed(first: str) -> None:
    monitor = Monitor(CasRegister(0))
    lost: list[tuple[str, Any]] = [("write", 1), ("cas", [0, 1])]
    for process, (f, value) in enumerate(lost if first == "write" else reversed(lost)):
        monitor.add(event("invoke", process, f, value, process))
        monitor.add(event("info", process, f, None, process))
    answered: list[tuple[str, Any, Any]] = [
        ("read", None, 1),
        ("write", 5, None),
        ("read", None, 1),
    ]
    for time, (f, value, answer) in enumerate(answered, start=10):
        monitor.add(event("invoke", 9, f, value, 2 * time))
        # It was the cas that the first read saw, as the last one saw the write.
        assert monitor.add(event("ok", 9, f, answer, 2 * time + 1)) is None


def test_a_call_that_failed_after_all_explains_nothing() -> None:
    monitor = Monitor(Register())
    monitor.add(event("invoke", 0, "write", 1, 0))
    monitor.add(event("invoke", 1, "read", None, 1))
    assert monitor.add(event("ok", 1, "read", 1, 2)) is None
    assert monitor.add(event("fail", 0, "write", None, 3)) == Unexplained(0)


@pytest.mark.parametrize("general", [False, True])
def test_a_token_that_only_the_answer_names(general: bool) -> None:
    monitor = Monitor(OwnedMutex(), general=general)
    for turn, token in enumerate((5, 6, 7)):
        monitor.add(event("invoke", 0, "acquire", None, 10 * turn))
        assert monitor.add(event("ok", 0, "acquire", token, 10 * turn + 1)) is None
        monitor.add(event("invoke", 0, "release", token, 10 * turn + 2))
        assert monitor.add(event("ok", 0, "release", None, 10 * turn + 3)) is None
    monitor.add(event("invoke", 0, "release", 7, 90))
    assert monitor.add(event("ok", 0, "release", None, 91)) is not None


OUTSIDE: list[tuple[Any, str, Any]] = [
    (OwnedMutex(), "is_locked", True),
    (OwnedMutex(), "holder", "a"),
    (Semaphore(2), "is_locked", False),
]


@pytest.mark.parametrize(("model", "f", "answer"), OUTSIDE, ids=repr)
def test_what_a_locks_own_monitor_leaves_is_said(model: Any, f: str, answer: Any) -> None:
    monitor = Monitor(model, kept_max=1)
    monitor.add(event("invoke", 0, f, None, 0))
    with pytest.raises(OutsideMonitor, match="general=True"):
        monitor.add(event("ok", 0, f, answer, 1))


@pytest.mark.parametrize(("model", "f", "answer"), OUTSIDE, ids=repr)
def test_what_it_leaves_is_searched_while_all_is_kept(model: Any, f: str, answer: Any) -> None:
    monitor = Monitor(model)
    right = answer is False  # nobody acquired
    monitor.add(event("invoke", 0, f, None, 0))
    found = monitor.add(event("ok", 0, f, answer, 1))
    assert found == (None if right else Unexplained(0))
    monitor.add(event("invoke", 0, "release", "a" if isinstance(model, OwnedMutex) else None, 2))
    assert monitor.add(event("ok", 0, "release", None, 3)) is not None


REFUSED: list[tuple[Event, str]] = [
    (event("ok", 5, "acquire", None, 20), "called nothing"),
    (event("invoke", 0, "acquire", None, 20), "while its call is out"),
    (event("invoke", 1, "write", 1, 20), "this model knows"),
    (event("invoke", 1, "acquire", None, 9), "time runs backwards, from 10 to 9"),
    (replace(event("invoke", 1, "acquire", None, 20), key="other"), "its own Monitor"),
    (replace(event("invoke", 1, "acquire", None, 20), time=None), "others have none"),
]


@pytest.mark.parametrize(("wrong", "words"), REFUSED)
def test_calls_that_cannot_be_are_refused(wrong: Event, words: str) -> None:
    monitor = Monitor(Mutex())
    monitor.add(event("invoke", 0, "acquire", None, 10))
    with pytest.raises((ValueError, InvalidCall), match=words):
        monitor.add(wrong)
