"""One search, from what is cheap to what is thorough."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, field, frozen

from holdfast.checker.core.python.breadth_first import BreadthFirst
from holdfast.checker.core.python.configuration import Configuration
from holdfast.checker.core.python.depth_first import DepthFirst, Outcome
from holdfast.checker.core.python.impossible import Impossible
from holdfast.checker.core.python.moves import Pace, Poll, Tools, Unknowns
from holdfast.checker.core.python.problem import Problem
from holdfast.checker.core.python.scene import Scene
from holdfast.checker.core.python.table import Table
from holdfast.checker.core.python.trail import order_of

DEAD_ENDS_SHOWN = 8
FEW_OPEN = 16
HASTE = 16
PERSISTENCE = 32


@frozen
class Found:
    """How far among the endpoints a search came, and the configurations there.

    Args:
        reached: that place.
        there: one that ends a legal order, or dead ends.
    """

    reached: int
    there: Sequence[Configuration] = field(default=())


class Strategy:
    """The ways to an answer, in the order in which they are tried."""

    def __init__(
        self, problem: Problem, table: Table, dominance: bool, deadlines: bool, poll: Poll
    ) -> None:
        self._problem = problem
        self._pace = Pace(poll)
        self._tools = Tools(problem, table, dominance, deadlines, self._pace)
        self._impossible = Impossible(self._tools)

    @property
    def pace(self) -> Pace:
        """What counts configurations, and polls."""
        return self._pace

    @property
    def configurations(self) -> int:
        """How many were visited."""
        return self._pace.configurations

    def run(self, patience: int) -> Found:
        """Return an answer that is proved."""
        found = None
        if patience:
            found = self._reach(patience) or self._follow(Unknowns.THRIFTY, patience * PERSISTENCE)
        return found or self._follow(Unknowns.EXACT) or Found(-1)

    def order(self, config: Configuration) -> list[int]:
        """Return the operations that took effect, in order."""
        return order_of(config.trail, self._problem)

    def _reach(self, patience: int) -> Found | None:
        """Explain as much as a greedy search can; return the answer if that was enough for one."""
        depth = DepthFirst(self._tools, Scene(self._problem), 0, len(self._problem.endpoints))
        depth.start_from(Configuration())
        # Where little is open, the thrifty way is not long, and often the better one.
        persistence = 8 if self._problem.slots <= FEW_OPEN else 256
        latest = survived = -1
        left = 1 + patience // HASTE
        while depth.run(left) is Outcome.STALLED:
            if depth.deepest != survived:
                scene = depth.scene_at(depth.deepest)
                beyond = self._impossible.tried(scene, depth.deepest, left * PERSISTENCE)
                if beyond is Outcome.EXHAUSTED:
                    break
                if beyond is Outcome.REACHED:
                    survived = depth.deepest
            if depth.deepest == latest:
                left *= 2
            latest = depth.deepest
            if left > patience * persistence:
                return None
        return Found(depth.deepest, [depth.furthest])

    def _follow(self, unknowns: Unknowns, patience: int = 0) -> Found | None:
        """Follow configurations from return to return; return the answer if that proves one."""
        breadth = BreadthFirst(evolve(self._tools, unknowns=unknowns))
        if breadth.run():
            return Found(breadth.at, breadth.survivors[:1])
        if unknowns is Unknowns.THRIFTY:
            beyond = self._impossible.tried(breadth.scene, breadth.at, patience)
            if beyond is not Outcome.EXHAUSTED:
                return None
        return Found(breadth.at, breadth.dead_ends[:DEAD_ENDS_SHOWN])
