"""Cuts that are healed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.faults.heal import Heal

Struck = Callable[..., tuple[str, list[tuple[object, ...]]]]


CUTS = (("n1", "n2"), ("n3", "n2"), ("n2", "n1"), ("n1", "c1"))


@pytest.mark.parametrize(
    ("fault", "cuts", "words", "done"),
    [
        pytest.param(
            Heal(),
            CUTS,
            "healed n1↔n2, n3→n2, n1→c1",
            [("heal", *cut) for cut in CUTS],
            id="everything",
        ),
        pytest.param(
            Heal((("n1", "n2"), ("n1", "c2"))),
            CUTS,
            "healed n1→n2",
            [("heal", "n1", "n2")],
            id="of those named, what is cut",
        ),
        pytest.param(
            Heal((("nodes", "leader"), ("n1", "clients"))),
            CUTS,
            "healed n1→n2, n3→n2, n1→c1",
            [("heal", "n1", "n2"), ("heal", "n3", "n2"), ("heal", "n1", "c1")],
            id="roles",
        ),
        pytest.param(Heal(), (), "cannot: nothing is cut", [], id="nothing is cut"),
        pytest.param(
            Heal((("c1", "n1"),)), CUTS, "cannot: nothing of that is cut", [], id="not that one"
        ),
    ],
)
def test_heal(
    struck: Struck,
    fault: Heal,
    cuts: tuple[tuple[str, str], ...],
    words: str,
    done: list[tuple[object, ...]],
) -> None:
    assert struck(fault, cut_now=cuts) == (words, done)
