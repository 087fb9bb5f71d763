"""The etcd lock against a small model of etcd in virtual time, where every message can be lost or late."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import Any

import pytest
from attrs import define, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.histories.locks.etcd_lock import EtcdLock
from holdfast.histories.locks.etcd_requests import (
    Deleted,
    DeleteIf,
    Keys,
    KeyValue,
    Lease,
    LeaseGrant,
    LeaseKeepAlive,
    LeaseNotFound,
    LeaseRevoke,
    PutIfAbsent,
    Range,
    WaitForDelete,
)
from holdfast.histories.locks.lock import Grant
from holdfast.histories.outcome import DefiniteFailure, NoAnswer, NotAcquired, NotHeld, NotSent

TTL = 2
LATE = 5.0
REVOCATION_LAG = 0.5
"""How long etcd may take to notice that a lease has run out; until then its keys are there."""


@frozen
class Fate:
    """What becomes of a call: how long request and reply take; ``None`` if they are lost."""

    there: float | None = 0.01
    back: float | None = 0.01
    sent: bool = True


GOOD = Fate()
NOT_SENT = Fate(sent=False)
REQUEST_LOST = Fate(there=None)
REPLY_LOST = Fate(back=None)
REQUEST_LATE = Fate(there=LATE)


class Wake:
    """Something that one coroutine waits for."""

    def __init__(self) -> None:
        self.outcome: Any = None
        self.happened = False
        self.then: Callable[[], None] = lambda: None

    def happen(self, outcome: Any = None) -> None:
        if not self.happened:
            self.outcome, self.happened = outcome, True
            self.then()

    def __await__(self) -> Generator[Wake, None, Any]:
        if not self.happened:
            yield self
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class World:
    """Virtual time, and a store with etcd's meaning of the requests."""

    def __init__(self) -> None:
        self.now = 0.0
        self.fates: dict[type, list[Fate]] = defaultdict(list)
        self.keys: dict[str, KeyValue] = {}
        self.leases: dict[int, tuple[int, float]] = {}
        self.revision = 1
        self.forbidden: set[str] = set()
        self.dead: set[str] = set()
        self.served: list[Any] = []
        self._numbers = itertools.count(1)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._waiting: list[tuple[WaitForDelete, Callable[[Any], None]]] = []

    def at(self, instant: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._events, (instant, next(self._numbers), action))

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            self.now, _, action = heapq.heappop(self._events)
            self._expire()
            action()
        self.now = until
        self._expire()

    def first(self) -> KeyValue | None:
        return min(self.keys.values(), key=lambda entry: entry.create_revision, default=None)

    def lives(self, lease: int) -> bool:
        return lease in self.leases and self.now < self.leases[lease][1]

    def serve(self, request: Any, reply: Callable[[Any], None]) -> None:
        self.served.append(request)
        match request:
            case LeaseGrant(ttl):
                lease = next(self._numbers)
                self.leases[lease] = (ttl, self.now + ttl)
                reply(Lease(lease, ttl))
            case LeaseKeepAlive(lease):
                ttl = self.leases[lease][0] if self.lives(lease) else 0
                if ttl:
                    self.leases[lease] = (ttl, self.now + ttl)
                reply(Lease(lease, ttl))
            case LeaseRevoke(lease):
                self.end(lease)
                reply(Lease(lease, 0))
            case PutIfAbsent(key, value, lease, prefix):
                if key not in self.keys:
                    if lease not in self.leases:
                        return reply(LeaseNotFound("no such lease"))
                    assert key not in self.forbidden, f"{key} appeared after its certain end"
                    self.revision += 1
                    self.keys[key] = KeyValue(key, value, self.revision, lease)
                reply(self._under(prefix))
            case Range(prefix):
                reply(self._under(prefix))
            case DeleteIf(key, create_revision):
                found = key in self.keys and self.keys[key].create_revision == create_revision
                if found:
                    self._delete(key)
                reply(Deleted(found))
            case WaitForDelete():
                self._waiting.append((request, reply))
                self._tell_waiting()
            case _:
                raise TypeError(request)
        return None

    def _under(self, prefix: str) -> Keys:
        found = [entry for entry in self.keys.values() if entry.key.startswith(prefix)]
        return Keys(tuple(sorted(found, key=lambda entry: entry.create_revision)))

    def _delete(self, key: str) -> None:
        del self.keys[key]
        self.revision += 1
        self._tell_waiting()

    def end(self, lease: int) -> None:
        self.leases.pop(lease, None)
        for entry in [entry for entry in self.keys.values() if entry.lease == lease]:
            self._delete(entry.key)

    def _expire(self) -> None:
        for lease, (_, end) in list(self.leases.items()):
            if end + REVOCATION_LAG <= self.now:
                self.end(lease)

    def _tell_waiting(self) -> None:
        for request, reply in list(self._waiting):
            entry = self.keys.get(request.key)
            if entry is None or entry.create_revision != request.create_revision:
                self._waiting.remove((request, reply))
                reply(Deleted(True))


