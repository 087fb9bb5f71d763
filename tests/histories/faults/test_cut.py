"""Directions that are cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.faults.cut import Cut

Struck = Callable[..., tuple[str, list[tuple[object, ...]]]]


@pytest.mark.parametrize(
    ("fault", "words", "done"),
    [
        pytest.param(
            Cut(("n1",), ("c1",)),
            "cut n1→c1 (hold)",
            [("cut", "n1", "c1", "hold")],
            id="replies to one client",
        ),
        pytest.param(
            Cut(("leader",), ("nodes",), mode="reset"),
            "cut n2→n1, n2→n3 (reset)",
            [("cut", "n2", "n1", "reset"), ("cut", "n2", "n3", "reset")],
            id="from the leader, not to itself",
        ),
        pytest.param(
            Cut(("n1", "n2"), ("n1", "n2")),
            "cut n1↔n2 (hold)",
            [("cut", "n1", "n2", "hold"), ("cut", "n2", "n1", "hold")],
            id="both ways",
        ),
        pytest.param(
            Cut(("clients",), ("clients", "n3")),
            "cut c1→n3, c2→n3 (hold)",
            [("cut", "c1", "n3", "hold"), ("cut", "c2", "n3", "hold")],
            id="clients do not talk to each other",
        ),
        pytest.param(
            Cut(("c1",), ("c2",)), "cannot: c1 sends nothing to c2", [], id="nothing to cut"
        ),
        pytest.param(Cut(("n1",), ("n9",)), "cannot: there is no 'n9' here", [], id="unknown name"),
    ],
)
def test_cut(struck: Struck, fault: Cut, words: str, done: list[tuple[object, ...]]) -> None:
    assert struck(fault) == (words, done)
