"""The faults that a history notes."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.checker.explain.struck import faults_between
from holdfast.histories import Event, History
from holdfast.histories.header import HEADER, TOOK, Header
from holdfast.histories.operation import NEMESIS


def note(f: str, value: Any, time: int | None, **extra: Any) -> Event:
    return Event("info", NEMESIS, f, value, time=time, extra=extra)


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        ([note("start", None, 5), note("start", "cut n1 off", 7)], [(5, "cut n1 off")]),
        ([note("start", None, 5), note("start", None, 7)], [(5, "start")]),
        ([note("start", None, 5), note("stop", None, 7)], [(5, "start"), (7, "stop")]),
        ([note("kill", {"n": 1}, 5)], [(5, "kill: {'n': 1}")]),
        (
            [note("stop", None, 5), note("stop", None, 6), note("stop", None, 8)],
            [(5, "stop"), (8, "stop")],
        ),
        ([note("start", None, None)], []),
    ],
)
def test_what_others_note_twice_is_told_once(
    notes: list[Event], told: list[tuple[int, str]]
) -> None:
    assert faults_between(History.of(notes), 0, 10) == tuple(told)


def test_only_what_struck_in_between_is_told() -> None:
    history = History.of([note("a", None, 5), note("b", None, 7), note("c", None, 9)])
    assert faults_between(history, 6, 8) == ((7, "b"),)


def test_a_recording_of_ours_notes_each_fault_once_when_it_is_in_force() -> None:
    header = Header(system="redlock", clients=2, seed=1)
    same = [note("clock-jump", "moved n1 ahead", time, **{TOOK: 2}) for time in (5, 9)]
    history = History.of([note(HEADER, header.to_data(), 0), *same])
    assert faults_between(history, 0, 10) == ((3, "moved n1 ahead"), (7, "moved n1 ahead"))
