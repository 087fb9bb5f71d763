"""What the simulation found, on real servers: the lock's own code again, under the same schedule."""

import pytest

from holdfast import Trial, assert_linearizable
from holdfast.histories.faults.kill import Kill
from holdfast.histories.faults.restart import Restart
from holdfast.histories.schedule import Schedule, Strike
from holdfast.histories.workload import Workload

FOUND = Schedule((Strike(0.5, Kill(("n1",)), when="held"), Strike(0.6, Restart(keep_data=False))))


@pytest.mark.holdfast(cluster="live")
def test_one_holder_at_a_time(holdfast_record):
    trial = Trial("my_lock:on_redis", Workload(clients=3, seconds=2.0, hold=0.4), FOUND)
    assert_linearizable(holdfast_record(trial), keys=["lock"])
