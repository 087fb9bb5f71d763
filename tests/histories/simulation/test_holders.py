"""Who is in the middle of its work, by what was recorded: the rule of live runs."""

from __future__ import annotations

from typing import Literal

import pytest

from holdfast.histories.simulation.holders import FRESH_NS, SETTLED_NS, Holders
from holdfast.histories.simulation.virtual_time import VirtualTime

MS = 1_000_000

Seen = tuple[Literal["invoke", "ok"], str, str]

GRANTED: Seen = ("ok", "acquire", "lock")
READ: Seen = ("ok", "read", "resource")
WRITING: Seen = ("invoke", "cas", "resource")
RELEASING: Seen = ("invoke", "release", "lock")


@pytest.mark.parametrize(
    ("seen", "quiet", "at_work"),
    [
        ([], SETTLED_NS, None),
        ([GRANTED], SETTLED_NS - 1, None),
        ([GRANTED], SETTLED_NS, "c2"),
        ([GRANTED, READ], FRESH_NS, "c2"),
        ([GRANTED, READ], FRESH_NS + 1, None),
        ([GRANTED, READ, WRITING], SETTLED_NS, None),
        ([GRANTED, READ, WRITING, RELEASING], SETTLED_NS, None),
        ([GRANTED, READ, WRITING, RELEASING, GRANTED], SETTLED_NS, "c2"),
    ],
)
def test_a_holder_is_at_work_between_its_grant_and_its_write(
    seen: list[Seen], quiet: int, at_work: str | None
) -> None:
    time = VirtualTime()
    holders = Holders(time, clients=3)
    for type, f, key in seen:
        time.now += MS
        # A process that had to retire goes on under a number that is higher by the clients.
        holders.observe(type, 1 + 3, f, key)
    time.now += quiet
    assert holders.at_work() == at_work
