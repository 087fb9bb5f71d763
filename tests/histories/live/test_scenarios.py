"""The demo's scenarios on real servers, each with its control, and with locks broken on purpose."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from attrs import evolve

from holdfast.checker.check import check
from holdfast.checker.options import parse_model
from holdfast.checker.verdict import Linearizable, NotLinearizable
from holdfast.histories.formats import read_history
from holdfast.histories.header import header_of
from holdfast.histories.history import History
from holdfast.histories.live.run import Run, record
from holdfast.histories.live.scenarios import clock_jump, leader_kill, pause, scenarios
from holdfast.histories.operation import Outcome
from holdfast.histories.workload import LOCK, RESOURCE

pytestmark = pytest.mark.live


def recorded(run: Run, directory: Path) -> History:
    path = directory / "run.jsonl"
    ending = record(run, path)
    assert ending.not_struck == ()
    return read_history(path)


def broken(history: History) -> set[str]:
    """Return the keys whose part of the history is not linearizable, by the models it names."""
    header = header_of(history)
    assert header is not None
    verdicts = {
        key: check(history, parse_model(model), keys=[key]) for key, model in header.models.items()
    }
    assert all(isinstance(v, Linearizable | NotLinearizable) for v in verdicts.values())
    return {key for key, verdict in verdicts.items() if isinstance(verdict, NotLinearizable)}


def granted(history: History) -> int:
    return sum(o.f == "acquire" and o.outcome is Outcome.OK for o in history)


def test_a_redlock_is_given_to_two_when_the_clocks_of_a_majority_leap(tmp_path: Path) -> None:
    assert LOCK in broken(recorded(clock_jump(3), tmp_path))


def test_b_control_redlock_holds_when_one_clock_fewer_leaps(tmp_path: Path) -> None:
    history = recorded(clock_jump(2), tmp_path)
    assert broken(history) == set()
    assert granted(history) > 1


def test_c_redlock_loses_a_write_when_the_holder_pauses_past_its_ttl(tmp_path: Path) -> None:
    assert broken(recorded(pause("redlock", fenced=False), tmp_path)) == {LOCK, RESOURCE}


def test_c_control_a_pause_shorter_than_the_ttl_does_no_harm(tmp_path: Path) -> None:
    history = recorded(pause("redlock", fenced=False, times_ttl=0.3), tmp_path)
    assert broken(history) == set()
    assert granted(history) > 1


def test_d_etcd_holds_when_its_leader_is_killed(tmp_path: Path) -> None:
    history = recorded(leader_kill(), tmp_path)
    assert broken(history) == set()
    struck = [note.time for note in history.notes if note.f == "restart"]
    after = [
        o for o in history if o.f == "acquire" and struck[0] is not None and o.invoked > struck[0]
    ]
    assert any(o.outcome is Outcome.OK for o in after)


def test_e_etcd_with_fencing_loses_no_write_though_two_believe_that_they_hold(
    tmp_path: Path,
) -> None:
    history = recorded(pause("etcd", fenced=True), tmp_path)
    assert broken(history) == {LOCK}
    assert any(o.key == RESOURCE and o.f == "cas" and o.outcome is Outcome.FAIL for o in history)


def test_e_control_without_the_fence_the_stale_write_is_taken(tmp_path: Path) -> None:
    assert broken(recorded(pause("etcd", fenced=False), tmp_path)) == {LOCK, RESOURCE}


@pytest.mark.parametrize(
    ("system", "run"),
    [
        ("broken_systems:BrokenRedlock", clock_jump(2)),
        ("broken_systems:BrokenEtcd", leader_kill()),
    ],
)
def test_a_lock_broken_on_purpose_is_found_out_where_the_sound_one_holds(
    system: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(Path(__file__).parents[2])])
    assert LOCK in broken(recorded(evolve(run, system=system), tmp_path))


def test_every_scenario_says_what_it_claims_and_why() -> None:
    names = [scenario.name for scenario in scenarios()]
    assert [name[0] for name in names] == list("abcde")
    assert all(scenario.claim and scenario.why for scenario in scenarios())
