"""Proving that no configuration survives a return, whatever happened until shortly before."""

from __future__ import annotations

from attrs import evolve

from holdfast.checker.core.python.configuration import Configuration
from holdfast.checker.core.python.depth_first import DepthFirst, Outcome
from holdfast.checker.core.python.moves import Tools, Unknowns
from holdfast.checker.core.python.problem import OBSERVES
from holdfast.checker.core.python.scene import Scene
from holdfast.checker.core.python.table import REFUSED

WINDOWS = (4, 32, 128, 512, 2048)
STATES_MAX = 64
QUESTIONS_MAX = 1 << 14
MORE_STATES = 64


class Impossible:
    """Goes back some way, and on from there with all that can have come about, and more.

    That is: every state that the operations can lead to in any order; every open observation made;
    every other open operation free to take effect, or to have done so; no operation of unknown outcome
    used, and each, once invoked, free to take effect any number of times. If none of that survives the
    return, nothing does.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = evolve(tools, unknowns=Unknowns.LENIENT)
        self._problem = tools.problem
        self._states: list[int] | None = None

    def tried(self, scene: Scene, at: int, patience: int) -> Outcome:
        """Try that for the return at a place, given what is open there.

        Returns:
            exhausted if it is proved, stalled if patience ran out, reached if something survives.
        """
        if self._states is None:
            self._states = self._reachable_states()
        here = at
        for start in (max(at - window, 0) for window in WINDOWS):
            for mark in reversed(self._problem.endpoints[start:here]):
                scene.back(mark)
            here = start
            if start > 0 and not self._states:
                continue
            depth = DepthFirst(self._tools, scene.copy(), start, at + 1)
            for state in self._states if start else [0]:
                depth.start_from(self._most(scene, state))
            outcome = depth.run(patience, len(self._tools.table.met) * 2 + MORE_STATES)
            if start == 0 or outcome is not Outcome.REACHED:
                return outcome
        return Outcome.REACHED

    def _most(self, scene: Scene, state: int) -> Configuration:
        """Return what can do all that any configuration in that state can do."""
        others = (op for op in scene.open if self._problem.kind[op] != OBSERVES)
        spare = sum(1 << self._problem.slot[op] for op in others)
        return Configuration(scene.observing, spare, state)

    def _reachable_states(self) -> list[int]:
        """Return every state that the operations lead to, in any order; none if there are many."""
        classes = sorted(set(self._problem.op_class))
        states = [0]
        for state in states:
            if len(states) > STATES_MAX or len(states) * len(classes) > QUESTIONS_MAX:
                return []
            for cls in classes:
                following = self._tools.table.next(state, cls)
                if following != REFUSED and following not in states:
                    states.append(following)
        return states