@define
class Task:
    """A coroutine of a client; nothing of it runs while the client is paused."""

    world: World
    client: Client
    coroutine: Coroutine[Any, Any, Any]
    cancelled: bool = False
    result: Any = field(default=None)

    def cancel(self) -> None:
        self.cancelled = True

    def step(self) -> None:
        if self.client.paused_until > self.world.now:
            self.world.at(self.client.paused_until, self.step)
        elif self.cancelled:
            self.coroutine.close()
        else:
            try:
                wake = self.coroutine.send(None)
            except StopIteration as stop:
                self.result = stop.value
            else:
                wake.then = lambda: self.world.at(self.world.now, self.step)


class Client:
    """A client's transport in the world."""

    def __init__(self, world: World, seed: int = 0) -> None:
        self.nodes: Sequence[str] = ("n1", "n2", "n3")
        self.random = random.Random(seed)
        self.paused_until = 0.0
        self._world = world

    def now(self) -> float:
        return self._world.now

    async def sleep(self, seconds: float) -> None:
        wake = Wake()
        self._world.at(self._world.now + seconds, wake.happen)
        await wake

    async def call(self, node: str, request: Any, timeout: float) -> Any:
        fates = self._world.fates[type(request)]
        fate = fates.pop(0) if fates else GOOD
        if not fate.sent or node in self._world.dead:
            raise NotSent("no connection")
        answer = Wake()
        world = self._world

        def reply(message: Any) -> None:
            if fate.back is not None:
                world.at(world.now + fate.back, lambda: answer.happen(message))

        if fate.there is not None:
            world.at(world.now + fate.there, lambda: world.serve(request, reply))
        world.at(world.now + timeout, lambda: answer.happen(NoAnswer("no answer")))
        return await answer

    async def call_all(self, nodes: Sequence[str], request: Any, timeout: float) -> list[Any]:
        raise NotImplementedError("the etcd lock asks one node at a time")

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> Task:
        task = Task(self._world, self, coroutine)
        task.step()
        return task


def outcome(world: World, client: Client, call: Coroutine[Any, Any, Any], seconds: float) -> Any:
    """Run the world for ``seconds``, and return what the call returned or the exception it raised."""

    async def settled() -> Any:
        try:
            return await call
        except Exception as error:
            return error

    task = client.spawn(settled())
    world.run(world.now + seconds)
    return task.result


def assert_owner(world: World, key: str, grant: Grant) -> None:
    owner = world.first()
    assert owner is not None
    assert (owner.key, owner.create_revision) == (key, grant.fence)
    assert world.lives(owner.lease)


def new_lock(world: World, seed: int = 0) -> tuple[Client, EtcdLock]:
    client = Client(world, seed)
    return client, EtcdLock(client, "lock", TTL)


def hold(world: World) -> tuple[Client, EtcdLock, Grant]:
    client, lock = new_lock(world)
    grant = outcome(world, client, lock.acquire("holder", patience=1), seconds=1)
    assert isinstance(grant, Grant)
    return client, lock, grant


MANY = 1000

ACQUIRES_OF_A_FREE_LOCK = [
    # what fails, how, and what the acquire gives
    (PutIfAbsent, [REPLY_LOST], Grant),
    (PutIfAbsent, [REQUEST_LOST], Grant),
    (PutIfAbsent, [REQUEST_LATE], Grant),
    (PutIfAbsent, [NOT_SENT], Grant),
    (PutIfAbsent, [NOT_SENT] * MANY, NotAcquired),
    (PutIfAbsent, [REPLY_LOST] * MANY, NoAnswer),
    (PutIfAbsent, [REQUEST_LOST] * MANY, NoAnswer),
    (PutIfAbsent, [REQUEST_LOST, *[NOT_SENT] * MANY], NoAnswer),
    (LeaseGrant, [REPLY_LOST], Grant),
    (LeaseGrant, [NOT_SENT] * MANY, NotAcquired),
    (LeaseGrant, [REPLY_LOST] * MANY, NotAcquired),
]


