"""What is known of the locks, found again by a search: what breaks them, and what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from holdfast.checker.falsify import STEADY_SEEDS, Falsifier
from holdfast.checker.violation import longest_overlap, violation_of
from holdfast.histories.schedule import name_of
from holdfast.histories.simulation.run import simulate
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.strategies.bounds import ASSUMPTIONS, Bounds
from holdfast.histories.workload import LOCK, RESOURCE

SCHEDULES = Path(__file__).parents[3] / "docs" / "schedules"

EXAMPLES = 300


BRIEF: dict[str, Any] = {"longest_ttls": 0.25, "disturbances": 3}
"""An outage of most nodes for as long as a time to live loses leases, and so does etcd's own lock."""


UNDISTURBED: dict[str, Any] = {"node_deaths": False, "node_pauses": False, "node_cuts": False}


def searched(system: str, *broken: str, **bounds: Any) -> Falsifier:
    """Return a search in which all assumptions but the ``broken`` are kept."""
    kept = [name for name in ASSUMPTIONS if name not in broken]
    return Falsifier(system, Bounds(**bounds).assuming(*kept), keys=[LOCK], seed=1)


def kinds(trial: Trial) -> set[str]:
    return {name_of(strike.fault) for strike in trial.schedule.strikes}


@pytest.mark.parametrize(
    ("system", "broken", "fault", "bounds"),
    [
        pytest.param("redlock", "clocks", "clock-jump", {"drift": 0.0}, id="redlock, leaps"),
        pytest.param("redlock", "clocks", "clock-rate", {"jump_ttls": 0.0}, id="redlock, drift"),
        pytest.param("redlock", "data", "restart", {}, id="redlock, a restart without data"),
        pytest.param(
            "redlock", "awake", "pause", {"longest_ttls": 3.0}, id="redlock, a paused client"
        ),
        pytest.param("etcd", "clocks", "clock-jump", {"drift": 0.0}, id="etcd, leaps"),
        pytest.param(
            "etcd",
            "awake",
            "pause",
            {**UNDISTURBED, "longest_ttls": 3.0},
            id="etcd, a paused client",
        ),
        pytest.param("redis-replica", "master", "promote", {}, id="a single Redis, fail-over"),
    ],
)
def test_a_broken_assumption_breaks_the_lock(
    system: str, broken: str, fault: str, bounds: dict[str, Any]
) -> None:
    found = searched(system, broken, **{**BRIEF, **bounds}).first(4 * EXAMPLES)
    assert found is not None
    assert fault in kinds(found.trial)


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("redlock-clocks", {"clock-jump"}),
        ("redlock-restart", {"kill", "restart"}),
        ("redlock-pause", {"pause"}),
        ("etcd-leader-clock", {"clock-jump"}),
        ("etcd-pause", {"pause", "resume"}),
        ("redis-fail-over", {"partition", "kill", "promote"}),
    ],
)
def test_the_smallest_schedules_violate_whatever_the_seed(name: str, faults: set[str]) -> None:
    trial = Trial.read(SCHEDULES / f"{name}.json")
    assert kinds(trial) == faults
    assert len(trial.schedule.strikes) <= 3
    assert longest_overlap(simulate(trial).events) > 0
    for more in range(STEADY_SEEDS):
        recording = simulate(evolve(trial, seed=trial.seed + more))
        assert violation_of(recording.events, [LOCK]) is not None


@pytest.mark.parametrize("system", ["redlock", "etcd", "redis-replica"])
def test_within_its_assumptions_no_lock_is_broken(system: str) -> None:
    """Partitions, pauses and kills of nodes are within them: leaders too."""
    search = searched(system, **BRIEF)
    assert search.first(EXAMPLES) is None
    assert search.examined >= EXAMPLES


def test_redlock_needs_no_majority_to_be_heard() -> None:
    assert searched("redlock", "heard").first(EXAMPLES) is None


@pytest.mark.parametrize("broken", ["awake", "clocks"])
def test_with_fencing_no_stale_write_passes(broken: str) -> None:
    """Though the lock is lost, what it protects is not; and without fencing it is."""
    bounds = Bounds(fenced=True).assuming(*(name for name in ASSUMPTIONS if name != broken))
    assert Falsifier("etcd", bounds, keys=[RESOURCE], seed=1).first(EXAMPLES) is None
    search = searched("etcd", broken, fenced=False)
    unfenced = Falsifier("etcd", search.bounds, keys=[RESOURCE], seed=1)
    assert unfenced.first(EXAMPLES) is not None
