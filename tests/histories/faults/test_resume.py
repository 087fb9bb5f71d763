"""Clients and nodes that go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.faults.resume import Resume

Struck = Callable[..., tuple[str, list[tuple[object, ...]]]]


@pytest.mark.parametrize(
    ("fault", "words", "done"),
    [
        pytest.param(
            Resume(),
            "resumed c2, n1",
            [("resume", "c2"), ("resume", "n1")],
            id="all that are paused",
        ),
        pytest.param(Resume(("n1",)), "resumed n1", [("resume", "n1")], id="one"),
        pytest.param(
            Resume(("killed",)),
            "cannot: nothing here is 'killed' now",
            [],
            id="a role that nobody has",
        ),
    ],
)
def test_resume(struck: Struck, fault: Resume, words: str, done: list[tuple[object, ...]]) -> None:
    assert struck(fault, paused=("c2", "n1")) == (words, done)
