"""Code as it is, here the lock of redis-py, on a real Redis server whose clock leaps."""

import time
from concurrent.futures import ThreadPoolExecutor

import redis

from holdfast import OwnedMutex, RecordedLock, assert_linearizable, read_history
from holdfast.histories.faults.clock_jump import ClockJump


def test_one_holder_at_a_time(holdfast_cluster, holdfast_recorder):
    with holdfast_recorder(2) as recorder, holdfast_cluster("redlock", recorder) as servers:

        def work(client):
            server = redis.Redis(unix_socket_path=str(servers.socket("n1")))
            with RecordedLock(server.lock("mine", timeout=5.0), client):
                time.sleep(1.0)  # the work that the lock protects

        with ThreadPoolExecutor() as threads:
            threads.map(work, map(recorder.client, range(2)))
            time.sleep(0.4)
            servers.strike(ClockJump(("n1",), by_ms=5000.0))
    assert_linearizable(read_history(recorder.path), OwnedMutex())
