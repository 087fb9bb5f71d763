"""Groups that are severed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.faults.partition import Partition

Struck = Callable[..., tuple[str, list[tuple[object, ...]]]]


@pytest.mark.parametrize(
    ("fault", "words", "done"),
    [
        pytest.param(
            Partition((("n1", "c1"), ("n2", "c2"))),
            "severed n1, c1 from n2, c2 (hold)",
            [
                ("cut", "c1", "n2", "hold"),
                ("cut", "c2", "n1", "hold"),
                ("cut", "n1", "c2", "hold"),
                ("cut", "n1", "n2", "hold"),
                ("cut", "n2", "c1", "hold"),
                ("cut", "n2", "n1", "hold"),
            ],
            id="clients on both sides",
        ),
        pytest.param(
            Partition((("leader",), ("nodes",)), mode="reset"),
            "severed n2 from n1, n3 (reset)",
            [
                ("cut", "n1", "n2", "reset"),
                ("cut", "n2", "n1", "reset"),
                ("cut", "n2", "n3", "reset"),
                ("cut", "n3", "n2", "reset"),
            ],
            id="the leader from the other nodes",
        ),
        pytest.param(
            Partition((("c1",), ("c2",))),
            "cannot: nothing is sent between c1 and c2",
            [],
            id="nothing to cut",
        ),
        pytest.param(
            Partition((("nodes",), ("n1",))),
            "cannot: nobody is left in the second group: n1, n2, n3 are in the first",
            [],
            id="one group only",
        ),
        pytest.param(
            Partition((("n1",), ("n9",))), "cannot: there is no 'n9' here", [], id="unknown name"
        ),
    ],
)
def test_partition(
    struck: Struck, fault: Partition, words: str, done: list[tuple[object, ...]]
) -> None:
    assert struck(fault) == (words, done)
