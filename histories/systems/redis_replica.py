"""A lock on a single Redis server that has a replica, which may take its place."""

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


@SYSTEMS.register("redis-replica")
@frozen
class RedisReplicaSystem(OnRedis):
    """A Redis master ``n1`` with an asynchronous replica ``n2``, and the lock on whichever is master."""

    @property
    def claim(self) -> str:
        """What the lock promises."""
        return (
            "at most one client at a time holds a valid grant, as long as no replica that missed"
            " the grant takes the master's place"
        )

    def cluster(self, settings: Settings) -> Cluster:
        """Return a master and its replica, not yet started."""
        from holdfast.histories.live.redis_replication import ReplicatedRedis

        return ReplicatedRedis(settings)

    def simulated(self, stage: Stage) -> SimulatedCluster:
        """Return a simulated master and its replica."""
        from holdfast.histories.simulation.redis_replication import ReplicatedRedis

        return ReplicatedRedis(stage)

    def lock(self, transport: Transport, name: str, ttl: float) -> Lock:
        """Return one client's end of the lock ``name``."""
        from holdfast.histories.locks.redis_master import MasterTransport
        from holdfast.histories.locks.redlock import Redlock

        return Redlock(MasterTransport(transport), name, ttl)
