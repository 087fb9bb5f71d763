"""What a client does and records, over a transport whose time is a number."""

from __future__ import annotations

import random
from typing import Any

import pytest

from holdfast.histories.locks.lock import Grant
from holdfast.histories.locks.transport import run
from holdfast.histories.outcome import NoAnswer, NotAcquired, NotHeld, StaleToken
from holdfast.histories.workload import LockClient, Workload


class VirtualTransport:
    nodes = ("n1",)

    def __init__(self) -> None:
        self.random = random.Random("seed")
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


class ScriptedLock:
    """Grants with the given fence and validity, or raises what it is told to."""

    def __init__(self, transport: VirtualTransport) -> None:
        self.transport = transport
        self.fence: int | None = None
        self.valid_for = float("inf")
        self.acquire_error: Exception | None = None
        self.release_error: Exception | None = None

    async def acquire(self, token: str, patience: float) -> Grant:
        if self.acquire_error is not None:
            raise self.acquire_error
        return Grant(token, fence=self.fence, valid_until=self.transport.now() + self.valid_for)

    async def release(self, grant: Grant) -> None:
        if self.release_error is not None:
            raise self.release_error


class ScriptedResource:
    def __init__(self) -> None:
        self.value = 0
        self.fences: list[int | None] = []
        self.write_error: Exception | None = None

    async def read(self, fence: int | None) -> int:
        self.fences.append(fence)
        return self.value

    async def write(self, value: int, fence: int | None) -> None:
        self.fences.append(fence)
        if self.write_error is not None:
            raise self.write_error
        self.value = value


class ListJournal:
    def __init__(self) -> None:
        self.events: list[tuple[str, int, str, Any, str | None]] = []

    def record(
        self, type: str, process: int, f: str, value: Any, key: str, error: str | None
    ) -> None:
        self.events.append((type, process, f, value, error))


class World:
    def __init__(self, *, strict: bool = False, **workload: Any) -> None:
        # One think time of at least 1 s in 1 s of work: exactly one round.
        settings = {"clients": 3, "seconds": 0.9, "think": 2.0, "hold": 0.5, **workload}
        self.transport = VirtualTransport()
        self.lock = ScriptedLock(self.transport)
        self.resource = ScriptedResource()
        self.journal = ListJournal()
        self.client = LockClient(
            1,
            Workload(**settings),
            transport=self.transport,  # type: ignore[arg-type]
            lock=self.lock,
            resource=self.resource,  # type: ignore[arg-type]
            journal=self.journal,
            strict=strict,
        )

    def events(self) -> list[tuple[str, int, str, Any, str | None]]:
        run(self.client.work())
        return self.journal.events


def test_a_round_is_acquire_read_write_release() -> None:
    assert World().events() == [
        ("invoke", 1, "acquire", "c2-1", None),
        ("ok", 1, "acquire", "c2-1", None),
        ("invoke", 1, "read", None, None),
        ("ok", 1, "read", 0, None),
        ("invoke", 1, "cas", (0, 1), None),
        ("ok", 1, "cas", None, None),
        ("invoke", 1, "release", "c2-1", None),
        ("ok", 1, "release", "c2-1", None),
    ]


def test_an_acquire_that_fails_is_recorded_as_fail_and_the_process_goes_on() -> None:
    world = World(seconds=4.0)
    world.lock.acquire_error = NotAcquired("no majority")
    events = world.events()
    assert ("fail", 1, "acquire", None, "no majority") in events
    assert {process for _, process, *_ in events} == {1}


@pytest.mark.parametrize("error", [NoAnswer("timed out"), TypeError("a bug in a client library")])
def test_after_an_unknown_outcome_the_client_goes_on_as_a_new_process(error: Exception) -> None:
    world = World(seconds=4.0)
    world.lock.acquire_error = error
    events = world.events()
    assert events[1] == ("info", 1, "acquire", None, str(error))
    assert events[2][1] == 1 + 3


@pytest.mark.parametrize("error", [NoAnswer("timed out"), NotAcquired("no majority")])
def test_a_strict_client_records_what_tells_of_an_outcome(error: Exception) -> None:
    world = World(strict=True)
    world.lock.acquire_error = error
    assert len(world.events()) == 2


def test_a_strict_client_raises_what_tells_of_none() -> None:
    world = World(strict=True)
    world.lock.acquire_error = AttributeError("misspelt")
    with pytest.raises(AttributeError, match="misspelt") as caught:
        world.events()
    assert "a mistake in it" in caught.value.__notes__[0]


def test_a_lost_lock_is_recorded_as_a_refused_release() -> None:
    world = World()
    world.lock.release_error = NotHeld("the token does not hold the lock")
    assert world.events()[-1] == ("fail", 1, "release", None, "the token does not hold the lock")


def test_a_stale_write_is_recorded_as_fail_and_the_lock_is_released() -> None:
    world = World()
    world.resource.write_error = StaleToken("34 was seen")
    assert world.events()[-3:] == [
        ("fail", 1, "cas", None, "34 was seen"),
        ("invoke", 1, "release", "c2-1", None),
        ("ok", 1, "release", "c2-1", None),
    ]


def test_a_write_of_unknown_outcome_retires_the_process_and_the_next_one_releases() -> None:
    world = World()
    world.resource.write_error = NoAnswer("timed out")
    assert world.events()[-3:] == [
        ("info", 1, "cas", None, "timed out"),
        ("invoke", 4, "release", "c2-1", None),
        ("ok", 4, "release", "c2-1", None),
    ]


def test_work_that_the_validity_leaves_no_time_for_is_not_begun() -> None:
    world = World()
    world.lock.valid_for = 0.1
    assert [f for _, _, f, *_ in world.events()] == ["acquire"] * 2 + ["read"] * 2 + ["release"] * 2


@pytest.mark.parametrize(("fenced", "fences"), [(True, [33, 33]), (False, [None, None])])
def test_the_fencing_token_goes_along_when_the_workload_is_fenced(
    fenced: bool, fences: list[int | None]
) -> None:
    world = World(fenced=fenced)
    world.lock.fence = 33
    events = world.events()
    assert ("ok", 1, "acquire", 33, None) in events
    assert world.resource.fences == fences


@pytest.mark.parametrize(
    "wrong", [{"clients": 0}, {"seconds": 0}, {"ttl": -1}, {"hold": -0.1}, {"patience": 0}]
)
def test_a_workload_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Workload(**wrong)
