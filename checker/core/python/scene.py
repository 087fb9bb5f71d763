"""What is open at one place among the endpoints, the same for every configuration there."""

from __future__ import annotations

from bisect import insort

from holdfast.checker.core.python.problem import OBSERVES, OVERWRITES, Problem


class Scene:
    """What is open, moved forward and back.

    Attributes:
        open: operations that return, those that return first in front.
        observing: the slots of those that observe, as a bit mask.
        overwriting: likewise of those that overwrite.
        unknown: by class, how many operations of unknown outcome were invoked; in the order of
            their first invocation.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.open: list[int] = []
        self.observing = 0
        self.overwriting = 0
        self.unknown: dict[int, int] = {}

    def copy(self) -> Scene:
        """Return another one at the same place."""
        scene = Scene(self._problem)
        scene.open = self.open[:]
        scene.observing, scene.overwriting = self.observing, self.overwriting
        scene.unknown = dict(self.unknown)
        return scene

    def forward(self, mark: int) -> None:
        """Go past an endpoint."""
        if mark < 0:
            # Whichever operation returns is the one that returns first.
            self._leave(self.open.pop(0))
        elif self._problem.returns(mark):
            insort(self.open, mark, key=self._problem.returned_at.__getitem__)
            self._enter(mark)
        else:
            cls = self._problem.op_class[mark]
            self.unknown[cls] = self.unknown.get(cls, 0) + 1

    def back(self, mark: int) -> None:
        """Go back before an endpoint."""
        if mark < 0:
            self.open.insert(0, ~mark)
            self._enter(~mark)
        elif self._problem.returns(mark):
            self.open.remove(mark)
            self._leave(mark)
        else:
            cls = self._problem.op_class[mark]
            self.unknown[cls] -= 1
            if self.unknown[cls] == 0:
                del self.unknown[cls]

    def _enter(self, op: int) -> None:
        bit = 1 << self._problem.slot[op]
        if self._problem.kind[op] == OBSERVES:
            self.observing |= bit
        if self._problem.kind[op] == OVERWRITES:
            self.overwriting |= bit

    def _leave(self, op: int) -> None:
        bit = 1 << self._problem.slot[op]
        self.observing &= ~bit
        self.overwriting &= ~bit
