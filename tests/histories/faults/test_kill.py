"""Nodes that die."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.faults.kill import Kill

Struck = Callable[..., tuple[str, list[tuple[object, ...]]]]


@pytest.mark.parametrize(
    ("fault", "words", "done"),
    [
        pytest.param(Kill(), "killed n1", [("kill", "n1")], id="the first"),
        pytest.param(
            Kill(("leader", "n3")),
            "killed n2, n3",
            [("kill", "n2"), ("kill", "n3")],
            id="leader and another",
        ),
        pytest.param(
            Kill(("n1", "c1")),
            "cannot: c1 is not a node; name one of n1, n2, n3",
            [],
            id="a client",
        ),
    ],
)
def test_kill(struck: Struck, fault: Kill, words: str, done: list[tuple[object, ...]]) -> None:
    assert struck(fault) == (words, done)
