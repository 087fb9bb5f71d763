"""Clocks that are ahead, run at their own rates, and leap."""

from __future__ import annotations

import pytest
from tests.histories.simulation.scene import Scene

from holdfast.histories.simulation.node_clock import EPOCH_NS, NodeClock

S = 1_000_000_000


def test_it_runs_at_its_rate_from_when_that_is_set() -> None:
    scene = Scene()
    clock = NodeClock(scene.time)
    assert clock.now_ns() == EPOCH_NS
    scene.wait(10)
    clock.set(offset=5, rate=2)
    assert clock.read() == (5, 2)
    scene.wait(3)
    assert clock.now_ns() == EPOCH_NS + (10 + 5 + 6) * S
    lead, _ = clock.read()
    assert lead == pytest.approx(8)
    clock.set(offset=lead, rate=0.5)
    scene.wait(4)
    assert clock.now_ns() == EPOCH_NS + (10 + 5 + 6 + 2) * S


def test_it_may_be_set_back() -> None:
    scene = Scene()
    clock = NodeClock(scene.time)
    clock.set(offset=-3600, rate=1)
    assert clock.now_ns() == EPOCH_NS - 3600 * S
