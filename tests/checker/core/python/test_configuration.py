"""That each condition under which one configuration covers another is needed: break it, and it shows."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checker.core.python.planting import Drawn, Plant, assert_noticed, replaced

from holdfast.checker.core.python import antichain, depth_first
from holdfast.checker.core.python.configuration import within
from holdfast.checker.core.python.scene import Scene


def _covers(
    *,
    observed: bool = True,
    observed_less: bool = False,
    overwrote: bool = True,
    passes: bool = True,
) -> Plant:
    """Plant a ``covers`` without some of what it compares."""

    def covers(first: Any, second: Any, scene: Scene) -> bool:
        less, more = (first, second) if observed_less else (second, first)
        return not (
            (observed and less.done & scene.observing & ~more.done)
            or (overwrote and first.done & scene.overwriting & ~second.done)
            or (passes and second.spare & ~first.spare)
        )

    return replaced("covers", covers, antichain, depth_first)


FAULTS: dict[str, tuple[Drawn, Plant]] = {
    "what is done is not compared": (
        Drawn("cas-register", 104),
        replaced("compared", lambda config, scene: 0, antichain, depth_first),
    ),
    "observations are not compared": (Drawn("counter", 1), _covers(observed=False)),
    "fewer observations cover more": (Drawn("cas-register", 3151), _covers(observed_less=True)),
    "what has overwritten is not compared": (Drawn("register", 728), _covers(overwrote=False)),
    "what may pass unseen is not compared": (Drawn("register", 5418), _covers(passes=False)),
    "breadth first, more used covers fewer": (
        Drawn("cas-register", 297),
        replaced("within", lambda few, many: within(many, few), antichain),
    ),
    "breadth first, what was used is not compared": (
        Drawn("register", 1769),
        replaced("within", lambda few, many: True, antichain),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noticed(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    assert_noticed(monkeypatch, *FAULTS[fault])
