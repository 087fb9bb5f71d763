"""What a monitor remembers is bounded by what is pending, however long the history is."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from tests.checker.busy_lock import busy_lock, reachable
from tests.checker.lock_histories import OBSERVING

from holdfast.checker.monitor import Monitor
from holdfast.histories import Event
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.queue import FifoQueue
from holdfast.models.reentrant_mutex import ReentrantMutex
from holdfast.models.register import Register
from holdfast.models.semaphore import OwnedSemaphore, Semaphore

LOCKS = [
    Mutex(),
    OwnedMutex(),
    FencedMutex(),
    ReentrantMutex(),
    Semaphore(3),
    OwnedSemaphore(3),
]


def most_kept(monitor: Monitor, events: Any, number: int) -> int:
    """Return the most objects that were alive for a monitor at any of twenty looks."""
    most = 0
    for count, event in enumerate(itertools.islice(events, number)):
        assert monitor.add(event) is None
        if count % (number // 20) == 0:
            most = max(most, reachable(monitor))
    return max(most, reachable(monitor))


@pytest.mark.parametrize("model", LOCKS, ids=repr)
def test_after_100_000_events_of_5_clients_no_more_is_kept_than_early_on(model: Any) -> None:
    assert most_kept(Monitor(model), busy_lock(model), 100_000) < 600


@pytest.mark.parametrize("model", LOCKS, ids=repr)
def test_each_unknown_outcome_keeps_a_few_objects(model: Any) -> None:
    monitor, lost = Monitor(model), 0
    for event in itertools.islice(busy_lock(model, lost=0.02), 20_000):
        assert monitor.add(event) is None
        lost += event.type == "info"
    assert lost > 100
    assert reachable(monitor) < 600 + 40 * lost


@pytest.mark.parametrize(
    "model",
    [
        OwnedMutex(**OBSERVING),
        FencedMutex(consecutive=True),
    ],
    ids=repr,
)
def test_the_search_forgets_what_is_over_too(model: Any) -> None:
    fences = itertools.count()
    events = (
        event
        if event.f != "acquire" or event.type != "ok" or not isinstance(model, FencedMutex)
        else Event("ok", event.process, "acquire", next(fences), event.time)
        for event in busy_lock(model)
    )
    assert most_kept(Monitor(model), events, 4_000) < 5_000


@pytest.mark.parametrize("model", [Register(), FifoQueue()], ids=repr)
def test_the_search_of_other_models(model: Any) -> None:
    assert most_kept(Monitor(model), _overlapping_calls(model), 4_000) < 2_000


def _overlapping_calls(model: Any) -> Any:
    """Yield two clients that write (or enqueue) while they read (or dequeue), without end."""
    put, take = ("write", "read") if isinstance(model, Register) else ("enqueue", "dequeue")
    for turn in itertools.count():
        time = 10 * turn
        yield Event("invoke", 0, put, turn, time)
        yield Event("invoke", 1, take, None, time + 1)
        yield Event("ok", 0, put, None, time + 2)
        yield Event("ok", 1, take, turn, time + 3)
