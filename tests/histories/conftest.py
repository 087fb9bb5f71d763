"""Fixtures that several folders share: a private directory, and real Redis servers in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from holdfast.histories.live.directory import RunDirectory
from holdfast.histories.live.redis_cluster import RedisCluster
from holdfast.histories.live.redis_transport import RedisTransport
from holdfast.histories.systems.system import Settings

StartRedis = Callable[..., RedisCluster]


@pytest.fixture
def run_directory() -> Iterator[Path]:
    """A private directory with a name short enough for unix sockets, which pytest's own are not."""
    with RunDirectory() as directory:
        yield directory


@pytest.fixture
def start_redis(run_directory: Path) -> Iterator[StartRedis]:
    """Start a Redis cluster: ``start_redis("n1", "n2", durable=True)``."""
    clusters: list[RedisCluster] = []

    def start(*names: str, durable: bool = False) -> RedisCluster:
        settings = Settings(run_directory, durable=durable)
        cluster = RedisCluster(settings, names) if names else RedisCluster(settings)
        clusters.append(cluster)
        cluster.start()
        return cluster

    yield start
    for cluster in clusters:
        cluster.stop()


@pytest.fixture
def connect_redis() -> Iterator[Callable[[RedisCluster], RedisTransport]]:
    """Return a function that gives a client's transport to a cluster."""
    transports: list[RedisTransport] = []

    def connect(cluster: RedisCluster) -> RedisTransport:
        sockets = {node: cluster.socket(node) for node in cluster.nodes}
        transports.append(RedisTransport(sockets, seed="a test"))
        return transports[-1]

    yield connect
    for transport in transports:
        transport.close()
