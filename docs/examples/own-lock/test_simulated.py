"""The lock's own code in virtual time, under faults that Hypothesis chooses."""

from hypothesis import given, settings

from holdfast import assert_linearizable, simulate
from holdfast.histories.strategies import Bounds, schedules

# Clocks run right and no client stops: what any lock with a time to live needs.
FAIR = Bounds(longest_ttls=0.5).assuming("clocks", "awake")


@settings(max_examples=1000, deadline=None)
@given(schedules("my_lock:on_redis", FAIR))
def test_one_holder_at_a_time(trial):
    assert_linearizable(simulate(trial).history(), keys=["lock"])
