"""The monitor is exact on every prefix, and proves what it says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.checker.lock_brute_force import has_order
from tests.checker.lock_histories import MODELS as LOCKS
from tests.checker.lock_histories import random_problem
from tests.checker.token_histories import Mark, in_some_order, long_history, random_operations

from holdfast import Monitor, Operation
from holdfast.checker.check import check
from holdfast.checker.frontier import Unexplained
from holdfast.checker.locks import token_monitor
from holdfast.checker.locks.called import OutsideMonitor
from holdfast.checker.problem import Problem
from holdfast.checker.stream import Stream
from holdfast.checker.verdict import NotLinearizable
from holdfast.checker.verify import certificate_objection
from holdfast.histories import History
from holdfast.histories.asked import asked_values
from holdfast.histories.strategies import histories
from holdfast.models.counter import Counter
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.key_value import KeyValue
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.queue import FifoQueue
from holdfast.models.reentrant_mutex import ReentrantMutex
from holdfast.models.register import CasRegister, Register
from holdfast.models.semaphore import OwnedSemaphore, Semaphore

OTHERS: dict[str, Any] = {
    "register": Register(),
    "cas-register": CasRegister(),
    "fifo-queue": FifoQueue(),
    "counter": Counter(),
    "key-value": KeyValue(),
}


@pytest.mark.parametrize("model", [*LOCKS.values(), *OTHERS.values()], ids=repr)
def test_every_prefix_of_drawn_histories_beside_wgl(model: Any) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories(model, operations_max=10), st.sampled_from([1, 2, 7]))
    def every_prefix(history: History, coarse: int) -> None:
        events = [replace(one, time=(one.time or 0) // coarse) for one in history.events]
        stream = Stream(lambda key: model)
        for size in range(1, len(events) + 1):
            found = stream.add(events[size - 1])
            seen = check(History.of(events[:size]), model, engine="wgl")
            assert isinstance(seen, NotLinearizable) is (found is not None), events[:size]
            if found is not None:
                break

    every_prefix()


def seen_by(operations: Sequence[Operation], marks: Sequence[Mark]) -> list[Operation]:
    """Return what had been seen, numbered by invocation: calls that had not returned are unknown."""
    ended = {mark.number for mark in marks if mark.returns}
    begun = [mark.number for mark in marks if not mark.returns]
    seen = []
    for number, one in ((number, operations[old]) for number, old in enumerate(begun)):
        if one.number not in ended:
            one = replace(one, completion=None, completed=None)  # noqa: PLW2901
        seen.append(replace(one, number=number))
    return seen


def of_busy_clients(model: Any, source: random.Random) -> list[Operation]:
    """Return operations of clients of a lock, some of which failed, each of a process of its own."""
    operations = []
    for number, one in enumerate(random_problem(model, source).operations):
        invocation, completion = replace(one.invocation, process=number), one.completion
        if completion is not None:
            fails = one.f in ("acquire", "release") and source.random() < 0.15
            type = "fail" if fails else completion.type
            completion = replace(completion, process=number, type=type, time=one.completed)
        operations.append(replace(one, number=number, invocation=invocation, completion=completion))
    return operations


def judged(operations: Sequence[Operation]) -> list[Operation]:
    """Return what an order is looked for: a read without an answer says nothing."""
    return [one for one in operations if one.completion or one.f in ("acquire", "release")]


HARD = [
    Mutex(),
    Mutex(True),
    OwnedMutex(),
    OwnedMutex(failed_release_means_not_holder=True),
    OwnedSemaphore(2),
    OwnedSemaphore(3, failed_release_means_not_holder=True),
    Semaphore(2),
    Semaphore(3),
    FencedMutex(),
    FencedMutex(failed_release_means_not_holder=True),
    ReentrantMutex(2),
    ReentrantMutex(2, failed_release_means_not_holder=True),
]


def follow(
    model: Any, operations: Sequence[Operation], marks: Sequence[Mark], monitor: Monitor
) -> Any:
    """Compare every prefix with brute force; return what was found in the end."""
    for at, mark in enumerate(marks):
        try:
            found = monitor.add(mark.event)
        except OutsideMonitor as outside:
            return outside
        seen = seen_by(operations, marks[: at + 1])
        expected = has_order(Problem.of(model, judged(seen), asked_values(seen, model)))
        assert expected is (found is None), (found, marks[: at + 1])
        if found is not None and not isinstance(found, Unexplained):
            assert certificate_objection(model, seen, {}, found) is None, (found, seen)
        if found is not None:
            return found
    return None


@pytest.mark.parametrize("model", HARD, ids=repr)
def test_every_prefix_of_histories_with_ties_and_early_releases(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_monitor, "SLACK", 0)  # it forgets as soon as it may
    source, ends = random.Random(repr(model)), []
    for turn in range(400):
        busy = turn % 2 == 1 or isinstance(model, ReentrantMutex)
        operations = of_busy_clients(model, source) if busy else random_operations(model, source)
        ends.append(
            follow(model, operations, in_some_order(operations, source), Monitor(model, kept_max=0))
        )
    refuted = [end for end in ends if end is not None and not isinstance(end, OutsideMonitor)]
    assert 25 < len(refuted) < 390
    proved = [end for end in refuted if not isinstance(end, Unexplained)]
    assert len(proved) > 0.5 * len(refuted)
    assert sum(isinstance(end, OutsideMonitor) for end in ends) < 240


@pytest.mark.parametrize("permits", [1, 2, 3])
def test_what_is_forgotten_is_never_missed(permits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_monitor, "SLACK", 0)
    model, source, refuted = OwnedSemaphore(permits), random.Random(permits), 0
    for _ in range(150):
        events = long_history(permits, source, 60)
        monitor = Monitor(model)
        broken = next((at for at, one in enumerate(events) if monitor.add(one) is not None), None)
        for size in (len(events),) if broken is None else (broken, broken + 1):
            verdict = check(History.of(events[:size]), model, engine="locks")
            expected = broken is not None and size > broken
            assert isinstance(verdict, NotLinearizable) is expected, events[:size]
        refuted += broken is not None
    assert 30 < refuted < 145


@pytest.mark.parametrize("model", [*HARD, *LOCKS.values()], ids=repr)
def test_every_prefix_by_search(model: Any) -> None:
    source = random.Random(repr(model))
    for _ in range(30):
        operations = random_operations(model, source)
        monitor = Monitor(model, general=True)
        follow(model, operations, in_some_order(operations, source), monitor)
