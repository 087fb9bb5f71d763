from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from holdfast.checker.reproduction import reproduction, trial_of
from holdfast.histories import Event, History
from holdfast.histories.header import HEADER, Header
from holdfast.histories.operation import NEMESIS
from holdfast.histories.simulation.run import simulate
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.strategies import Bounds, schedules
from holdfast.histories.workload import Workload

SHORT = Bounds(seconds=0.1, patience=0.1, durable=True)


@settings(max_examples=40, deadline=None)
@given(schedules("redlock", SHORT))
def test_a_history_gives_back_its_trial_and_code_that_runs_it(trial: Trial) -> None:
    history = simulate(trial).history()
    assert trial_of(history) == trial
    code = reproduction(history)
    assert code is not None
    code, asserts, _ = code.rpartition("assert_linearizable(")
    assert asserts
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["trial"] == trial


def test_the_code_says_nothing_that_would_be_so_anyway() -> None:
    code = reproduction(simulate(Trial("redlock", Workload(clients=1, seconds=0.1))).history())
    assert code is not None
    assert "'workload': {'clients': 1, 'seconds': 0.1}," in code
    assert code.endswith("\nassert_linearizable(simulate(trial).history())")
    for word in ("seed", "network", "durable", "ttl"):
        assert word not in code


def test_the_code_checks_the_key_that_failed() -> None:
    history = simulate(Trial("redlock", Workload(clients=1, seconds=0.1))).history()
    code = reproduction(history, "lock")
    assert code is not None
    assert code.endswith("\nassert_linearizable(simulate(trial).history(), keys=['lock'])")


@pytest.mark.parametrize("programs", [{}, {"redis-server": "7.2 at /usr/bin/redis-server"}])
def test_what_was_not_simulated_has_no_such_code(programs: dict[str, str]) -> None:
    header = Header("redlock", clients=2, seed=1, programs=programs, schedule={"faults": []})
    note = Event("info", NEMESIS, HEADER, header.to_data())
    history = History.of([note])
    assert reproduction(history) is None
    assert trial_of(history) == Trial("redlock", seed=1)


def test_a_history_of_others_has_no_trial() -> None:
    assert trial_of(History.of([Event("invoke", 0, "acquire")])) is None
