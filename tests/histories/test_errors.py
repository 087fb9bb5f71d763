"""The error for a bad history: one line, safe to print, and it survives a process boundary."""

from __future__ import annotations

import pickle

import pytest

from holdfast.histories.errors import PROBLEM_LENGTH_MAX, HistoryError, printable


def test_the_message_names_place_problem_and_remedy() -> None:
    error = HistoryError("it is wrong", remedy="mend it", source="a.jsonl", line=3)
    assert str(error) == "a.jsonl:3: it is wrong; mend it"
    assert (error.problem, error.remedy, error.source, error.line) == (
        "it is wrong",
        "mend it",
        "a.jsonl",
        3,
    )


def test_without_a_line_it_concerns_the_whole() -> None:
    error = HistoryError("it is empty", remedy="record", source="a.jsonl")
    assert str(error) == "a.jsonl: it is empty; record"


HOSTILE = {
    "an escape sequence": ("\x1b[2J\x1b]0;owned\x07", r"\x1b[2J\x1b]0;owned\x07"),
    "line breaks": ("a\nb\r\nc\x85d\u2028e", r"a\nb\r\nc\x85d\u2028e"),
    "a C1 control": ("\x9b31m", r"\x9b31m"),
    "text that runs backwards": ("\u202etxt.exe", r"\u202etxt.exe"),
    "an invisible character": ("a\u200bb", r"a\u200bb"),
    "a byte of a file name that is no text": ("a\udcffb", r"a\udcffb"),
    "a private character beyond the first plane": ("\U000f0000", r"\U000f0000"),
}
"""What came in and what is printed, by what it would do to a terminal."""


@pytest.mark.parametrize(("raw", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_nothing_that_a_terminal_acts_on_comes_through(raw: str, shown: str) -> None:
    error = HistoryError(f"it says {raw}", remedy=f"mend {raw}", source=f"{raw}.jsonl", line=1)
    assert str(error) == f"{shown}.jsonl:1: it says {shown}; mend {shown}"
    assert f"{error.source} {error.problem} {error.remedy}".isprintable()
    assert printable(raw) == shown


@pytest.mark.parametrize("text", ["", "plain words", "Grüße, 世界 🔒", "C:\\new\\table"])
def test_text_that_prints_is_left_alone(text: str) -> None:
    assert printable(text) == text


def test_a_long_problem_keeps_its_beginning_and_its_end() -> None:
    error = HistoryError(f"it is {'x' * 100_000} in the end", remedy="shorten it")
    assert len(error.problem) < PROBLEM_LENGTH_MAX + 10
    assert error.problem.startswith("it is x")
    assert error.problem.endswith("x in the end")


def test_it_survives_a_process_boundary() -> None:
    error = HistoryError("it is\nwrong", remedy="mend it", source="a\x1b.jsonl", line=3)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is HistoryError
    assert (str(again), again.line, again.remedy) == (str(error), 3, "mend it")
