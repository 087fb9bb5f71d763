"""What the fixtures of the pytest plugin do; imported by the first test that asks for one."""

from __future__ import annotations

from pathlib import Path

from holdfast.checker.assertion_settings import ClusterKind
from holdfast.histories.formats import read_history
from holdfast.histories.history import History
from holdfast.histories.simulation.run import simulate
from holdfast.histories.simulation.trial import Trial


def record_trial(trial: Trial, cluster: ClusterKind, directory: Path) -> History:
    """Run ``trial`` in simulation or on real servers, and return what was recorded.

    Args:
        trial: what is run.
        cluster: where.
        directory: an empty directory for the recording of a live run.

    Raises:
        ServerMissing: a server program was not found.
    """
    if cluster == "simulated":
        return simulate(trial).history()
    from holdfast.histories.live.run import Run, record

    run = Run(
        system=trial.system,
        workload=trial.workload,
        schedule=trial.schedule,
        seed=trial.seed,
        durable=trial.durable,
    )
    path = directory / "history.jsonl"
    record(run, path)
    return read_history(path)
