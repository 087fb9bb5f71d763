"""A live run: what it records, how it ends, and that nothing outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from holdfast.histories.faults.clock_jump import ClockJump
from holdfast.histories.faults.heal import Heal
from holdfast.histories.faults.kill import Kill
from holdfast.histories.faults.partition import Partition
from holdfast.histories.faults.restart import Restart
from holdfast.histories.formats import read_history
from holdfast.histories.header import NOT_STRUCK, TOOK, header_of
from holdfast.histories.live.run import Run, record
from holdfast.histories.operation import Event
from holdfast.histories.schedule import Schedule, Strike
from holdfast.histories.workload import Workload

pytestmark = pytest.mark.live

SHORT = Workload(clients=3, seconds=1.5, ttl=1.0, hold=0.02)

HARNESS = """
import sys
from pathlib import Path
from holdfast.histories.live.run import Run, record
from holdfast.histories.workload import Workload
record(Run({system!r}, Workload(clients=2, seconds=60.0, hold=0.01)), Path({path!r}))
"""


def test_a_recording_carries_its_header_its_faults_and_every_event_watched(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    watched: list[Event] = []
    schedule = Schedule([Strike(0.5, Kill(nodes=("n1",))), Strike(0.8, Restart(keep_data=False))])
    ending = record(Run("redlock", SHORT, schedule, seed=4), path, watch=watched.append)
    history = read_history(path)
    header = header_of(history)
    assert (ending.interrupted, ending.not_struck) == (False, ())
    assert header is not None
    assert (header.system, header.clients, header.seed) == ("redlock", 3, 4)
    assert Schedule.from_data(header.schedule) == schedule
    assert "redis-server" in header.programs
    assert [note.f for note in history.notes[1:]] == ["kill", "restart"]
    assert all(0 < note.extra[TOOK] < 30e9 for note in history.notes[1:])
    assert [event.index for event in history.events] == [event.index for event in watched]
    assert {operation.process for operation in history} >= {0, 1, 2}


def test_a_partition_cuts_clients_off_and_heals(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    majority = ("n1", "n2", "n3")
    schedule = Schedule(
        [Strike(0.5, Partition(groups=(("clients",), majority))), Strike(1.2, Heal())]
    )
    workload = Workload(clients=2, seconds=2.5, ttl=0.5, hold=0.01, patience=0.3)
    assert record(Run("redlock", workload, schedule), path).not_struck == ()
    history = read_history(path)
    cut, healed = (note.time or 0 for note in history.notes[1:])
    acquires = [operation for operation in history if operation.f == "acquire"]
    # A heal is noted once it is in force, so what completes just before the note may be after it.
    healed_at = healed - 50_000_000
    within = [
        o.outcome.value for o in acquires if cut < o.invoked and (o.completed or 0) < healed_at
    ]
    after = [o.outcome.value for o in acquires if o.invoked > healed]
    assert within
    assert "ok" not in within
    assert "ok" in after


def test_a_fault_that_cannot_strike_is_told_and_recorded(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    schedule = Schedule([Strike(0.2, ClockJump(nodes=("n9",)))])
    ending = record(Run("redlock", SHORT, schedule), path)
    assert len(ending.not_struck) == 1
    assert "n9" in ending.not_struck[0]
    assert [note.f for note in read_history(path).notes[1:]] == [NOT_STRUCK]


def test_an_existing_recording_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("precious\n")
    with pytest.raises(FileExistsError):
        record(Run("redlock", SHORT), path)
    assert path.read_text() == "precious\n"


def children_of(pid: int) -> set[int]:
    """Return the ids of all processes that descend from ``pid``."""
    listing = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    parents = [tuple(map(int, line.split())) for line in listing.stdout.splitlines()]
    found: set[int] = set()
    grown = {pid}
    while grown:
        grown = {child for child, parent in parents if parent in grown} - found
        found |= grown
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def started(system: str, path: Path) -> subprocess.Popen[bytes]:
    """Start a long run in a process of its own and return it once its clients are at work."""
    code = HARNESS.format(system=system, path=str(path))
    harness = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 60
    while not path.exists() or path.read_bytes().count(b'"ok"') < 10:
        assert harness.poll() is None, "the harness ended early"
        assert time.monotonic() < deadline, "the clients did not get to work"
        time.sleep(0.05)
    return harness


@pytest.mark.parametrize("system", ["redlock", "etcd"])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_kill_9_of_the_harness_leaves_no_process_and_a_readable_recording(
    system: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.jsonl"
    harness = started(system, path)
    children = children_of(harness.pid)
    assert len(children) >= 2 + 1 + 3
    harness.kill()
    harness.wait()
    deadline = time.monotonic() + 10
    while any(map(alive, children)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in children if alive(pid)]
    assert len(read_history(path)) >= 10


def test_ctrl_c_ends_the_run_and_keeps_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    harness = started("redlock", path)
    children = children_of(harness.pid)
    os.kill(harness.pid, signal.SIGINT)
    assert harness.wait(timeout=30) == 0
    assert not [pid for pid in children if alive(pid)]
    assert len(read_history(path)) >= 10
