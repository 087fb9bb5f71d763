"""Trials as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.errors import HistoryError
from holdfast.histories.schedule import Schedule
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.strategies import schedules


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trial") / "trial.json"


@given(trial=st.sampled_from(["redlock", "etcd", "redis-replica"]).flatmap(schedules))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, trial: Trial) -> None:
    path = tmp_path_factory.mktemp("trial") / "trial.json"
    trial.write(path, told=["a remark"])
    assert Trial.read(path) == trial
    # What takes a schedule alone takes it from the same file.
    assert Schedule.read(path) == trial.schedule


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"system": "redlock"}, "not a schedule"),
        ({"faults": []}, "system"),
        ({"system": "redlock", "faults": [], "seed": "x"}, "seed"),
        ({"system": "redlock", "faults": [], "workload": {"ttl": -1}}, "ttl"),
        ({"system": "redlock", "faults": [], "network": {"lost": 2}}, "lost"),
        ({"system": "redlock", "faults": [{"at": 0, "fault": "no"}]}, "fault 1"),
    ],
)
def test_what_cannot_be_replayed_is_refused_with_words(data: Any, words: str) -> None:
    with pytest.raises(HistoryError, match=words):
        Trial.from_data(data)


def test_no_json(path: Path) -> None:
    path.write_text("{")
    with pytest.raises(HistoryError, match="not JSON"):
        Trial.read(path)
