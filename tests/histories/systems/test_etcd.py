"""The system ``etcd``: its lock on real servers, with clients in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from tests.histories.etcd_client import EtcdClient, etcd_clients, etcd_cluster, eventually

from holdfast.histories.live.etcd_cluster import EtcdCluster
from holdfast.histories.outcome import NoAnswer, NotAcquired, NotHeld
from holdfast.histories.systems import SYSTEMS
from holdfast.models import MODELS

TTL = 1.0


@pytest.fixture
def cluster(run_directory: Path) -> Iterator[EtcdCluster]:
    with etcd_cluster(run_directory) as cluster:
        yield cluster


def test_what_it_says_of_itself() -> None:
    system = SYSTEMS["etcd"]()
    assert "one holder at a time" in system.claim
    assert system.fenced
    assert system.lock_model in MODELS.names()


def test_listing_it_needs_no_server_and_no_client_library() -> None:
    script = (
        "import sys; import holdfast.histories.systems.etcd;"
        "print([name for name in sys.modules if name in ('etcd3', 'grpc') or '.live' in name])"
    )
    listed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert listed.stdout == "[]\n"


def has_length(observer: EtcdClient, length: int) -> bool:
    return len(observer.queue()) == length


def holds_of(clients: Sequence[EtcdClient]) -> list[tuple[int, float, float]]:
    """Return what all clients that contend held, in the order of their fencing tokens."""
    return sorted(tuple(hold) for client in clients for hold in client.end())


def assert_one_holder_at_a_time(holds: list[tuple[int, float, float]]) -> None:
    for (fence, _, end), (next_fence, start, _) in pairwise(holds):
        assert fence < next_fence
        assert end <= start


@pytest.mark.live
def test_several_clients_hold_the_lock_one_at_a_time(cluster: EtcdCluster) -> None:
    with etcd_clients(cluster, 4) as clients:
        for number, client in enumerate(clients):
            client.begin("contend", f"c{number}", 20)
        holds = holds_of(clients)
        assert len(holds) == 4 * 20
        assert_one_holder_at_a_time(holds)
        assert clients[0].queue() == []


@pytest.mark.live
def test_clients_go_on_after_the_leader_was_killed(cluster: EtcdCluster) -> None:
    with etcd_clients(cluster, 5) as (observer, *clients):
        for number, client in enumerate(clients):
            client.begin("contend", f"c{number}", 40)
        assert eventually(lambda: any(token.endswith("-10") for token in observer.queue()))
        killed = cluster.leader()
        cluster.kill(killed)
        assert cluster.leader() != killed
        cluster.restart(killed, keep_data=True)
        holds = holds_of(clients)
        assert len(holds) == 4 * 40
        assert_one_holder_at_a_time(holds)


@pytest.mark.live
def test_waiters_are_served_in_the_order_in_which_they_came(cluster: EtcdCluster) -> None:
    with etcd_clients(cluster, 4) as (holder, *waiters):
        fences = [holder.acquire("holder")]
        for number, waiter in enumerate(waiters):
            waiter.begin("acquire", f"waiter {number}", 20)
            assert eventually(partial(has_length, holder, number + 2))
        before = (holder, "holder")
        for number, waiter in enumerate(waiters):
            before[0].release(before[1])
            fences.append(waiter.end())
            before = (waiter, f"waiter {number}")
        assert fences == sorted(set(fences))


@pytest.mark.live
def test_who_runs_out_of_patience_leaves_the_queue(cluster: EtcdCluster) -> None:
    with etcd_clients(cluster, 2, ttl=TTL) as (holder, waiter):
        holder.acquire("holder")
        with pytest.raises(NotAcquired):
            waiter.acquire("hasty", patience=0)
        # Longer than the holder's lease would live without its keep-alive.
        with pytest.raises(NotAcquired):
            waiter.acquire("waiter", patience=3 * TTL)
        assert waiter.queue() == ["holder"]
        holder.release("holder")
        assert waiter.acquire("again") > 0


@pytest.mark.live
def test_a_client_paused_past_its_time_to_live_has_lost_the_lock(cluster: EtcdCluster) -> None:
    with etcd_clients(cluster, 2, ttl=TTL) as (sleeper, other):
        first = sleeper.acquire("sleeper")
        sleeper.pause()
        second = other.acquire("other")
        assert second > first
        sleeper.resume()
        with pytest.raises(NotHeld):
            sleeper.release("sleeper")
        sleeper.begin("acquire", "sleeper again", 20)
        assert eventually(lambda: other.queue() == ["other", "sleeper again"])
        other.release("other")
        assert sleeper.end() > second


@pytest.mark.live
def test_the_lock_of_a_killed_client_is_free_after_its_time_to_live(cluster: EtcdCluster) -> None:
    with etcd_clients(cluster, 2, ttl=TTL) as (victim, other):
        victim.acquire("victim")
        victim.process.kill()
        assert other.acquire("other") > 0


@pytest.mark.live
def test_no_answer_in_time_is_never_a_failure(cluster: EtcdCluster) -> None:
    with etcd_clients(cluster, 3) as (holder, waiter, newcomer):
        holder.acquire("holder")
        waiter.begin("acquire", "waiter", 1.5)
        assert eventually(lambda: holder.queue() == ["holder", "waiter"])
        for node in cluster.nodes:
            cluster.pause(node)
        with pytest.raises(NoAnswer):
            holder.release("holder")
        with pytest.raises(NoAnswer):
            waiter.end()
        for node in cluster.nodes:
            cluster.resume(node)
        # Both gave up their leases, so nobody has to wait for ever.
        assert newcomer.acquire("newcomer") > 0
