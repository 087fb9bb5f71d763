"""A live run from when its clients begin: faults strike on time, and the end is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from attrs import frozen

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.header import NOT_STRUCK, STOPPED, TOOK
from holdfast.histories.live.journal import JournalServer
from holdfast.histories.live.process import ServerProcess
from holdfast.histories.live.world import LiveWorld
from holdfast.histories.recorder import Recorder
from holdfast.histories.schedule import Schedule, Strike, name_of
from holdfast.histories.workload import Workload

FINISH_S = 5.0
"""How long clients may take, beyond an acquire's patience, to finish the round they are in."""


@frozen
class Ending:
    """How a run ended.

    Args:
        interrupted: whether Ctrl-C ended it early.
        not_struck: for each fault that could not strike, why.
        stopped: whether ``until`` ended it early.
    """

    interrupted: bool
    not_struck: tuple[str, ...]
    stopped: bool = False


class _Stopped(Exception):
    """The run is to end now."""


class Conductor:
    """Starts the clients, strikes the faults on time, and waits for the end.

    Args:
        workload: how the clients behave, and for how long.
        schedule: which faults strike when.
        world: what the faults strike.
        workers: the client processes, by name; they wait to be started.
        journal: what starts them.
        recorder: where faults are noted.
        until: asked every few milliseconds; the run ends when it returns true.
    """

    def __init__(
        self,
        workload: Workload,
        schedule: Schedule,
        world: LiveWorld,
        workers: Mapping[str, ServerProcess],
        journal: JournalServer,
        recorder: Recorder,
        *,
        until: Callable[[], bool] | None = None,
    ) -> None:
        self._until = until
        self._workload = workload
        self._schedule = schedule
        self._world = world
        self._workers = workers
        self._journal = journal
        self._recorder = recorder
        self._not_struck: list[str] = []

    def conduct(self) -> Ending:
        """Return how the run ended, when it has."""
        began = time.monotonic()
        self._journal.start()
        try:
            for strike in self._schedule.strikes:
                self._wait_until(began + strike.at)
                self._strike(strike)
            self._wait_until(began + self._workload.seconds)
            self._resume_all()
            self._wait_for_workers()
        except KeyboardInterrupt:
            return Ending(interrupted=True, not_struck=tuple(self._not_struck))
        except _Stopped:
            self._recorder.note(STOPPED, "ended the run before its time")
            return Ending(interrupted=False, not_struck=tuple(self._not_struck), stopped=True)
        return Ending(interrupted=False, not_struck=tuple(self._not_struck))

    def _strike(self, strike: Strike) -> None:
        name = name_of(strike.fault)
        try:
            if strike.when == "held":
                self._world.resolve("holder")  # which waits for one
            self._world.watch()
            words = strike.fault.strike(self._world)
            self._recorder.note(name, words, **{TOOK: self._world.acting_ns()})
        except CannotStrike as problem:
            self._not_struck.append(f"{name}: {problem}")
            self._recorder.note(NOT_STRUCK, f"{name}: {problem}")

    def _wait_until(self, instant: float) -> None:
        while (left := instant - time.monotonic()) > 0:
            time.sleep(min(left, 0.01))
            self._check_workers()

    def _resume_all(self) -> None:
        for target in self._world.resolve("paused"):
            self._world.resume(target)
            self._recorder.note("resume", f"resumed {target} at the end")

    def _wait_for_workers(self) -> None:
        end = time.monotonic() + self._workload.patience + FINISH_S
        while time.monotonic() < end and any(worker.alive for worker in self._workers.values()):
            time.sleep(0.01)
            self._check_workers()
        self._check_workers()

    def _check_workers(self) -> None:
        if self._until is not None and self._until():
            raise _Stopped
        for worker in self._workers.values():
            worker.raise_if_failed()
