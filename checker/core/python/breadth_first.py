"""Following all configurations from return to return at once."""

from __future__ import annotations

from holdfast.checker.core.python.antichain import Antichain
from holdfast.checker.core.python.configuration import Configuration
from holdfast.checker.core.python.moves import Moves, Tools
from holdfast.checker.core.python.problem import OBSERVES
from holdfast.checker.core.python.scene import Scene


class BreadthFirst:
    """One such search. What it answers is proved, unless it is thrifty.

    Attributes:
        at: how far among the endpoints it came.
        scene: what is open there.
        survivors: the configurations there, or at the last return that any survived.
        dead_ends: the configurations at the return that nothing survives.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self.scene = Scene(tools.problem)
        self._moves = Moves(tools, self.scene)
        self.at = 0
        self.survivors = [Configuration()]
        self.dead_ends: list[Configuration] = []

    def run(self) -> bool:
        """Return whether a legal order exists."""
        for at, mark in enumerate(self._tools.problem.endpoints):
            self.at = at
            if mark >= 0:
                self._invoke(mark)
            elif not self._complete(~mark):
                return False
        self.at = len(self._tools.problem.endpoints)
        return True

    def _invoke(self, op: int) -> None:
        self.scene.forward(op)
        problem = self._tools.problem
        if problem.returns(op) and problem.kind[op] == OBSERVES:
            self.survivors = [self._moves.observe(config, op) for config in self.survivors]

    def _complete(self, op: int) -> bool:
        """Take every configuration past the return of an operation; return whether any survives."""
        waiting = Antichain(self._tools, self.scene)
        after = Antichain(self._tools, self.scene)

        def sort(config: Configuration) -> None:
            if config.done & self._moves.bit(op):
                after.add(self._moves.forget(config, op))
            else:
                waiting.add(config)

        for config in self.survivors:
            sort(config)
        for config in waiting:
            if self._tools.pace.due():
                held = len(self.survivors) + len(waiting) + len(after)
                self._tools.pace.report(self.at, held, self._tools.table)
            for move in (*self._moves.demand(config), *self._moves.prepare(config, set())):
                sort(self._moves.after(config, move))
        if not len(after):
            self.dead_ends = list(waiting)
            return False
        self.survivors = list(after)
        self.scene.forward(~op)
        return True
