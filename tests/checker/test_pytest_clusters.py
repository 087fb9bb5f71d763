"""What ``holdfast_record`` does: a run, and a word on faults that did not strike."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.checker.assertion_settings import ClusterKind
from holdfast.checker.pytest_clusters import record_trial
from holdfast.histories.faults.pause import Pause
from holdfast.histories.schedule import Schedule, Strike
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.workload import Workload

MISTAKEN = Trial(
    "redlock", Workload(clients=2, seconds=0.3), Schedule([Strike(0.1, Pause(("n9",)))])
)


@pytest.mark.parametrize("cluster", ["simulated", pytest.param("live", marks=pytest.mark.live)])
def test_a_fault_that_cannot_strike_is_warned_of(
    cluster: ClusterKind, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.warns(UserWarning, match="a fault could not strike: pause: there is no 'n9' here"):
        record_trial(MISTAKEN, cluster, tmp_path_factory.mktemp("run"))


def test_what_hypothesis_draws_may_miss() -> None:
    @settings(max_examples=1, database=None)
    @given(st.just(MISTAKEN))
    def runs(trial: Trial) -> None:
        record_trial(trial, "simulated", Path())

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runs()
