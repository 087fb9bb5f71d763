"""Each mistake is found within the assumptions under which the lock without it is not."""

from __future__ import annotations

import pytest
from tests.histories.simulation import planted_bugs

from holdfast.checker.falsify import Falsifier
from holdfast.histories.strategies.bounds import Bounds

WITHIN = Bounds(holds=(0.5, 0.1, 1.3)).assuming("clocks", "data", "awake", "heard")
"""What the claims of the locks assume; the work may take longer than the time to live."""

BUGS = [*planted_bugs.ON_REDIS, *planted_bugs.ON_ETCD]
EXAMPLES = 4000
"""Most are found among the first fifty; a search ends when it has found one."""

CONTROLS = 300
"""The long searches are those of TRACK_RECORD.md."""


@pytest.mark.parametrize("bug", BUGS)
def test_is_found(bug: str) -> None:
    falsifier = Falsifier(f"{planted_bugs.__name__}:{bug}", WITHIN, keys=["lock"], seed=1)
    assert falsifier.first(EXAMPLES) is not None


@pytest.mark.parametrize("system", ["redlock", "etcd"])
def test_nothing_is_found_without_a_mistake(system: str) -> None:
    assert Falsifier(system, WITHIN, keys=["lock"]).first(CONTROLS) is None
