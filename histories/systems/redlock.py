"""Redlock on five independent Redis servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from holdfast.histories.locks.lock import Lock
from holdfast.histories.locks.transport import Transport
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.systems.on_redis import OnRedis
from holdfast.histories.systems.system import Cluster, Settings

if TYPE_CHECKING:
    from holdfast.histories.simulation.cluster import SimulatedCluster, Stage


@SYSTEMS.register("redlock")
@frozen
class RedlockSystem(OnRedis):
    """Five Redis servers and the lock that lives on a majority of them.

    What needs servers or their client library is imported when it is asked for, so that listing the
    systems needs neither.
    """

    @property
    def claim(self) -> str:
        """What the lock promises."""
        return (
            "at most one client at a time holds a valid grant, as long as the clocks of most nodes"
            " run about right and no client relies on a grant that has run out"
        )

    def cluster(self, settings: Settings) -> Cluster:
        """Return five Redis servers, not yet started."""
        from holdfast.histories.live.redis_cluster import RedisCluster

        return RedisCluster(settings)

    def simulated(self, stage: Stage) -> SimulatedCluster:
        """Return five simulated Redis nodes."""
        from holdfast.histories.simulation.cluster import IndependentRedis

        return IndependentRedis(stage, ("n1", "n2", "n3", "n4", "n5"))

    def lock(self, transport: Transport, name: str, ttl: float) -> Lock:
        """Return one client's end of the lock ``name``."""
        from holdfast.histories.locks.redlock import Redlock

        return Redlock(transport, name, ttl)
