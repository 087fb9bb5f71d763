"""Whole runs: what is recorded, when faults strike, and the same again on any machine."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest
from attrs import evolve

from holdfast.checker.check import check
from holdfast.checker.options import parse_model
from holdfast.checker.verdict import Linearizable
from holdfast.histories.faults import Fault
from holdfast.histories.faults.clock_jump import ClockJump
from holdfast.histories.faults.cut import Cut
from holdfast.histories.faults.heal import Heal
from holdfast.histories.faults.kill import Kill
from holdfast.histories.faults.partition import Partition
from holdfast.histories.faults.pause import Pause
from holdfast.histories.faults.promote import Promote
from holdfast.histories.faults.restart import Restart
from holdfast.histories.faults.resume import Resume
from holdfast.histories.formats import read_history
from holdfast.histories.header import TOOK, header_of
from holdfast.histories.operation import NEMESIS, Event
from holdfast.histories.schedule import Schedule, Strike
from holdfast.histories.simulation.network import Conditions
from holdfast.histories.simulation.recording import Recording
from holdfast.histories.simulation.run import CannotSimulate, layout_of, simulate
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.workload import LOCK, RESOURCE, Workload

SHORT = Workload(clients=3, seconds=1.0, ttl=1.0, hold=0.05, think=0.02, patience=0.5)

EVERYTHING = Schedule(
    [
        Strike(0.1, ClockJump(("n1",), 700), "held"),
        Strike(0.2, Partition((("n2",), ("nodes", "c1")))),
        Strike(0.3, Pause(("holder",))),
        Strike(0.4, Heal()),
        Strike(0.5, Kill(("n1",))),
        Strike(0.6, Resume()),
        Strike(0.7, Restart()),
    ]
)

TRIALS = [
    Trial(system, SHORT, EVERYTHING, seed, Conditions(delay_ms=1.0, lost=0.05))
    for system in ("redlock", "etcd", "redis-replica")
    for seed in (1, 2)
]


def digests() -> str:
    return " ".join(hashlib.sha256(simulate(trial).to_bytes()).hexdigest() for trial in TRIALS)


def faults(recording: Recording) -> list[Event]:
    return [event for event in recording.events[1:] if event.process == NEMESIS]


def test_the_same_trial_gives_the_same_recording_and_another_seed_another() -> None:
    assert digests() == digests()
    assert len(set(digests().split())) == len(TRIALS)


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_same_in_another_process_with_another_hash_seed(hash_seed: str) -> None:
    script = f"from {__name__} import digests; print(digests())"
    environment = {
        **os.environ,
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    other = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert other.stdout.split() == digests().split()


@pytest.mark.parametrize("system", ["redlock", "etcd", "redis-replica"])
def test_without_faults_the_lock_locks_and_no_update_is_lost(
    system: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    recording = simulate(Trial(system, SHORT))
    path = tmp_path_factory.mktemp("recorded") / "run.jsonl"
    recording.write(path)
    history = read_history(path)
    header = header_of(history)
    assert header is not None
    assert header.system == system
    assert set(header.programs.values()) == {"simulated"}
    for key in (LOCK, RESOURCE):
        verdict = check(history, parse_model(header.models[key]), keys=[key])
        assert isinstance(verdict, Linearizable)
    assert sum(operation.f == "cas" for operation in history) >= 10
    assert history.events == recording.history().events


def test_a_recording_is_not_overwritten(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("recorded") / "run.jsonl"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        simulate(Trial("redlock", SHORT)).write(path)


def test_faults_are_noted_when_they_strike() -> None:
    recording = simulate(Trial("redlock", SHORT, EVERYTHING))
    assert not recording.not_struck
    noted = faults(recording)
    assert [event.f for event in noted] == [
        "clock-jump", "partition", "pause", "heal", "kill", "resume", "restart",
    ]  # fmt: skip
    for event in (noted[1], noted[3], noted[4], noted[5]):
        assert event.extra == {TOOK: 0}
    assert [noted[1].time, noted[3].time] == [200_000_000, 400_000_000]
    assert noted[1].value == "severed n2 from n1, n3, n4, n5, c1 (hold)"
    # A node takes a while to start, and what strikes next waits for it.
    assert noted[6].time == 800_000_000
    assert noted[6].extra == {TOOK: 100_000_000}


def test_a_fault_for_the_holder_strikes_in_the_middle_of_its_work() -> None:
    work = evolve(SHORT, hold=0.2)
    recording = simulate(Trial("redlock", work, Schedule([Strike(0.0, Pause(("holder",)))])))
    (pause, resume) = faults(recording)
    before = [event for event in recording.events if (event.time or 0) < (pause.time or 0)]
    granted = [event for event in before if event.f == "acquire" and event.type == "ok"]
    assert len(granted) == 1
    holder = f"c{int(granted[0].process) % 3 + 1}"
    assert pause.value == f"paused {holder}"
    assert 5_000_000 <= (pause.time or 0) - (before[-1].time or 0) <= 30_000_000
    assert resume.value == f"resumed {holder} at the end"


@pytest.mark.parametrize(
    ("system", "fault", "words"),
    [
        ("redlock", Pause(("leader",)), "have no leader"),
        ("redlock", Pause(("n9",)), "there is no 'n9' here"),
        ("redlock", Restart(("n1",)), "n1 is running"),
        ("redlock", Kill(("c1",)), "c1 is not a node"),
        ("redlock", Promote(("n1",)), "the nodes are independent"),
        ("redlock", Heal(), "nothing is cut"),
        ("redlock", Cut(("n1",), ("n2",)), "n1 sends nothing to n2"),
        ("etcd", Promote(("n1",)), "elects its leader itself"),
        ("etcd", ClockJump(("n1",), -5), "never set back"),
        ("redis-replica", Promote(("n1",)), "n1 is a master already"),
    ],
)
def test_what_cannot_strike_is_noted_and_the_run_goes_on(
    system: str, fault: Fault, words: str
) -> None:
    strikes = [Strike(0.1, fault), Strike(0.2, Kill(("n1",)))]
    recording = simulate(Trial(system, SHORT, Schedule(strikes)))
    (problem,) = recording.not_struck
    assert words in problem
    assert [event.f for event in faults(recording)] == ["not-struck", "kill"]


def test_nobody_holds_and_the_fault_gives_up() -> None:
    lazy = evolve(SHORT, seconds=9.0, think=100.0)
    recording = simulate(Trial("redlock", lazy, Schedule([Strike(1.0, Pause(("holder",)))])))
    assert recording.not_struck == ("pause: nobody was at work under the lock for 5 s",)
    assert faults(recording)[0].time == 6_000_000_000


def test_two_faults_for_the_leader_wait_for_the_next_one() -> None:
    strikes = [Strike(0.1, Kill(("leader",))), Strike(0.1, Pause(("leader",)))]
    recording = simulate(Trial("etcd", SHORT, Schedule(strikes)))
    first, second = faults(recording)[:2]
    assert str(first.value)[-2:] != str(second.value)[-2:]
    assert (second.time or 0) - (first.time or 0) >= 250_000_000


def test_the_layout_of_a_system() -> None:
    assert layout_of("redlock").nodes == ("n1", "n2", "n3", "n4", "n5")
    assert not layout_of("redlock").linked
    assert layout_of("etcd").roles == ("leader",)
    assert layout_of("etcd").linked
    assert layout_of("redis-replica").replicas == ("n2",)


class LiveOnly:
    """A system that says nothing of a simulation."""


def test_a_system_without_a_simulation() -> None:
    with pytest.raises(CannotSimulate, match=r"simulated\(stage\)"):
        simulate(Trial(f"{__name__}:LiveOnly"))
