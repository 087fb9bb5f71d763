"""A trial in words."""

from __future__ import annotations

from holdfast.histories.header import HEADER
from holdfast.histories.operation import NEMESIS
from holdfast.histories.simulation.recording import Recording
from holdfast.histories.simulation.trial import Trial


def told_trial(trial: Trial, recording: Recording) -> list[str]:
    """Return in a few lines what ``trial`` did when it was recorded."""
    workload = trial.workload
    lines = [
        f"{workload.clients} clients of {trial.system} for {workload.seconds:g} s, time to live "
        f"{workload.ttl:g} s, work under the lock about {workload.hold:g} s, seed {trial.seed}"
    ]
    faults = [
        f"at {(event.time or 0) / 1e9:.3f} s: {event.value}"
        for event in recording.events
        if event.process == NEMESIS and event.f != HEADER
    ]
    return lines + (faults or ["no fault at all"])
