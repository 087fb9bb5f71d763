"""That all that a proof of impossibility allows for is needed: break it, and it shows."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checker.core.python.planting import (
    Drawn,
    Made,
    Plant,
    Shows,
    assert_noticed,
    lost,
    replaced,
    step,
    wrapped,
)

from holdfast.checker.core.python.depth_first import Outcome
from holdfast.checker.core.python.impossible import Impossible
from holdfast.checker.core.python.moves import Moves

# Both ups are open at once; the first has taken effect before the last eight endpoints, the second has
# yet to. The second must not wait for the first. Others keep the search from finding that out at once.
UP_TWICE = Made(
    rows=[
        *lost(*["red", "green"] * 4),
        step("up", 10, 60),
        step("down", 15, 20),
        step("up", 30, 80),
        step("set", 32, 70),
        step("read", 40, 50),
        step("read", 52, 54),
    ],
    steps={
        ("", "up"): "1",
        ("1", "down"): "",
        ("", "set"): "1",
        ("1", "set"): "1",
        ("1", "read"): "1",
        ("1", "red"): "2",
        ("2", "green"): "1",
    },
)


def _ends_as(asked: Outcome, given: Outcome) -> Plant:
    def planted(original: Any, *arguments: Any) -> Outcome:
        outcome: Outcome = original(*arguments)
        return given if outcome is asked else outcome

    return wrapped(Impossible, "tried", planted)


def _one_step(self: Impossible) -> list[int]:
    following = {self._tools.table.next(0, cls) for cls in set(self._problem.op_class)}
    return sorted(following - {-1} | {0})


def _begins(**otherwise: int) -> Plant:
    return wrapped(
        Impossible, "_most", lambda original, *given: original(*given)._replace(**otherwise)
    )


FAULTS: dict[str, tuple[Shows, Plant]] = {
    "what stalled is taken as proved": (
        Drawn("counter", 71),
        _ends_as(Outcome.STALLED, Outcome.EXHAUSTED),
    ),
    "what survived is taken as proved": (
        Drawn("cas-register"),
        _ends_as(Outcome.REACHED, Outcome.EXHAUSTED),
    ),
    "it begins in the initial state alone": (
        Drawn("cas-register", 210),
        replaced("_reachable_states", lambda self: [0], Impossible),
    ),
    "states are reached by one operation at most": (
        Drawn("counter", 1429),
        replaced("_reachable_states", _one_step, Impossible),
    ),
    "nothing has taken effect before": (Drawn("cas-register", 1987), _begins(spare=0)),
    "no observation was made before": (Drawn("register", 506), _begins(done=0)),
    "an operation that may be done holds others back": (
        UP_TWICE,
        replaced("_free", lambda self, config, op: False, Moves),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noticed(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    assert_noticed(monkeypatch, *FAULTS[fault])
