"""Grants of unknown fencing token need room for one among the known: each history judged to its end."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.checker.check import check
from holdfast.checker.frontier import Unexplained
from holdfast.checker.locks.called import OutsideMonitor
from holdfast.checker.locks.certificate import FenceBackwards
from holdfast.checker.monitor import Monitor
from holdfast.checker.stream import Stream
from holdfast.checker.verdict import NotLinearizable
from holdfast.histories import Event, History
from holdfast.models.fenced_mutex import FencedMutex

Row = tuple[Any, int, str, Any]
"""Type, process, function, and token or fencing token; one instant after the other."""


def granted(token: str, fence: int, process: int) -> list[Row]:
    return [("invoke", process, "acquire", token), ("ok", process, "acquire", fence)]


def given_back(token: str, process: int) -> list[Row]:
    return [("invoke", process, "release", token), ("ok", process, "release", None)]


LOST: list[Row] = [("invoke", 10, "acquire", "u"), ("info", 10, "acquire", None)]
LOST_BUT_GIVEN_BACK = [*LOST, *given_back("u", 11)]


def between(low: int, high: int) -> list[Row]:
    """A lost grant that was given back lies between two known ones."""
    return [
        *granted("a", low, 0),
        *given_back("a", 0),
        *LOST_BUT_GIVEN_BACK,
        *granted("b", high, 1),
    ]


def before(fence: int) -> list[Row]:
    """A lost grant was given back by the time at which another holds: it came before."""
    release = given_back("u", 11)
    return [*LOST, release[0], *granted("a", fence, 0), release[1]]


def before_after_all(fence: int) -> list[Row]:
    """A lost grant may have come after another, until the release of that fails."""
    release, others = given_back("u", 11), given_back("a", 0)
    return [
        *LOST,
        release[0],
        *granted("a", fence, 0),
        others[0],
        release[1],
        ("fail", 0, "release", None),
    ]


TABLE: list[tuple[list[Row], bool, type | None]] = [
    ([*granted("a", 3, 0), *given_back("a", 0), *granted("b", 4, 1)], True, None),
    ([*granted("a", 4, 0), *given_back("a", 0), *granted("b", 4, 1)], False, FenceBackwards),
    ([*granted("a", 4, 0), *given_back("a", 0), *granted("b", 3, 1)], False, FenceBackwards),
    (between(3, 5), True, None),
    (between(3, 4), False, OutsideMonitor),
    ([*between(3, 5), *given_back("b", 1), *granted("c", 6, 2)], True, None),
    (before(1), True, None),
    (before(0), False, OutsideMonitor),
    (before_after_all(1), True, OutsideMonitor),
    (before_after_all(0), False, OutsideMonitor),
]


@pytest.mark.parametrize(("rows", "linearizable", "answer"), TABLE)
def test_the_last_event_decides(rows: list[Row], linearizable: bool, answer: type | None) -> None:
    events = [Event(*row, time=time) for time, row in enumerate(rows)]
    verdict = check(History.of(events), FencedMutex(), engine="wgl")
    assert isinstance(verdict, NotLinearizable) is not linearizable
    stream, monitor = Stream(lambda key: FencedMutex()), Monitor(FencedMutex(), kept_max=0)
    found = [stream.add(event) for event in events]
    assert found[:-1] == [None] * (len(events) - 1)
    assert (found[-1] is None) is linearizable
    for event in events[:-1]:
        assert monitor.add(event) is None
    if answer is OutsideMonitor:
        assert linearizable or isinstance(found[-1].found, Unexplained)  # type: ignore[union-attr]
        with pytest.raises(OutsideMonitor):
            monitor.add(events[-1])
    else:
        last = monitor.add(events[-1])
        assert last is None if answer is None else isinstance(last, answer)
