"""That all that is noted of a dead end is needed: break it, and it shows."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checker.core.python.planting import (
    Made,
    Plant,
    assert_noticed,
    lost,
    replaced,
    step,
    wrapped,
)

from holdfast.checker.core.python import depth_first
from holdfast.checker.core.python.configuration import compared
from holdfast.checker.core.python.depth_first import DepthFirst
from holdfast.checker.core.python.moves import Moves

FIRST_AND_SECOND = [step("first", 10, 11), step("second", 12, 13)]

# With "needed" used early, it goes round from X over Y and Z to X again, and is at a dead end at all
# three: at Y and Z only because of X, and what is lacking at X is known last. Without it, there is a
# way on from Y.
ROUND = Made(
    rows=[*lost("needed", "other", "to Y", "to Z", "to X"), *FIRST_AND_SECOND],
    steps={
        ("", "needed"): "early",
        ("early", "first"): "X",
        ("", "other"): "late",
        ("late", "first"): "Y",
        ("X", "to Y"): "Y",
        ("Y", "to Z"): "Z",
        ("Z", "to X"): "X",
        ("X", "needed"): "end",
        ("end", "second"): "end",
    },
)

# With "needed" used early, X is a dead end; then Y, as it leads to X only. Without it, there is a way
# on from Y.
TWICE = Made(
    rows=[*lost("needed", "again", "other", "to X"), *FIRST_AND_SECOND],
    steps={
        ("", "needed"): "early",
        ("early", "first"): "X",
        ("early", "again"): "later",
        ("later", "first"): "Y",
        ("", "other"): "late",
        ("late", "first"): "Y",
        ("Y", "to X"): "X",
        ("X", "needed"): "end",
        ("end", "second"): "end",
    },
)


def _nothing_lacking(original: Any, self: DepthFirst) -> None:
    self._frames[-1].lacking.clear()
    original(self)


def _nothing_lacking_in_known(original: Any, self: DepthFirst, config: Any) -> bool:
    lacking = set(self._frames[-1].lacking) if self._frames else set()
    known = bool(original(self, config))
    if self._frames:
        self._frames[-1].lacking.intersection_update(lacking)
    return known


def _learns_all(original: Any, self: DepthFirst) -> None:
    frame = self._frames[-1]
    self._nogoods[self._key(frame.config)].append((frame.config, frame.lacking))
    original(self)


def _rests_on_nothing(original: Any, self: DepthFirst) -> None:
    before = self._frames[-2:-1]
    rested_on = [frame.rests_on for frame in before]
    original(self)
    for frame, rests_on in zip(before, rested_on, strict=True):
        frame.rests_on = rests_on


FAULTS: dict[str, tuple[Made, Plant]] = {
    "what was used is not compared": (
        TWICE,
        replaced("within", lambda few, many, classes=None: True, depth_first),
    ),
    "what was lacking is forgotten": (
        TWICE,
        wrapped(DepthFirst, "_fail", _nothing_lacking),
    ),
    "what was lacking here is not noted": (
        TWICE,
        wrapped(
            Moves,
            "_unknown",
            lambda original, self, config, seen, lacking: original(self, config, seen, set()),
        ),
    ),
    "what was lacking in a known one is forgotten": (
        TWICE,
        wrapped(DepthFirst, "_known", _nothing_lacking_in_known),
    ),
    "one that rests on another is learnt": (ROUND, wrapped(DepthFirst, "_fail", _learns_all)),
    "what rests on what is not passed on": (
        ROUND,
        wrapped(DepthFirst, "_fail", _rests_on_nothing),
    ),
    "places are not compared": (
        TWICE,
        replaced(
            "_key",
            lambda self, config: (config.state, compared(config, self._scene)),
            DepthFirst,
        ),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noticed(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    assert_noticed(monkeypatch, *FAULTS[fault])
