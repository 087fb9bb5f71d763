"""Strikes the faults of a simulated run on time, and ends it."""

from __future__ import annotations

from collections.abc import Callable

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.header import NOT_STRUCK, TOOK
from holdfast.histories.schedule import Schedule, Strike, name_of
from holdfast.histories.simulation.holders import Holders
from holdfast.histories.simulation.recording import Journal
from holdfast.histories.simulation.server import NotYet
from holdfast.histories.simulation.virtual_time import VirtualTime, nanoseconds
from holdfast.histories.simulation.world import SimulatedWorld


class Conductor:
    """Strikes one fault after the other, as a live run does: one that waits lets the rest wait too.

    Args:
        time: when it is.
        schedule: which faults strike when.
        seconds: when those that are still paused are resumed.
        world: what is struck.
        holders: who may be waited for.
        journal: where the faults are noted.
        done: called when nothing more will strike.

    Attributes:
        not_struck: for each fault that could not strike, why.
    """

    def __init__(
        self,
        time: VirtualTime,
        schedule: Schedule,
        seconds: float,
        *,
        world: SimulatedWorld,
        holders: Holders,
        journal: Journal,
        done: Callable[[], None],
    ) -> None:
        self.not_struck: list[str] = []
        self._time = time
        self._strikes = schedule.strikes
        self._end = nanoseconds(seconds)
        self._world = world
        self._holders = holders
        self._journal = journal
        self._done = done
        self._next = 0
        self._waiting_until: int | None = None

    def start(self) -> None:
        """Plan the first fault, or the end."""
        if self._next < len(self._strikes):
            self._time.at(nanoseconds(self._strikes[self._next].at), self._strike)
        else:
            self._time.at(self._end, self._finish)

    def _strike(self, _: None) -> None:
        strike = self._strikes[self._next]
        name = name_of(strike.fault)
        try:
            words = self._struck(strike)
        except NotYet as nobody:
            if self._waits(nobody.patience):
                return
            self._cannot(name, str(nobody))
        except CannotStrike as problem:
            self._cannot(name, str(problem))
        else:
            in_force = max(self._time.now, self._world.busy_until)
            if in_force > self._time.now:
                self._time.at(in_force, self._in_force, (name, words, self._time.now))
                return
            self._note(name, words, self._time.now)
        self._go_on()

    def _in_force(self, struck: tuple[str, str, int]) -> None:
        self._note(*struck)
        self._go_on()

    def _note(self, name: str, words: str, began: int) -> None:
        self._journal.note(name, words, **{TOOK: self._time.now - began})

    def _go_on(self) -> None:
        self._waiting_until = self._holders.awaited = None
        self._next += 1
        self.start()

    def _struck(self, strike: Strike) -> str:
        if strike.when == "held":
            self._world.resolve("holder")
        return strike.fault.strike(self._world)

    def _waits(self, patience: int) -> bool:
        """Wait until somebody may be there; return false when that has taken too long."""
        if self._waiting_until is None:
            self._waiting_until = self._time.now + patience
            self._holders.awaited = self._look_again
            self._time.at(self._waiting_until, self._look_again)
        return self._time.now < self._waiting_until

    def _look_again(self, _: None) -> None:
        # The clients' events tell when to look, also for a leader: without one they come to nothing
        # and try again.
        if self._holders.awaited is not None:
            self._strike(None)

    def _cannot(self, name: str, problem: str) -> None:
        self.not_struck.append(f"{name}: {problem}")
        self._journal.note(NOT_STRUCK, f"{name}: {problem}")

    def _finish(self, _: None) -> None:
        for target in self._world.resolve("paused"):
            self._world.resume(target)
            self._journal.note("resume", f"resumed {target} at the end")
        self._done()
