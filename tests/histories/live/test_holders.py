"""Who holds the lock, by what was recorded."""

from __future__ import annotations

import threading
import time

from holdfast.histories.live.holders import Holders
from holdfast.histories.operation import NEMESIS, Event


def test_a_client_holds_from_its_granted_acquire_to_its_invoked_release() -> None:
    holders = Holders(clients=2)
    steps = [
        (Event("invoke", 0, "acquire", key="lock"), ()),
        (Event("ok", 0, "acquire", key="lock"), ("c1",)),
        (Event("info", NEMESIS, "pause"), ("c1",)),
        (Event("ok", 3, "acquire", key="lock"), ("c1", "c2")),
        (Event("ok", 0, "read", key="resource"), ("c1", "c2")),
        (Event("invoke", 0, "release", key="lock"), ("c2",)),
        (Event("fail", 0, "release", key="lock"), ("c2",)),
    ]
    for event, holding in steps:
        holders.observe(event)
        assert holders.now() == holding


def test_at_work_is_a_holder_that_has_been_quiet_for_a_moment() -> None:
    holders = Holders(clients=2)
    assert holders.at_work(0.02) is None

    def grant_soon() -> None:
        time.sleep(0.02)
        holders.observe(Event("ok", 1, "acquire", key="lock"))

    threading.Thread(target=grant_soon).start()
    assert holders.at_work(5.0) == "c2"


def test_a_holder_whose_write_takes_long_is_not_in_the_middle_of_its_work() -> None:
    holders = Holders(clients=2)
    granted = Event("ok", 1, "acquire", key="lock")
    holders.observe(granted)
    holders.observe(Event("invoke", 1, "cas", (0, 1), key="resource"))
    assert holders.at_work(0.02) is None
    assert holders.now() == ("c2",)
    holders.observe(granted)
    assert holders.at_work(5.0) == "c2"
