"""Clocks that drift."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.faults.clock_rate import ClockRate

Struck = Callable[..., tuple[str, list[tuple[object, ...]]]]


@pytest.mark.parametrize(
    ("fault", "words", "done"),
    [
        pytest.param(
            ClockRate(nodes=("n1", "n2"), rate=1.5),
            "set the clocks of n1, n2 to 1.5 times real time",
            [("set_clock", "n1", 3.25, 1.5), ("set_clock", "n2", 0.0, 1.5)],
            id="each from where it is",
        ),
        pytest.param(
            ClockRate(nodes=("n1",), rate=1),
            "set the clock of n1 to 1 times real time",
            [("set_clock", "n1", 3.25, 1.0)],
            id="the end of a drift",
        ),
        pytest.param(
            ClockRate(nodes=("clients",)),
            "cannot: c1 is not a node; name one of n1, n2, n3",
            [],
            id="clients",
        ),
    ],
)
def test_clock_rate(
    struck: Struck, fault: ClockRate, words: str, done: list[tuple[object, ...]]
) -> None:
    assert struck(fault, clocks={"n1": (3.25, 2.0)}) == (words, done)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("inf"), float("nan")])
def test_clocks_go_forward(rate: float) -> None:
    with pytest.raises(ValueError, match="rate must be above 0"):
        ClockRate(rate=rate)
