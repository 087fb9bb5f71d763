"""Replicas that become masters."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.faults.promote import Promote

Struck = Callable[..., tuple[str, list[tuple[object, ...]]]]


@pytest.mark.parametrize(
    ("fault", "words", "done"),
    [
        pytest.param(Promote(), "promoted n2", [("promote", "n2")], id="the usual one"),
        pytest.param(
            Promote(("n3", "n1")),
            "promoted n3, n1",
            [("promote", "n3"), ("promote", "n1")],
            id="two",
        ),
        pytest.param(
            Promote(("c1",)),
            "cannot: c1 is not a node; name one of n1, n2, n3",
            [],
            id="a client",
        ),
    ],
)
def test_promote(
    struck: Struck, fault: Promote, words: str, done: list[tuple[object, ...]]
) -> None:
    assert struck(fault) == (words, done)
