"""Dead nodes that come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.faults.restart import Restart

Struck = Callable[..., tuple[str, list[tuple[object, ...]]]]


@pytest.mark.parametrize(
    ("fault", "words", "done"),
    [
        pytest.param(
            Restart(),
            "restarted n1, n3 with what was durable",
            [("restart", "n1", True), ("restart", "n3", True)],
            id="all that were killed",
        ),
        pytest.param(
            Restart(("n3",), keep_data=False),
            "restarted n3 empty",
            [("restart", "n3", False)],
            id="empty",
        ),
        pytest.param(
            Restart(("paused",)),
            "cannot: nothing here is 'paused' now",
            [],
            id="a role that nobody has",
        ),
    ],
)
def test_restart(
    struck: Struck, fault: Restart, words: str, done: list[tuple[object, ...]]
) -> None:
    assert struck(fault, killed=("n1", "n3")) == (words, done)
