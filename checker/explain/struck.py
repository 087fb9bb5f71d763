"""The faults that a history notes, with the times at which they began to strike."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.histories.errors import printable
from holdfast.histories.header import NO_FAULTS, TOOK, header_of
from holdfast.histories.history import History
from holdfast.histories.operation import Event


def faults_between(history: History, begin: int, end: int) -> tuple[tuple[int, str], ...]:
    """Return when faults began to strike and what they did, from ``begin`` to ``end``.

    Args:
        history: notes faults at times in nanoseconds.
        begin: the first time that counts.
        end: the last one.
    """
    found = _ours(history) if header_of(history) is not None else _others(history)
    return tuple((time, words) for time, words in found if begin <= time <= end)


def _ours(history: History) -> Iterator[tuple[int, str]]:
    for note in history.notes:
        if note.f not in NO_FAULTS and note.time is not None:
            # A fault is noted when it is in force; what it led to may have been recorded before.
            took = note.extra.get(TOOK)
            yield note.time - (took if isinstance(took, int) else 0), _words(note)


def _others(history: History) -> Iterator[tuple[int, str]]:
    """Yield what Jepsen's nemesis noted: each fault twice, when it was asked for and when it was done."""
    asked: Event | None = None
    for note in history.notes:
        if note.time is None:
            continue
        if asked is not None and asked.time is not None and asked.f == note.f:
            yield asked.time, _words(note)
            asked = None
            continue
        if asked is not None and asked.time is not None:
            yield asked.time, _words(asked)
        asked = note
    if asked is not None and asked.time is not None:
        yield asked.time, _words(asked)


def _words(note: Event) -> str:
    if isinstance(note.value, str):
        return printable(note.value)
    return printable(note.f if note.value is None else f"{note.f}: {note.value!r}")
