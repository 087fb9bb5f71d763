"""Looking for a way greedily, and learning from dead ends."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Hashable, Iterator

from attrs import define, field

from holdfast.checker.core.python.configuration import (
    Configuration,
    compared,
    covers,
    same,
    within,
)
from holdfast.checker.core.python.moves import Move, Moves, Tools, Unknowns
from holdfast.checker.core.python.problem import OBSERVES
from holdfast.checker.core.python.scene import Scene
from holdfast.checker.core.python.table import REFUSED
from holdfast.checker.core.python.trail import Step


class Outcome(enum.Enum):
    """How such a search ended."""

    REACHED = enum.auto()
    """It came to the goal."""
    EXHAUSTED = enum.auto()
    """There is no way to the goal."""
    STALLED = enum.auto()
    """It took too long without progress."""


@define(eq=False)
class _Frame:
    """A configuration on the way.

    Args:
        config: itself.
        at: its place among the endpoints.
        rests_on: the lowest frame on whose failure what failed here rests.
        lacking: the classes whose operations of unknown outcome would have been needed more often.
        moves: what is left to try.
    """

    config: Configuration
    at: int
    rests_on: int
    lacking: set[int] = field(factory=set)
    moves: Iterator[Move] = field(factory=lambda: iter(()))


class DepthFirst:
    """One such search.

    Args:
        tools: what it is made with.
        scene: what is open at the place at which it starts.
        start: that place among the endpoints.
        goal: the place before which all that returns must be explained.

    Attributes:
        furthest: the configuration that came furthest.
        deepest: its place among the endpoints: it explains all that returned before.
    """

    def __init__(self, tools: Tools, scene: Scene, start: int, goal: int) -> None:
        self._tools = tools
        self._problem = tools.problem
        self._goal = goal
        self._start = self._at = start
        self._scene = scene
        self._moves = Moves(tools, self._scene)
        self._roots: list[Configuration] = []
        self._frames: list[_Frame] = []
        self._nogoods: defaultdict[Hashable, list[tuple[Configuration, set[int]]]]
        self._nogoods = defaultdict(list)
        self._visited = self._patience = self._deadline = 0
        self.furthest = Configuration()
        self.deepest = -1

    def start_from(self, config: Configuration) -> None:
        """Add a configuration to start from."""
        self._roots.append(config)

    def run(self, patience: int, states_max: int | None = None) -> Outcome:
        """Go on until so many configurations brought no progress, or too many states were met."""
        self._patience, self._deadline = patience, self._visited + patience
        while self._frames or self._roots:
            if not self._frames:
                self._rewind(self._start)
                if self._enter(self._roots.pop()):
                    return Outcome.REACHED
                continue
            frame = self._frames[-1]
            move = next(frame.moves, None)
            if move is None:
                self._fail()
                continue
            states = len(self._tools.table.met)
            if self._visited >= self._deadline or (states_max is not None and states > states_max):
                frame.moves = _pushed_back(move, frame.moves)
                return Outcome.STALLED
            self._visited += 1
            if self._tools.pace.due():
                held = len(self._frames) + len(self._nogoods)
                self._tools.pace.report(max(self.deepest, 0), held, self._tools.table)
            if self._enter(self._moves.after(frame.config, move)):
                return Outcome.REACHED
        return Outcome.EXHAUSTED

    def scene_at(self, place: int) -> Scene:
        """Return what is open at a place among the endpoints."""
        scene = self._scene.copy()
        for mark in reversed(self._problem.endpoints[place : self._at]):
            scene.back(mark)
        for mark in self._problem.endpoints[self._at : place]:
            scene.forward(mark)
        return scene

    def _enter(self, config: Configuration) -> bool:
        """Go on from a configuration, unless it is known to be dead; return whether it comes to the goal."""
        config = self._advance(config)
        if self._at == self._goal:
            return True
        self._tools.table.met.add(config.state)
        if not self._known(config):
            frame = _Frame(config, self._at, len(self._frames))
            frame.moves = self._listed(frame)
            self._frames.append(frame)
        elif self._frames:
            self._rewind(self._frames[-1].at)
        return False

    def _listed(self, frame: _Frame) -> Iterator[Move]:
        """Yield what can come next, the most promising first.

        That is the demanded operation; then what lets it take effect. Of that, first what must return
        soonest, then the unknown ones of which most are left.
        """
        yield from self._moves.demand(frame.config)
        demanded = self._problem.op_class[self._scene.open[0]]
        used = dict(frame.config.used)

        def rank(move: Move) -> tuple[bool, bool, int]:
            hinders = self._tools.table.next(move.state, demanded) == REFUSED
            if move.step is not Step.UNKNOWN:
                return hinders, False, 0
            return hinders, True, used.get(move.what, 0) - self._scene.unknown[move.what]

        yield from sorted(self._moves.prepare(frame.config, frame.lacking), key=rank)

    def _fail(self) -> None:
        """Leave the last frame, in which nothing is left to try."""
        frame = self._frames.pop()
        rests = frame.rests_on < len(self._frames)
        # What failed only because a frame before it had been there is dead if that frame is; which
        # classes that will lack is not known yet. So it is learnt only where none can lack.
        if not rests or self._tools.unknowns is Unknowns.LENIENT:
            self._nogoods[self._key(frame.config)].append((frame.config, frame.lacking))
        if self._frames:
            before = self._frames[-1]
            before.lacking |= frame.lacking
            if rests:
                before.rests_on = min(before.rests_on, frame.rests_on)
            self._rewind(before.at)

    def _advance(self, config: Configuration) -> Configuration:
        """Go on to the next return of an operation that has not taken effect."""
        while self._at < self._goal:
            mark = self._problem.endpoints[self._at]
            if mark < 0:
                if not config.done & self._moves.bit(~mark):
                    break
                config = self._moves.forget(config, ~mark)
            self._scene.forward(mark)
            if mark >= 0 and self._problem.returns(mark) and self._problem.kind[mark] == OBSERVES:
                config = self._moves.observe(config, mark)
            self._at += 1
        if self._at > self.deepest:
            self.deepest = self._at
            self.furthest = config
            self._deadline = self._visited + self._patience
        return config

    def _rewind(self, to: int) -> None:
        while self._at > to:
            self._at -= 1
            self._scene.back(self._problem.endpoints[self._at])

    def _known(self, config: Configuration) -> bool:
        """Return whether nothing can come of a configuration that does not come of another."""
        for place in reversed(range(len(self._frames))):
            frame = self._frames[place]
            if frame.at != self._at:
                break
            if self._key(frame.config) == self._key(config) and self._does(frame.config, config):
                self._frames[-1].rests_on = min(self._frames[-1].rests_on, place)
                return True
        for dead, lacking in self._nogoods.get(self._key(config), ()):
            if self._does(dead, config, lacking):
                if self._frames:
                    self._frames[-1].lacking |= lacking
                return True
        return False

    def _key(self, config: Configuration) -> Hashable:
        return self._at, config.state, compared(config, self._scene)

    def _does(
        self, first: Configuration, second: Configuration, classes: set[int] | None = None
    ) -> bool:
        if not self._tools.dominance:
            return same(first, second)
        return covers(first, second, self._scene) and within(first.used, second.used, classes)


def _pushed_back(move: Move, moves: Iterator[Move]) -> Iterator[Move]:
    yield move
    yield from moves
