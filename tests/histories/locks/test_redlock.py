"""Redlock's arithmetic and verdicts in virtual time, and its exclusion on real servers."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.live.redis_cluster import RedisCluster
from holdfast.histories.live.redis_transport import RedisTransport
from holdfast.histories.locks.lock import Grant
from holdfast.histories.locks.redlock import Redlock, drift_allowance
from holdfast.histories.locks.transport import Background, run
from holdfast.histories.outcome import NoAnswer, NotAcquired, NotHeld, NotSent, ServerRefused

NODES = ("n1", "n2", "n3", "n4", "n5")
TTL = 0.5

SILENT = NoAnswer("no reply in time")
DOWN = NotSent("no such socket")
ERROR = ServerRefused("ERR")
WORDS = {"+": "OK", "-": None, "?": SILENT, "!": DOWN, "e": ERROR, "1": 1, "0": 0}
"""Replies, a letter each: granted, taken, silent, down, an error, deleted, not mine."""


class Scripted:
    """A transport whose replies are written down and whose time passes only as told.

    Args:
        rounds: the replies of each round of requests, one letter a node; the last is repeated.
        seconds: how long each round takes.
    """

    def __init__(self, *rounds: str, seconds: float = 0) -> None:
        self.nodes: Sequence[str] = NODES
        self.random = random.Random(0)
        self.requests: list[tuple[Any, ...]] = []
        self.timeouts: list[float] = []
        self.slept: list[float] = []
        self._rounds = list(rounds)
        self._seconds = seconds
        self._now = 100.0

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds

    async def call(self, node: str, request: Any, timeout: float) -> Any:
        raise AssertionError("Redlock asks all nodes at once")

    async def call_all(
        self, nodes: Sequence[str], request: Any, timeout: float
    ) -> list[Any | Exception]:
        assert tuple(nodes) == NODES
        self.requests.append(request)
        self.timeouts.append(timeout)
        self._now += self._seconds
        replies = self._rounds.pop(0) if len(self._rounds) > 1 else self._rounds[0]
        return [WORDS[letter] for letter in replies]

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> Background:
        raise AssertionError("Redlock has nothing to do in the background")


def acquire(transport: Scripted, patience: float = 0) -> Grant:
    return run(Redlock(transport, "lock", TTL).acquire("token", patience))


def sets(transport: Scripted) -> list[tuple[Any, ...]]:
    return [request for request in transport.requests if request[0] == "SET"]


# Validity


def test_the_request_is_that_of_the_page() -> None:
    transport = Scripted("+++++")
    grant = acquire(transport)
    assert transport.requests == [("SET", "lock", grant.handle, "NX", "PX", 500)]
    assert grant.token == "token"
    assert grant.fence is None


@pytest.mark.parametrize(("ttl", "allowance"), [(10, 0.102), (0.5, 0.007), (0.001, 0.00201)])
def test_the_drift_allowance_is_a_share_of_the_time_to_live_and_two_milliseconds(
    ttl: float, allowance: float
) -> None:
    assert drift_allowance(ttl) == pytest.approx(allowance)


@pytest.mark.parametrize("seconds", [0, 0.01, 0.1, 0.492])
def test_a_grant_is_valid_for_the_ttl_less_what_has_passed_and_the_drift(seconds: float) -> None:
    transport = Scripted("+++++", seconds=seconds)
    grant = acquire(transport)
    assert grant.valid_until - transport.now() == pytest.approx(TTL - seconds - 0.007)


@pytest.mark.parametrize("seconds", [0.493, 0.5, 1])
def test_a_majority_that_comes_too_late_is_no_grant(seconds: float) -> None:
    transport = Scripted("+++++", "11111", seconds=seconds)
    with pytest.raises(NotAcquired, match="too late"):
        acquire(transport)
    assert [request[0] for request in transport.requests] == ["SET", "EVAL"]


@given(st.floats(0, 1), st.integers(1, 60_000))
def test_a_grant_is_never_valid_when_a_node_may_have_ended_it(seconds: float, ttl_ms: int) -> None:
    """Nodes count from the first request at the earliest, and their clocks gain 1 % at most."""
    transport = Scripted("+++++", "11111", seconds=seconds)
    first_end = transport.now() + ttl_ms / 1000 / 1.01
    try:
        grant = run(Redlock(transport, "lock", ttl_ms / 1000).acquire("token", 0))
    except NotAcquired:
        return
    assert transport.now() < grant.valid_until < first_end


@pytest.mark.parametrize(("ttl", "timeout"), [(0.01, 0.001), (0.3, 0.03), (60, 0.05)])
def test_waiting_for_a_node_takes_little_of_the_time_to_live(ttl: float, timeout: float) -> None:
    transport = Scripted("-----", "00000")
    with pytest.raises(NotAcquired):
        run(Redlock(transport, "lock", ttl).acquire("token", 0))
    assert transport.timeouts == pytest.approx([timeout, timeout])


@pytest.mark.parametrize("ttl", [0, -1, 0.0004])
def test_a_time_to_live_that_redis_cannot_keep_is_refused(ttl: float) -> None:
    with pytest.raises(ValueError, match="1 ms or more"):
        Redlock(Scripted("+++++"), "lock", ttl)


# What replies mean


@pytest.mark.parametrize(
    ("granted", "undone", "outcome"),
    [
        ("+++++", "", "ok"),
        ("+++--", "", "ok"),
        ("+++??", "", "ok"),
        ("+++!e", "", "ok"),
        ("++---", "11000", "NotAcquired"),
        ("-----", "00000", "NotAcquired"),
        # Down for certain: nobody can have granted it.
        ("++!!!", "11!!!", "NotAcquired"),
        ("!!!!!", "!!!!!", "NotAcquired"),
        ("++eee", "11eee", "NotAcquired"),
        # Two silent ones and one that cannot be undone may be three.
        ("++?--", "11?00", "NotAcquired"),
        ("++?--", "?1?00", "NotAcquired"),
        ("++?--", "???00", "NoAnswer"),
        ("++?--", "!!?00", "NoAnswer"),
        ("++??-", "11??0", "NotAcquired"),
        ("++??-", "1???0", "NoAnswer"),
        ("??---", "??000", "NotAcquired"),
        ("???--", "???00", "NoAnswer"),
        ("?????", "?????", "NoAnswer"),
        # A deletion that found nothing may have overtaken the request.
        ("???--", "00000", "NoAnswer"),
        # One that found it has not.
        ("???--", "1??00", "NotAcquired"),
    ],
)
def test_what_became_of_an_acquire(granted: str, undone: str, outcome: str) -> None:
    transport = Scripted(granted, undone)
    try:
        acquire(transport)
        found = "ok"
    except (NotAcquired, NoAnswer) as error:
        found = type(error).__name__
    assert found == outcome


@given(st.text("+-?!e", min_size=5, max_size=5), st.text("10?!e", min_size=5, max_size=5))
def test_a_failed_acquire_is_definite_only_if_no_majority_can_have_it(
    granted: str, undone: str
) -> None:
    """By a count of the nodes' possible states that does not look at Redlock's own."""
    may_have_it = sum(
        (reply == "?" and undo != "1") or (reply == "+" and undo not in "10")
        for reply, undo in zip(granted, undone, strict=True)
    )
    transport = Scripted(granted, undone)
    if granted.count("+") >= 3:
        assert acquire(transport).token == "token"
    else:
        with pytest.raises(NoAnswer if may_have_it >= 3 else NotAcquired):
            acquire(transport)


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        ("11111", "ok"),
        ("111??", "ok"),
        ("11100", "ok"),
        ("00000", "NotHeld"),
        ("11000", "NotHeld"),
        ("000??", "NotHeld"),
        ("000!e", "NotHeld"),
        ("11?00", "NoAnswer"),
        ("11!00", "NoAnswer"),
        ("?????", "NoAnswer"),
        ("!!!!!", "NoAnswer"),
        ("11e!?", "NoAnswer"),
    ],
)
def test_what_became_of_a_release(replies: str, outcome: str) -> None:
    try:
        run(Redlock(Scripted(replies), "lock", TTL).release(Grant("token", handle="token/1")))
        found = "ok"
    except (NotHeld, NoAnswer) as error:
        found = type(error).__name__
    assert found == outcome


# Trying again


def test_it_tries_again_until_patience_ends_and_undoes_every_attempt() -> None:
    transport = Scripted(
        "++---", "11000", "++---", "11000", "++---", "11000", "+++++", seconds=0.01
    )
    grant = acquire(transport, patience=10)
    assert len(transport.slept) == 3
    assert all(0 < delay <= 0.2 for delay in transport.slept)
    assert len(set(transport.slept)) == 3
    assert transport.requests[-1][2] == grant.handle
    values = [request[2] for request in sets(transport)]
    undone = [request[4] for request in transport.requests if request[0] == "EVAL"]
    assert undone == values[:3]


def test_every_attempt_has_a_value_of_its_own() -> None:
    """Else the delayed undo of one deletes what a later one was granted."""
    transport = Scripted("-----", "00000", "-----", "00000", "+++++")
    acquire(transport, patience=10)
    values = [request[2] for request in sets(transport)]
    assert len(set(values)) == len(values) == 3


def test_it_gives_up_when_its_patience_ends() -> None:
    transport = Scripted("-----")
    began = transport.now()
    with pytest.raises(NotAcquired, match="granted by 0 of 5 nodes"):
        acquire(transport, patience=2)
    assert transport.now() <= began + 2
    assert len(sets(transport)) > 5


def test_doubt_about_an_early_attempt_stays() -> None:
    transport = Scripted("?????", "?????", "-----", "00000")
    with pytest.raises(NoAnswer, match=r"may have been granted.*5 did not answer"):
        acquire(transport, patience=1)


# On real servers

StartRedis = Callable[..., RedisCluster]
ConnectRedis = Callable[[RedisCluster], RedisTransport]
LONG = 60.0
PATIENT = 5.0
"""A time-out for a machine that may be busy with other things."""


def keys(transport: RedisTransport, name: str = "lock") -> list[Any | Exception]:
    return run(transport.call_all(transport.nodes, ("GET", name), 10))


@pytest.mark.live
def test_one_client_at_a_time(start_redis: StartRedis, connect_redis: ConnectRedis) -> None:
    cluster = start_redis()
    first, second = (Redlock(connect_redis(cluster), "lock", LONG, PATIENT) for _ in range(2))
    for number in range(3):
        grant = run(first.acquire(f"a{number}", 5))
        with pytest.raises(NotAcquired, match="granted by 0 of 5 nodes"):
            run(second.acquire(f"b{number}", 0))
        run(first.release(grant))
        run(second.release(run(second.acquire(f"c{number}", 5))))


@pytest.mark.live
def test_locks_of_different_names_do_not_meet(
    start_redis: StartRedis, connect_redis: ConnectRedis
) -> None:
    transport = connect_redis(start_redis())
    for name in ("lock", "other"):
        assert run(Redlock(transport, name, LONG, PATIENT).acquire("a", 0)).token == "a"


@pytest.mark.live
def test_a_released_lock_leaves_no_key(
    start_redis: StartRedis, connect_redis: ConnectRedis
) -> None:
    transport = connect_redis(start_redis())
    lock = Redlock(transport, "lock", LONG, PATIENT)
    grant = run(lock.acquire("a", 0))
    assert keys(transport) == [grant.handle] * 5
    run(lock.release(grant))
    assert keys(transport) == [None] * 5


@pytest.mark.live
@pytest.mark.parametrize(("down", "granted"), [(2, True), (3, False)])
def test_a_majority_must_be_up(
    start_redis: StartRedis, connect_redis: ConnectRedis, down: int, granted: bool
) -> None:
    cluster = start_redis()
    transport = connect_redis(cluster)
    for node in cluster.nodes[:down]:
        cluster.kill(node)
    lock = Redlock(transport, "lock", LONG, PATIENT)
    if granted:
        run(lock.release(run(lock.acquire("a", 0))))
    else:
        with pytest.raises(NotAcquired, match="granted by 2 of 5 nodes, 3 could not be asked"):
            run(lock.acquire("a", 0))


@pytest.mark.live
def test_a_failed_acquire_leaves_no_key_of_its_own(
    start_redis: StartRedis, connect_redis: ConnectRedis
) -> None:
    transport = connect_redis(start_redis())
    taken = ("SET", "lock", "another", "NX", "PX", 60_000)
    run(transport.call_all(["n1", "n3", "n5"], taken, 10))
    with pytest.raises(NotAcquired, match="granted by 2 of 5 nodes"):
        run(Redlock(transport, "lock", LONG, PATIENT).acquire("a", 0.5))
    assert keys(transport) == ["another", None, "another", None, "another"]


@pytest.mark.live
def test_a_majority_that_does_not_answer_leaves_the_outcome_open(
    start_redis: StartRedis, connect_redis: ConnectRedis
) -> None:
    cluster = start_redis()
    transport = connect_redis(cluster)
    for node in cluster.nodes[:3]:
        cluster.pause(node)
    with pytest.raises(NoAnswer, match="granted by 2 of 5 nodes, 3 did not answer"):
        run(Redlock(transport, "lock", LONG, 0.5).acquire("a", 0))
    for node in cluster.nodes[:3]:
        cluster.resume(node)


@pytest.mark.live
def test_a_lost_lock_is_not_released_for_its_next_holder(
    start_redis: StartRedis, connect_redis: ConnectRedis
) -> None:
    cluster = start_redis()
    transport = connect_redis(cluster)
    lock = Redlock(transport, "lock", LONG, PATIENT)
    lost = run(lock.acquire("a", 0))
    for node in cluster.nodes[:3]:
        cluster.kill(node)
        cluster.restart(node, keep_data=False)
    found = run(Redlock(connect_redis(cluster), "lock", LONG, PATIENT).acquire("b", 0))
    assert keys(transport) == [found.handle] * 3 + [lost.handle] * 2
    with pytest.raises(NotHeld, match="3 of 5 nodes do not name the token"):
        run(lock.release(lost))
    assert keys(transport) == [found.handle] * 3 + [None] * 2


@pytest.mark.live
def test_a_lock_ends_by_time(start_redis: StartRedis, connect_redis: ConnectRedis) -> None:
    cluster = start_redis()
    first, second = (Redlock(connect_redis(cluster), "lock", 0.2, PATIENT) for _ in range(2))
    lost = run(first.acquire("a", 0))
    found = run(second.acquire("b", 10))
    assert found.valid_until > lost.valid_until
    with pytest.raises(NotHeld):
        run(first.release(lost))
