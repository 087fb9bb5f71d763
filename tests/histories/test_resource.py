"""The number that a lock protects, on a real server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from holdfast.histories.live.redis_cluster import RedisCluster
from holdfast.histories.live.redis_transport import RedisTransport
from holdfast.histories.locks.transport import run
from holdfast.histories.outcome import StaleToken
from holdfast.histories.resource import Resource

pytestmark = pytest.mark.live


@pytest.fixture
def resource(
    start_redis: Callable[..., RedisCluster],
    connect_redis: Callable[[RedisCluster], RedisTransport],
) -> Resource:
    return Resource(connect_redis(start_redis("storage")))


Call = tuple[str, int | None, int | None]


def outcomes(resource: Resource, calls: list[Call]) -> list[int | str | None]:
    """Return what each (function, fence, value) gave."""
    found: list[int | str | None] = []
    for function, fence, value in calls:
        try:
            if function == "read":
                found.append(run(resource.read(fence)))
            else:
                assert value is not None
                run(resource.write(value, fence))
                found.append(None)
        except StaleToken:
            found.append("stale")
    return found


def test_without_fences_every_write_is_accepted(resource: Resource) -> None:
    calls: list[Call] = [
        ("read", None, None),
        ("write", None, 7),
        ("read", None, None),
        ("write", None, 3),
        ("read", None, None),
    ]
    assert outcomes(resource, calls) == [0, None, 7, None, 3]


def test_with_fences_whoever_comes_after_a_higher_one_is_refused(resource: Resource) -> None:
    calls: list[Call] = [
        ("read", 5, None),
        ("write", 5, 50),
        ("read", 5, None),
        ("write", 4, 40),
        ("read", 4, None),
        ("write", 6, 60),
        ("write", 5, 51),
        ("read", 6, None),
        ("read", None, None),
    ]
    assert outcomes(resource, calls) == [0, None, 50, "stale", "stale", None, "stale", 60, 60]


def test_a_read_alone_makes_lower_fences_stale(resource: Resource) -> None:
    """Else the update that the stale writer makes now is lost under the reader's next write."""
    calls: list[Call] = [
        ("read", 1, None),
        ("read", 2, None),
        ("write", 1, 1),
        ("write", 2, 1),
        ("read", 2, None),
    ]
    assert outcomes(resource, calls) == [0, 0, "stale", None, 1]


def test_fences_are_compared_as_numbers(resource: Resource) -> None:
    calls: list[Call] = [("write", 9, 1), ("write", 10, 2), ("write", 9, 3), ("read", 10, None)]
    assert outcomes(resource, calls) == [None, None, "stale", 2]


def test_the_refusal_names_both_fences(resource: Resource) -> None:
    run(resource.read(2_000_000_001))
    with pytest.raises(StaleToken, match="fencing token 7 is stale: 2000000001 has been seen"):
        run(resource.write(1, 7))
