"""That no way to an answer is trusted too far, nor its trail told wrongly: break it, and it shows."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from tests.checker.core.python.planting import (
    Drawn,
    Made,
    Plant,
    Shows,
    assert_noticed,
    lost,
    step,
    wrapped,
)

from holdfast.checker.core.python import trail
from holdfast.checker.core.python.breadth_first import BreadthFirst
from holdfast.checker.core.python.depth_first import DepthFirst, Outcome
from holdfast.checker.core.python.moves import Unknowns
from holdfast.checker.core.python.strategy import Strategy

# The way that uses fewest operations of unknown outcome uses the one that is needed later. Others
# keep the search from finding that out depth first.
DISTRACTIONS = ("red", "green", "blue", "white", "black")
WASTEFUL = Made(
    rows=[
        *lost("needed", "half", "other half", *DISTRACTIONS * 2),
        *(step("first", 10, 11), step("second", 12, 13), step("third", 14, 15)),
    ],
    steps={
        ("", "needed"): "whole",
        ("", "half"): "begun",
        ("begun", "other half"): "whole",
        ("whole", "first"): "whole",
        ("whole", "second"): "on",
        ("on", "needed"): "end",
        ("end", "third"): "end",
        **{("on", each): "astray" for each in DISTRACTIONS},
        **{("astray", each): "on" for each in DISTRACTIONS},
    },
)


def _followed_as(asked: Unknowns, given: Unknowns) -> Plant:
    return wrapped(
        Strategy,
        "_follow",
        lambda original, self, unknowns, patience=0: original(
            self, given if unknowns is asked else unknowns, patience
        ),
    )


def _always_proved(original: Any, self: Strategy, *arguments: Any) -> Any:
    with patch.object(self._impossible, "tried", lambda *_: Outcome.EXHAUSTED):
        return original(self, *arguments)


def _ends_where_it_stalls(original: Any, *arguments: Any) -> Outcome:
    outcome: Outcome = original(*arguments)
    return Outcome.EXHAUSTED if outcome is Outcome.STALLED else outcome


def _one_of_quiescence(original: Any, self: BreadthFirst, op: int) -> bool:
    survived = bool(original(self, op))
    if not self.scene.open:
        self.survivors = self.survivors[:1]
    return survived


def _unknown_last_first(original: Any, asked: Any) -> Any:
    found = original(asked)
    for operations in found.values():
        operations.reverse()
    return found


def _hidden_later(original: Any, asked: Any) -> Any:
    """Let what passed unseen do so where it returned, as any other."""
    return [
        (trail.Step.LINEARIZE if step is trail.Step.ABSORB else step, what)
        for step, what in original(asked)
    ]


FAULTS: dict[str, tuple[Shows, Plant]] = {
    "a lenient answer is taken as exact": (
        Drawn("cas-register", 297),
        _followed_as(Unknowns.EXACT, Unknowns.LENIENT),
    ),
    "a thrifty answer is taken as exact": (
        Drawn("cas-register", 14),
        _followed_as(Unknowns.EXACT, Unknowns.THRIFTY),
    ),
    "a thrifty answer is trusted without proof": (
        WASTEFUL,
        wrapped(Strategy, "_follow", _always_proved),
    ),
    "a search that stalled is taken to have ended": (
        Drawn("cas-register"),
        wrapped(DepthFirst, "run", _ends_where_it_stalls),
    ),
    "in quiescence one of the states is kept": (
        Drawn("cas-register", 58),
        wrapped(BreadthFirst, "_complete", _one_of_quiescence),
    ),
    "the unknown operation invoked last is used first": (
        Drawn("cas-register", 33),
        wrapped(trail, "_unknown_by_class", _unknown_last_first),
    ),
    "what passed unseen is seen": (Drawn("register", 18), wrapped(trail, "_steps", _hidden_later)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noticed(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    assert_noticed(monkeypatch, *FAULTS[fault])
