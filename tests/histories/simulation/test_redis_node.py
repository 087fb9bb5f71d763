"""Redis as far as locks rely on it; what real servers answer to the same is compared elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from tests.histories.simulation.scene import Scene

from holdfast.histories.locks.redlock import COMPARE_AND_DELETE
from holdfast.histories.outcome import ServerRefused
from holdfast.histories.resource import FENCED
from holdfast.histories.simulation.cluster import IndependentRedis
from holdfast.histories.simulation.server import Server


class Redis:
    def __init__(self) -> None:
        self.scene = Scene()
        self.server: Server = IndependentRedis(self.scene.stage, ("n1",)).servers["n1"]
        self._transport = self.scene.transport()

    def __call__(self, *command: Any) -> Any:
        return self.scene.ask(self._transport, "n1", command)


@pytest.fixture
def redis() -> Redis:
    return Redis()


def test_a_key_ends_by_the_nodes_own_clock(redis: Redis) -> None:
    redis("SET", "k", "v", "NX", "PX", 1000)
    redis.scene.wait(0.9)
    assert redis("SET", "k", "w", "NX", "PX", 1000) is None
    redis.scene.wait(0.2)
    assert redis("SET", "k", "w", "NX", "PX", 1000) == "OK"
    redis.server.clock.set(offset=0.5, rate=1)
    assert redis("GET", "k") == "w"
    redis.server.clock.set(offset=1.1, rate=1)
    assert redis("GET", "k") is None


def test_a_fast_clock_ends_keys_early_and_one_set_back_late(redis: Redis) -> None:
    redis("SET", "k", "v", "PX", 1000)
    redis.server.clock.set(offset=0, rate=4)
    redis.scene.wait(0.3)
    assert redis("GET", "k") is None
    redis("SET", "k", "v", "PX", 1000)
    redis.server.clock.set(offset=-10, rate=1)
    redis.scene.wait(10)
    assert redis("GET", "k") == "v"


def test_only_the_owner_deletes(redis: Redis) -> None:
    redis("SET", "k", "mine", "NX", "PX", 1000)
    assert redis("EVAL", COMPARE_AND_DELETE, 1, "k", "yours") == 0
    assert redis("EVAL", COMPARE_AND_DELETE, 1, "k", "mine") == 1
    assert redis("EVAL", COMPARE_AND_DELETE, 1, "k", "mine") == 0


def test_a_value_that_has_ended_is_not_deleted(redis: Redis) -> None:
    redis("SET", "k", "mine", "NX", "PX", 100)
    redis.scene.wait(0.2)
    assert redis("EVAL", COMPARE_AND_DELETE, 1, "k", "mine") == 0


def test_the_fence_only_rises(redis: Redis) -> None:
    assert redis("EVAL", FENCED, 1, "r", 5, 50) == ["done", "50"]
    assert redis("EVAL", FENCED, 1, "r", 4, 40) == ["stale", "5"]
    assert redis("EVAL", FENCED, 1, "r", 7) == ["done", "50"]
    assert redis("EVAL", FENCED, 1, "r", 6, 60) == ["stale", "7"]


@pytest.mark.parametrize(
    "command",
    [("FLUSHALL",), ("SET", "k", "v", "XX"), ("SET", "k", "v", "PX", 0), ("EVAL", "return 1", 0)],
)
def test_what_it_does_not_know_it_refuses(redis: Redis, command: tuple[Any, ...]) -> None:
    with pytest.raises(ServerRefused):
        redis(*command)
