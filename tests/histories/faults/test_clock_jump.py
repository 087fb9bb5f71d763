"""Clocks that leap."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.faults.clock_jump import ClockJump

Struck = Callable[..., tuple[str, list[tuple[object, ...]]]]


@pytest.mark.parametrize(
    ("fault", "clocks", "words", "done"),
    [
        pytest.param(
            ClockJump(nodes=("nodes",), by_ms=2000),
            {},
            "moved the clocks of n1, n2, n3 ahead by 2000 ms",
            [("set_clock", node, 2.0, 1.0) for node in ("n1", "n2", "n3")],
            id="all",
        ),
        pytest.param(
            ClockJump(nodes=("leader",), by_ms=-0.5),
            {},
            "moved the clock of n2 back by 0.5 ms",
            [("set_clock", "n2", -0.0005, 1.0)],
            id="back",
        ),
        pytest.param(
            ClockJump(nodes=("n1", "n3"), by_ms=500),
            {"n1": (1.5, 2.0), "n3": (-4.0, 0.25)},
            "moved the clocks of n1, n3 ahead by 500 ms",
            [("set_clock", "n1", 2.0, 2.0), ("set_clock", "n3", -3.5, 0.25)],
            id="from where each is, rates kept",
        ),
        pytest.param(
            ClockJump(nodes=("n1", "n1", "nodes"), by_ms=1),
            {},
            "moved the clocks of n1, n2, n3 ahead by 1 ms",
            [("set_clock", node, 0.001, 1.0) for node in ("n1", "n2", "n3")],
            id="each once",
        ),
        pytest.param(
            ClockJump(nodes=("n1", "holder")),
            {},
            "cannot: c2 is not a node; name one of n1, n2, n3",
            [],
            id="a client",
        ),
    ],
)
def test_clock_jump(
    struck: Struck,
    fault: ClockJump,
    clocks: dict[str, tuple[float, float]],
    words: str,
    done: list[tuple[object, ...]],
) -> None:
    assert struck(fault, clocks=clocks) == (words, done)


@pytest.mark.parametrize("by_ms", [float("inf"), float("nan"), 1e12, -1e12])
def test_a_jump_has_an_end(by_ms: float) -> None:
    with pytest.raises(ValueError, match="give milliseconds, at most ten years"):
        ClockJump(by_ms=by_ms)
