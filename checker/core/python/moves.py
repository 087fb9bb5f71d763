"""What can happen to a configuration: just-in-time linearization.

G. Lowe, *Testing for Linearizability*, Concurrency and Computation: Practice and Experience 29 (2017):
an operation takes effect only on the way to one that must return.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from attrs import frozen

from holdfast.checker.core.python.configuration import Configuration, with_one_more
from holdfast.checker.core.python.problem import OBSERVES, OVERWRITES, Problem
from holdfast.checker.core.python.scene import Scene
from holdfast.checker.core.python.table import REFUSED, Table
from holdfast.checker.core.python.trail import Step

Poll = Callable[[int, int, int], object]
"""Asked now and then; see ``search``."""

POLLED_EVERY = 64
SECONDS_MAX = 0.01
BYTES_PER_CONFIGURATION = 400
BYTES_PER_ENTRY = 150
"""About what an entry of the table takes: two numbers and a slot in a dictionary."""


class Unknowns(enum.Enum):
    """How operations of unknown outcome are dealt with; see moves.hpp."""

    EXACT = enum.auto()
    THRIFTY = enum.auto()
    LENIENT = enum.auto()


class Pace:
    """Counts configurations, and polls now and then."""

    def __init__(self, poll: Poll) -> None:
        self._poll = poll
        self._last = (0, BYTES_PER_CONFIGURATION)
        self._began = time.monotonic()
        self.configurations = 0

    def due(self) -> bool:
        """Count a configuration; return whether it is time to report."""
        self.configurations += 1
        return self.configurations % POLLED_EVERY == 0

    def report(self, at: int, held: int, table: Table) -> None:
        """Poll, with so many configurations held in memory."""
        memory_bytes = (held + 1) * BYTES_PER_CONFIGURATION + len(table) * BYTES_PER_ENTRY
        self._last = at, memory_bytes
        self._began = time.monotonic()
        self._poll(self.configurations, at, memory_bytes)

    def before_asking(self) -> None:
        """Poll, if that is due by the clock: the model is about to be asked, which may take long."""
        now = time.monotonic()
        if now - self._began >= SECONDS_MAX:
            self._began = now
            self._poll(self.configurations, *self._last)


@frozen
class Tools:
    """What a search is made with."""

    problem: Problem
    table: Table
    dominance: bool
    deadlines: bool
    pace: Pace
    unknowns: Unknowns = Unknowns.EXACT


class Move(NamedTuple):
    """One thing that can happen to a configuration.

    Attributes:
        step: what it is.
        what: the operation, or the class of those of unknown outcome.
        state: the one that it leads to.
    """

    step: Step
    what: int
    state: int


class Moves:
    """What can happen to a configuration at the place that a scene stands at."""

    def __init__(self, tools: Tools, scene: Scene) -> None:
        self._problem = tools.problem
        self._table = tools.table
        self._deadlines = tools.deadlines
        self._lenient = tools.unknowns is Unknowns.LENIENT
        self._scene = scene

    def demand(self, config: Configuration) -> Iterator[Move]:
        """Yield the moves by which the operation that returns next has taken effect."""
        op = self._scene.open[0]
        state = self._table.next(config.state, self._problem.op_class[op])
        if state != REFUSED:
            yield Move(Step.LINEARIZE, op, state)
        if config.spare & self.bit(op):
            yield Move(Step.ABSORB, op, config.state)

    def prepare(self, config: Configuration, lacking: set[int]) -> Iterator[Move]:
        """Yield the moves by which some other operation takes effect first.

        Adds to ``lacking`` the classes of which one more operation of unknown outcome could have taken
        effect, had there been one.
        """
        demanded = self._scene.open[0]
        seen: set[int] = set()
        for op in self._scene.open:
            cls = self._problem.op_class[op]
            if op != demanded:
                if config.done & self.bit(op) or self._problem.kind[op] == OBSERVES:
                    continue
                # Of operations that do the same, the one that returns first goes first.
                if cls in seen and self._deadlines:
                    continue
                state = self._table.next(config.state, cls)
                if state != REFUSED:
                    yield Move(Step.LINEARIZE, op, state)
            if not self._free(config, op):
                seen.add(cls)
        # One that must return goes before one that need not.
        yield from self._unknown(config, seen if self._deadlines else set(), lacking)

    def after(self, config: Configuration, move: Move) -> Configuration:
        """Return the configuration after a move, with all observations made that have become true."""
        following = config._replace(state=move.state, trail=(config.trail, move.step, move.what))
        cls = move.what
        if move.step is Step.UNKNOWN:
            if not self._lenient:
                following = following._replace(used=with_one_more(config.used, cls))
        else:
            following = following._replace(done=config.done | self.bit(move.what))
            if move.step is Step.ABSORB:
                return following
            cls = self._problem.op_class[move.what]
        if self._problem.class_kind[cls] == OVERWRITES:
            following = following._replace(spare=config.spare | self._scene.overwriting)
        return following if move.state == config.state else self._observe_all(following)

    def observe(self, config: Configuration, op: int) -> Configuration:
        """Make an observation that is true now: it changes nothing, so it only leaves the list."""
        if self._table.next(config.state, self._problem.op_class[op]) == REFUSED:
            return config
        return config._replace(
            done=config.done | self.bit(op), trail=(config.trail, Step.LINEARIZE, op)
        )

    def forget(self, config: Configuration, op: int) -> Configuration:
        """Forget an operation that returns, as its slot will be another's."""
        bit = self.bit(op)
        return config._replace(done=config.done & ~bit, spare=config.spare & ~bit)

    def bit(self, op: int) -> int:
        """Return the bit of the operation's slot."""
        return 1 << self._problem.slot[op]

    def _unknown(self, config: Configuration, seen: set[int], lacking: set[int]) -> Iterator[Move]:
        used = dict(config.used)
        for cls, invoked in self._scene.unknown.items():
            if cls in seen:
                continue
            state = self._table.next(config.state, cls)
            overwrites = self._problem.class_kind[cls] == OVERWRITES
            if state == REFUSED or (state == config.state and not overwrites):
                continue
            if not self._lenient and used.get(cls, 0) >= invoked:
                lacking.add(cls)
            else:
                yield Move(Step.UNKNOWN, cls, state)

    def _free(self, config: Configuration, op: int) -> bool:
        """Return whether the operation may have taken effect before the search began; see moves.hpp."""
        return self._problem.kind[op] != OVERWRITES and bool(config.spare & self.bit(op))

    def _observe_all(self, config: Configuration) -> Configuration:
        for op in self._scene.open:
            if self._problem.kind[op] == OBSERVES and not config.done & self.bit(op):
                config = self.observe(config, op)
        return config
