"""That each rule on what can happen to a configuration is needed: break it, and it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.checker.core.python.planting import Drawn, Plant, assert_noticed, replaced, wrapped

from holdfast.checker.core.python import problem
from holdfast.checker.core.python.breadth_first import BreadthFirst
from holdfast.checker.core.python.moves import Move, Moves
from holdfast.checker.core.python.problem import OBSERVES, OVERWRITES
from holdfast.checker.core.python.trail import Step


def _kinds_taken_for(taken: int, but: int) -> Plant:
    def planted(original: Any, self: problem.Problem, *arguments: Any) -> None:
        original(self, *arguments)
        for kinds in (self.kind, self.class_kind):
            kinds[:] = type(self.class_kind)(
                "B", [kind if kind == but else taken for kind in kinds]
            )

    return wrapped(problem.Problem, "__init__", planted)


def _last_deadline_first(original: Any, self: Moves, config: Any, lacking: Any) -> Any:
    soonest_first = self._scene.open
    self._scene.open = [soonest_first[0], *reversed(soonest_first[1:])]
    listed = list(original(self, config, lacking))
    self._scene.open = soonest_first
    return iter(listed)


def _without(left_out: Callable[[Moves, Any, int], bool]) -> Plant:
    """Leave out moves of operations that return, by their class."""

    def planted(original: Any, self: Moves, config: Any, lacking: Any) -> Iterator[Move]:
        for move in original(self, config, lacking):
            if move.step is Step.UNKNOWN or not left_out(
                self, config, self._problem.op_class[move.what]
            ):
                yield move

    return wrapped(Moves, "prepare", planted)


def _is_done(self: Moves, config: Any, cls: int) -> bool:
    return any(
        config.done & self.bit(op) and self._problem.op_class[op] == cls for op in self._scene.open
    )


def _unknown_without_end(original: Any, self: Moves, *arguments: Any) -> None:
    original(self, *arguments)
    self._lenient = True


def _one_unknown(original: Any, self: Moves, config: Any, *arguments: Any) -> Any:
    invoked = self._scene.unknown
    self._scene.unknown = dict.fromkeys(invoked, 1)
    listed = list(original(self, config, *arguments))
    self._scene.unknown = invoked
    return iter(listed)


def _keeps(part: str) -> Plant:
    """Let an operation that returns leave something with its slot."""
    return wrapped(
        Moves,
        "forget",
        lambda original, self, config, op: original(self, config, op)._replace(
            **{part: getattr(config, part)}
        ),
    )


FAULTS: dict[str, tuple[Drawn, Plant]] = {
    "all but overwriting operations are taken as observations": (
        Drawn("cas-register"),
        _kinds_taken_for(OBSERVES, OVERWRITES),
    ),
    "all but observations are taken to overwrite": (
        Drawn("cas-register"),
        _kinds_taken_for(OVERWRITES, OBSERVES),
    ),
    "of like operations the one that returns last goes first": (
        Drawn("cas-register", 2752),
        wrapped(Moves, "prepare", _last_deadline_first),
    ),
    "all operations are taken to be alike": (
        Drawn("cas-register", 518),
        wrapped(Moves, "prepare", lambda original, *arguments: iter([*original(*arguments)][:1])),
    ),
    "one of unknown outcome goes before one that must return": (
        Drawn("cas-register"),
        _without(lambda self, config, cls: cls in self._scene.unknown),
    ),
    "one that is done holds others back": (Drawn("cas-register", 4730), _without(_is_done)),
    "an observation is not made when it is invoked": (
        Drawn("cas-register", 18),
        replaced("_invoke", lambda self, op: self.scene.forward(op), BreadthFirst),
    ),
    "an observation is not made when the state changes": (
        Drawn("cas-register", 64),
        replaced("_observe_all", lambda self, config: config, Moves),
    ),
    "a false observation is made": (
        Drawn("cas-register"),
        replaced(
            "observe",
            lambda self, config, op: config._replace(
                done=config.done | self.bit(op), trail=(config.trail, Step.LINEARIZE, op)
            ),
            Moves,
        ),
    ),
    "unknown operations take effect without end": (
        Drawn("cas-register", 297),
        wrapped(Moves, "__init__", _unknown_without_end),
    ),
    "of each unknown class only one takes effect": (
        Drawn("cas-register", 417),
        wrapped(Moves, "_unknown", _one_unknown),
    ),
    "an overwriting operation passes unseen before it was invoked": (
        Drawn("register", 24),
        wrapped(
            Moves,
            "after",
            lambda original, *arguments: (after := original(*arguments))._replace(
                spare=-1 if after.spare else 0
            ),
        ),
    ),
    "no overwriting operation passes unseen": (
        Drawn("register", 1013),
        wrapped(
            Moves,
            "after",
            lambda original, self, config, move: original(self, config, move)._replace(
                spare=config.spare
            ),
        ),
    ),
    "what is done stays with the slot": (Drawn("cas-register"), _keeps("done")),
    "what may pass unseen stays with the slot": (Drawn("register", 4), _keeps("spare")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noticed(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    assert_noticed(monkeypatch, *FAULTS[fault])
