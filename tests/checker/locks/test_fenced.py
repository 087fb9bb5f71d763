"""Fencing tokens where a token's own calls overlap: too rare to be found by chance."""

from __future__ import annotations

from holdfast.checker.locks.certificate import FenceBackwards
from holdfast.checker.locks.fenced import decide_fenced
from holdfast.checker.locks.rows import Kind, Row


def test_a_release_bounds_the_grant_that_returns_after_it() -> None:
    rows = [
        Row(0, Kind.ACQUIRE, 0, invoked=0, returned=21, fence=5),
        Row(1, Kind.RELEASE, 0, invoked=2, returned=7),
        Row(2, Kind.ACQUIRE, 1, invoked=10, returned=13, fence=2),
        Row(3, Kind.RELEASE, 1, invoked=14, returned=17),
    ]
    answer = decide_fenced(rows, consecutive=False)
    assert answer == FenceBackwards(returned=1, invoked=3, higher=0, lower=2)