@pytest.mark.parametrize(("request_type", "fates", "expected"), ACQUIRES_OF_A_FREE_LOCK)
def test_an_acquire_of_a_free_lock_meets(
    request_type: type, fates: list[Fate], expected: type
) -> None:
    world = World()
    client, lock = new_lock(world)
    world.fates[request_type] = list(fates)
    result = outcome(world, client, lock.acquire("t", patience=1), seconds=1 + TTL / 2)
    assert type(result) is expected
    if isinstance(result, Grant):
        assert_owner(world, "lock/t", result)
    else:
        assert world.keys == {}


ACQUIRES_OF_A_HELD_LOCK = [
    (PutIfAbsent, [GOOD], NotAcquired),
    (DeleteIf, [NOT_SENT], NotAcquired),
    (DeleteIf, [REPLY_LOST], NotAcquired),
    (DeleteIf, [REQUEST_LOST] * MANY, NoAnswer),
    (DeleteIf, [NOT_SENT] * MANY, NoAnswer),
    (Range, [REQUEST_LOST] * MANY, NotAcquired),
    (WaitForDelete, [NOT_SENT] * MANY, NotAcquired),
    # A second copy of the create may arrive after the key was deleted.
    (PutIfAbsent, [REQUEST_LATE], NoAnswer),
    (PutIfAbsent, [REPLY_LOST], NoAnswer),
]


@pytest.mark.parametrize(("request_type", "fates", "expected"), ACQUIRES_OF_A_HELD_LOCK)
def test_an_acquire_of_a_held_lock_meets(
    request_type: type, fates: list[Fate], expected: type
) -> None:
    world = World()
    hold(world)
    client, lock = new_lock(world)
    world.fates[request_type] = list(fates)
    result = outcome(world, client, lock.acquire("t", patience=1), seconds=10)
    assert type(result) is expected
    assert [entry.value for entry in world.keys.values()] == ["holder"]


RELEASES = [
    ([GOOD], None),
    ([NOT_SENT], None),
    ([REQUEST_LOST], None),
    # The key is gone at the second attempt: by the first one, or with the lease?
    ([REPLY_LOST], NoAnswer),
    ([REPLY_LOST] * MANY, NoAnswer),
    # Nothing was sent, but the lease is given up, and that releases.
    ([NOT_SENT] * MANY, NoAnswer),
]


@pytest.mark.parametrize(("fates", "expected"), RELEASES)
def test_a_release_meets(fates: list[Fate], expected: type | None) -> None:
    world = World()
    client, lock, grant = hold(world)
    world.fates[DeleteIf] = list(fates)
    result = outcome(world, client, lock.release(grant), seconds=3 + TTL / 4)
    assert result is None if expected is None else type(result) is expected
    assert world.keys == {}


def test_a_release_after_the_lease_ended_is_refused() -> None:
    world = World()
    client, lock, grant = hold(world)
    client.paused_until = world.now + TTL + 1
    world.run(client.paused_until)
    assert type(outcome(world, client, lock.release(grant), seconds=5)) is NotHeld


def test_a_lease_is_kept_from_one_acquire_to_the_next() -> None:
    world = World()
    client, lock, grant = hold(world)
    first = world.keys["lock/holder"].lease
    outcome(world, client, lock.release(grant), seconds=4 * TTL)
    outcome(world, client, lock.acquire("again", patience=1), seconds=4 * TTL)
    assert world.keys["lock/again"].lease == first
    assert len(world.leases) == 1


def test_a_grant_that_arrives_after_the_lease_may_have_ended_is_not_believed() -> None:
    world = World()
    client, lock = new_lock(world)
    rival, rival_lock = new_lock(world, seed=1)
    task = client.spawn(lock.acquire("t", patience=10))
    # Stopped just before the reply arrives, which says that it owns the lock.
    world.run(0.035)
    assert "lock/t" in world.keys
    client.paused_until = world.now + 3 * TTL
    taken = outcome(world, rival, rival_lock.acquire("rival", patience=9), seconds=2 * TTL)
    assert isinstance(taken, Grant)
    world.run(client.paused_until + 1)
    assert not isinstance(task.result, Grant)
    outcome(world, rival, rival_lock.release(taken), seconds=2)
    assert_owner(world, "lock/t", task.result)


