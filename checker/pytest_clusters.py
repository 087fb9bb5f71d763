"""What the fixtures of the pytest plugin do; imported by the first test that asks for one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

from holdfast.checker.assertion_settings import ClusterKind
from holdfast.checker.hypothesis_hints import in_a_property
from holdfast.histories.formats import read_history
from holdfast.histories.history import History
from holdfast.histories.simulation.run import simulate
from holdfast.histories.simulation.trial import Trial


def record_trial(trial: Trial, cluster: ClusterKind, directory: Path) -> History:
    """Run ``trial`` in simulation or on real servers, and return what was recorded.

    A fault that could not strike is warned of, but for those that Hypothesis has drawn.

    Args:
        trial: what is run.
        cluster: where.
        directory: an empty directory for the recording of a live run.

    Raises:
        ServerMissing: a server program was not found.
    """
    if cluster == "simulated":
        recording = simulate(trial)
        _warn(recording.not_struck)
        return recording.history()
    from holdfast.histories.live.run import Run, record

    run = Run(
        system=trial.system,
        workload=trial.workload,
        schedule=trial.schedule,
        seed=trial.seed,
        durable=trial.durable,
    )
    path = directory / "history.jsonl"
    _warn(record(run, path).not_struck)
    return read_history(path)


def _warn(not_struck: Sequence[str]) -> None:
    if not in_a_property():
        for problem in not_struck:
            warnings.warn(f"a fault could not strike: {problem}", stacklevel=4)
