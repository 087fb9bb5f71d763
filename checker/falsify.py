"""The search for a trial that violates a claim, and the smallest of its kind."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from attrs import evolve, frozen

from holdfast.checker.explain.minimize import smallest
from holdfast.checker.options import UsageError
from holdfast.checker.violation import Violation, longest_overlap, violation_of
from holdfast.histories.schedule import Schedule, Strike
from holdfast.histories.simulation.recording import Recording
from holdfast.histories.simulation.run import simulate
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.simulation.virtual_time import NS_PER_S
from holdfast.histories.strategies.bounds import Bounds

STEADY_SEEDS = 10
"""A trial that violates a claim with so many seeds in a row does so steadily."""

CLEAR_TTLS = 0.1
"""For what share of the time to live two clients must hold at once, for a clear case."""

EXAMPLES_AGAIN = 2000
"""How many trials to draw, at the least, for one that can be shrunk."""


@frozen
class Found:
    """A trial that violates a claim.

    Args:
        trial: the trial.
        recording: what it records.
        violation: what is wrong with that.
    """

    trial: Trial
    recording: Recording
    violation: Violation


class Falsifier:
    """Draws trials until one violates a claim, then makes that one small.

    Hypothesis draws and shrinks; at the end no fault is left that could be left out. A trial that
    violates the claim whatever the clients and the network choose is preferred, though it be
    larger: that is what comes back on real servers.

    Args:
        system: the name of the system under test.
        bounds: what the trials keep to.
        keys: whose part of a history is judged.
        seed: chooses among the trials.
        watch: called after each trial.

    Attributes:
        bounds: what the trials keep to.
        examined: how many trials were run.
        found: the smallest violating trial so far.
        seconds: how long the search took until it found the first.
    """

    def __init__(
        self,
        system: str,
        bounds: Bounds,
        *,
        keys: Sequence[str],
        seed: int = 0,
        watch: Callable[[Falsifier], None] | None = None,
    ) -> None:
        self.examined = 0
        self.found: Found | None = None
        self.seconds: float | None = None
        self._system = system
        self.bounds = bounds
        self._keys = keys
        self._seed = seed
        self._watch = watch
        self._began = time.monotonic()

    def search(self, examples: int) -> Found | None:
        """Run up to ``examples`` trials, and return the smallest violating one, if there is any.

        Raises:
            UsageError: Hypothesis is not installed.
            CannotSimulate: the system has no simulation.
        """
        if self.first(examples) is None:
            return None
        for condition in (self.violates_clearly, self.violates_steadily, self.violates):
            again = max(EXAMPLES_AGAIN, 2 * self.examined)
            trial = self._drawn(condition, again, shrink=True)
            if trial is not None:
                return self._without_needless_faults(trial, condition)
        return self.found

    def first(self, examples: int) -> Found | None:
        """Run up to ``examples`` trials, and return the first violating one, as it was drawn.

        Raises what ``search`` raises.
        """
        self._began = time.monotonic()
        self._drawn(self.violates, examples, shrink=False)
        return self.found

    def violates(self, trial: Trial) -> bool:
        """Return whether ``trial`` violates the claim."""
        return self.try_out(trial) is not None

    def violates_steadily(self, trial: Trial) -> bool:
        """Return whether ``trial`` and its like of other seeds all violate the claim."""
        return all(
            self.try_out(evolve(trial, seed=trial.seed + more)) is not None
            for more in range(STEADY_SEEDS)
        )

    def violates_clearly(self, trial: Trial) -> bool:
        """Return whether, with all those seeds, two clients hold at once for a good while."""
        least = CLEAR_TTLS * trial.workload.ttl * NS_PER_S
        found = self.try_out(trial)
        return (
            found is not None
            and longest_overlap(found.recording.events) >= least
            and self.violates_steadily(trial)
            and all(
                longest_overlap(simulate(evolve(trial, seed=trial.seed + more)).events) >= least
                for more in range(1, STEADY_SEEDS)
            )
        )

    def _drawn(
        self, condition: Callable[[Trial], bool], examples: int, *, shrink: bool
    ) -> Trial | None:
        try:
            from hypothesis import HealthCheck, Phase, find, settings
            from hypothesis.errors import NoSuchExample

            from holdfast.histories.strategies.drawn_schedules import schedules
        except ImportError as error:
            raise UsageError(
                f"the search needs Hypothesis ({error}): pip install hypothesis"
            ) from None
        limits = settings(
            max_examples=examples,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        )
        strategy = schedules(self._system, self.bounds)
        try:
            return find(strategy, condition, settings=limits, random=random.Random(self._seed))
        except NoSuchExample:
            return None

    def try_out(self, trial: Trial) -> Found | None:
        """Run one trial, and return what it violates, if it does."""
        recording = simulate(trial)
        violation = violation_of(recording.events, self._keys)
        self.examined += 1
        found = None if violation is None else Found(trial, recording, violation)
        if found is not None:
            if self.seconds is None:
                self.seconds = time.monotonic() - self._began
            if self.found is None or _size(trial) <= _size(self.found.trial):
                self.found = found
        if self._watch is not None:
            self._watch(self)
        return found

    def _without_needless_faults(
        self, trial: Trial, condition: Callable[[Trial], bool]
    ) -> Found | None:
        def violates(strikes: Sequence[Strike]) -> bool:
            return condition(evolve(trial, schedule=Schedule(strikes)))

        strikes = smallest(trial.schedule.strikes, violates)
        self.found = None
        self.try_out(evolve(trial, schedule=Schedule(strikes)))
        return self.found


def _size(trial: Trial) -> int:
    return len(trial.schedule.strikes)