def test_a_renewal_that_was_answered_long_ago_is_not_believed() -> None:
    world = World()
    client, lock, grant = hold(world)
    outcome(world, client, lock.release(grant), seconds=0.1)
    renewals = [request for request in world.served if isinstance(request, LeaseKeepAlive)]
    while len([r for r in world.served if isinstance(r, LeaseKeepAlive)]) == len(renewals):
        world.run(world.now + 0.001)
    # The reply to a renewal is on its way, and the one to the create follows it.
    world.fates[PutIfAbsent] = [Fate(there=0.001, back=0.02)]
    task = client.spawn(lock.acquire("t", patience=30))
    world.run(world.now + 0.003)
    assert "lock/t" in world.keys
    client.paused_until = world.now + TTL + REVOCATION_LAG / 2
    rival, rival_lock = new_lock(world, seed=1)
    rival.spawn(rounds(world, rival_lock, rival, "rival"))
    world.run(client.paused_until)
    assert not isinstance(task.result, Grant)
    world.run(world.now + 20)
    assert isinstance(task.result, Grant)


def test_a_client_survives_a_time_without_answers() -> None:
    world = World()
    client, lock, grant = hold(world)
    world.dead = {"n1", "n2", "n3"}
    world.run(world.now + 3 * TTL)
    world.dead = set()
    assert type(outcome(world, client, lock.release(grant), seconds=1)) is NotHeld
    grant = outcome(world, client, lock.acquire("t", patience=1), seconds=3 * TTL)
    assert_owner(world, "lock/t", grant)


def test_a_lease_that_ended_is_not_renewed_any_more() -> None:
    world = World()
    hold(world)
    world.end(world.keys["lock/holder"].lease)
    world.run(world.now + TTL)
    world.served.clear()
    world.run(world.now + 5 * TTL)
    assert world.served == []


@pytest.mark.parametrize("dead", [{"n1"}, {"n2"}, {"n3"}, {"n1", "n3"}])
@pytest.mark.parametrize("seed", range(4))
def test_any_node_that_answers_will_do(dead: set[str], seed: int) -> None:
    world = World()
    world.dead = dead
    client, lock = new_lock(world, seed)
    grant = outcome(world, client, lock.acquire("t", patience=1), seconds=3 * TTL)
    assert_owner(world, "lock/t", grant)
    assert outcome(world, client, lock.release(grant), seconds=1) is None


def test_names_with_a_common_beginning_are_different_locks() -> None:
    world = World()
    client = Client(world)
    for name in ("a/b", "a/", "a"):
        lock = EtcdLock(client, name, TTL)
        grant = outcome(world, client, lock.acquire("t", patience=0), seconds=1)
        assert isinstance(grant, Grant), name


@pytest.mark.parametrize("ttl", [0, -1, float("nan"), float("inf")])
def test_a_time_to_live_is_seconds(ttl: float) -> None:
    with pytest.raises(ValueError, match="time to live"):
        EtcdLock(Client(World()), "lock", ttl)


async def rounds(world: World, lock: EtcdLock, client: Client, name: str) -> str:
    """Take the lock again and again, and check each answer against the truth in the store."""
    for number in range(3):
        token = f"{name}{number}"
        key = f"lock/{token}"
        try:
            grant = await lock.acquire(token, patience=3)
        except DefiniteFailure:
            assert key not in world.keys
            world.forbidden.add(key)
            continue
        except NoAnswer:
            continue
        assert_owner(world, key, grant)
        await client.sleep(0.3)
        try:
            await lock.release(grant)
        except NotHeld:
            assert key not in world.keys
        except NoAnswer:
            pass
        await client.sleep(0.05)
    return "done"


fates = st.sampled_from(
    [GOOD, GOOD, REPLY_LOST, REQUEST_LOST, REQUEST_LATE, Fate(back=LATE), NOT_SENT]
)
calls = st.sampled_from([LeaseGrant, LeaseKeepAlive, PutIfAbsent, Range, DeleteIf, WaitForDelete])
pauses = st.tuples(st.integers(0, 2), st.floats(0, 10), st.floats(0.1, 2.5 * TTL))


@settings(deadline=None, max_examples=300)
@given(
    failures=st.lists(st.tuples(calls, fates), max_size=40),
    pauses=st.lists(pauses, max_size=4),
)
def test_what_the_lock_says_is_true_whatever_is_lost_or_late(
    failures: list[tuple[type, Fate]], pauses: list[tuple[int, float, float]]
) -> None:
    world = World()
    for request_type, fate in failures:
        world.fates[request_type].append(fate)
    tasks = []
    for number in range(3):
        client, lock = new_lock(world, seed=number)
        tasks.append(client.spawn(rounds(world, lock, client, f"c{number}-")))
    for number, start, seconds in pauses:
        stopped = tasks[number].client

        def pause(client: Client = stopped, seconds: float = seconds) -> None:
            client.paused_until = max(client.paused_until, world.now + seconds)

        world.at(start, pause)
    world.run(120)
    assert [task.result for task in tasks] == ["done"] * 3
    assert world.keys == {}, "a token that is done with holds up the queue"
