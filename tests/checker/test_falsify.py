"""The search: what it finds, how small it makes it, and how it ends."""

from __future__ import annotations

import pytest
from attrs import evolve

from holdfast.checker.falsify import STEADY_SEEDS, Falsifier
from holdfast.checker.violation import violation_of
from holdfast.histories.simulation.run import simulate
from holdfast.histories.strategies.bounds import ASSUMPTIONS, Bounds
from holdfast.histories.workload import LOCK


def test_what_it_finds_is_small_violates_and_comes_back_with_other_seeds() -> None:
    found = Falsifier("redlock", Bounds(), keys=[LOCK]).search(500)
    assert found is not None
    assert len(found.trial.schedule.strikes) == 1
    for more in range(STEADY_SEEDS):
        again = simulate(evolve(found.trial, seed=found.trial.seed + more))
        assert violation_of(again.events, [LOCK]) is not None
    assert simulate(found.trial) == found.recording


def test_the_same_seed_finds_the_same() -> None:
    one, other = (Falsifier("redlock", Bounds(), keys=[LOCK], seed=3).search(500) for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.trial == other.trial


def test_it_ends_after_as_many_trials_as_it_was_given() -> None:
    search = Falsifier("redlock", Bounds(disturbances=0), keys=[LOCK])
    assert search.search(50) is None
    assert search.examined == 50


def test_what_is_found_so_far_survives_an_interrupt() -> None:
    def interrupt(falsifier: Falsifier) -> None:
        if falsifier.found is not None:
            raise KeyboardInterrupt

    search = Falsifier("redlock", Bounds(), keys=[LOCK], watch=interrupt)
    with pytest.raises(KeyboardInterrupt):
        search.search(500)
    assert search.found is not None


@pytest.mark.parametrize("assumption", ASSUMPTIONS)
def test_every_assumption_bounds_something(assumption: str) -> None:
    assert Bounds().assuming(assumption) != Bounds()
    assert Bounds().assuming(assumption, assumption) == Bounds().assuming(assumption)


def test_an_unknown_assumption_is_refused() -> None:
    with pytest.raises(ValueError, match="no assumption 'clock'; there are: clocks, data"):
        Bounds().assuming("clock")
