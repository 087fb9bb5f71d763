"""A lock by revisions on a cluster of three etcd nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from holdfast.histories.locks.etcd_lock import EtcdLock
from holdfast.histories.locks.lock import Lock
from holdfast.histories.locks.transport import Transport
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.systems.system import Cluster, Settings

if TYPE_CHECKING:
    from holdfast.histories.simulation.cluster import SimulatedCluster, Stage


@SYSTEMS.register("etcd")
@frozen
class EtcdSystem:
    """Three etcd servers and the lock in which clients queue by the revisions of their keys."""

    @property
    def claim(self) -> str:
        """What the lock promises."""
        return (
            "one holder at a time as long as every holder renews its lease in time, "
            "and fencing tokens that rise with every grant even if it does not"
        )

    @property
    def fenced(self) -> bool:
        """A grant carries the create revision of its key."""
        return True

    @property
    def lock_model(self) -> str:
        """An acquire returns its fencing token."""
        return "fenced-mutex"

    @property
    def programs(self) -> Sequence[str]:
        """What its nodes run."""
        return ("etcd",)

    @property
    def environment(self) -> Mapping[str, str]:
        """What lets ``etcd3`` be imported beside protobuf 4 and later."""
        return {"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"}

    def cluster(self, settings: Settings) -> Cluster:
        """Return three nodes, not yet started."""
        from holdfast.histories.live.etcd_cluster import EtcdCluster

        return EtcdCluster(settings)

    def simulated(self, stage: Stage) -> SimulatedCluster:
        """Return three simulated etcd nodes."""
        from holdfast.histories.simulation.etcd_cluster import SimulatedEtcd

        return SimulatedEtcd(stage)

    def connect(self, sockets: Mapping[str, Path], seed: str) -> Transport:
        """Return one client's transport."""
        from holdfast.histories.live.etcd_transport import EtcdTransport

        return EtcdTransport(sockets, seed)

    def lock(self, transport: Transport, name: str, ttl: float) -> Lock:
        """Return one client's end of the lock."""
        return EtcdLock(transport, name, ttl)
