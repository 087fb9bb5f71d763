"""The monitor is exact on every prefix, proves what it says, and remembers little."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec.structs import replace
from tests.checker.lock_brute_force import has_order
from tests.checker.lock_histories import random_problem

from holdfast.checker.monitor import Monitor
from holdfast.checker.problem import Problem
from holdfast.checker.verify import certificate_objection
from holdfast.histories import Event, Operation
from holdfast.histories.operation import EventType
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.register import Register

Mark = tuple[int, int, int, Event]


def random_operations(model: Any, source: random.Random) -> list[Operation]:
    """Return operations of a random history, some of whose calls failed."""
    operations: list[Operation] = []
    for one in random_problem(model, source).operations:
        if one.f == "holder" or (one.result is True and isinstance(model, OwnedMutex)):
            continue
        made = replace(one, number=len(operations), invocation=_by(len(operations), one.invocation))
        completion = one.completion
        if completion is not None:
            fails = one.f in ("acquire", "release") and source.random() < 0.15
            completion = replace(completion, type="fail" if fails else completion.type)
            made = replace(
                made, completion=_by(made.number, replace(completion, time=one.completed))
            )
        operations.append(made)
    return operations


def _by(process: int, event: Event) -> Event:
    return replace(event, process=process)


def marks_of(operations: list[Operation]) -> list[Mark]:
    marks: list[Mark] = []
    for one in operations:
        marks.append((one.invoked, 0, one.number, one.invocation))
        if one.completion is not None and one.completed is not None:
            marks.append((one.completed, 1, one.number, one.completion))
    return sorted(marks, key=lambda mark: mark[:3])


def prefix(operations: list[Operation], marks: list[Mark]) -> list[Operation]:
    """Return what had been seen: calls that had not returned are unknown, reads of these left out."""
    begun = {number for _, returns, number, _ in marks if not returns}
    ended = {number for _, returns, number, _ in marks if returns}
    return [
        one if one.number in ended else replace(one, completion=None, completed=None)
        for one in operations
        if one.number in begun and (one.number in ended or one.f in ("acquire", "release"))
    ]


@pytest.mark.parametrize(
    "model", [Mutex(), Mutex(True), OwnedMutex(), OwnedMutex(False, True)], ids=repr
)
def test_every_prefix(model: Any) -> None:
    source = random.Random(repr(model))
    refuted = 0
    for _ in range(1500):
        operations = random_operations(model, source)
        marks = marks_of(operations)
        monitor = Monitor(model)
        certificate = None
        for at, (*_, event) in enumerate(marks):
            try:
                certificate = monitor.add(event)
            except ValueError:  # a token used again too early
                break
            seen = prefix(operations, marks[: at + 1])
            expected = has_order(Problem.of(model, seen, {}))
            assert expected is (certificate is None), (seen, certificate)
            if certificate is not None:
                break
        if certificate is not None:
            refuted += 1
            tokens = [one.value for one in operations if one.f == "acquire"]
            if isinstance(model, OwnedMutex) and len(set(tokens)) == len(tokens):
                assert certificate_objection(model, seen, {}, certificate) is None
    assert 30 < refuted < 1300


def event(type: EventType, process: int, f: str, value: Any, time: int) -> Event:
    return Event(type, process, f, value, time)


def test_a_verdict_stays() -> None:
    monitor = Monitor(Mutex())
    monitor.add(event("invoke", 0, "release", None, 0))
    found = monitor.add(event("ok", 0, "release", None, 1))
    assert found is not None
    assert monitor.add(event("invoke", 1, "acquire", None, 2)) is found


@pytest.mark.parametrize("model", [Mutex(), OwnedMutex()], ids=repr)
def test_what_is_remembered_does_not_grow(model: Any) -> None:
    monitor, most = Monitor(model), 0
    for turn in range(3000):
        token = f"t{turn}" if isinstance(model, OwnedMutex) else None
        for step, f in enumerate(("acquire", "release")):
            begin = 100 * turn + 50 * step
            assert monitor.add(event("invoke", 0, f, token, begin)) is None
            assert monitor.add(event("ok", 0, f, token, begin + 10)) is None
            most = max(most, monitor.remembered)
    assert most <= 4


def test_other_models_are_refused() -> None:
    with pytest.raises(TypeError, match="no monitor for"):
        Monitor(Register())
