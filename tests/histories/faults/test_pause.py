"""Clients and nodes that stop."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.faults.pause import Pause

Struck = Callable[..., tuple[str, list[tuple[object, ...]]]]


@pytest.mark.parametrize(
    ("fault", "words", "done"),
    [
        pytest.param(Pause(), "paused c2", [("pause", "c2")], id="the holder"),
        pytest.param(
            Pause(("n1", "clients")),
            "paused n1, c1, c2",
            [("pause", "n1"), ("pause", "c1"), ("pause", "c2")],
            id="node and clients",
        ),
        pytest.param(
            Pause(("n1", "n9")),
            "cannot: there is no 'n9' here",
            [],
            id="an unknown name strikes nobody",
        ),
    ],
)
def test_pause(struck: Struck, fault: Pause, words: str, done: list[tuple[object, ...]]) -> None:
    assert struck(fault) == (words, done)
