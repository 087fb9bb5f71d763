"""A lock of one's own on the nodes of a system that holdfast knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from holdfast.histories.locks.lock import Lock
from holdfast.histories.locks.transport import Transport
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.systems.system import Cluster, Settings, System

if TYPE_CHECKING:
    from holdfast.histories.simulation.cluster import SimulatedCluster, Stage

MakeLock = Callable[[Transport, str, float], Lock]
"""Makes one client's end of a lock from its transport, the lock's name and its time to live in seconds."""


def own_lock(
    make: MakeLock, *, on: str = "redlock", model: str = "owned-mutex"
) -> Callable[[], System]:
    """Return what a module of one's own exports, so that its lock is named like any system.

    With ``on_redis = own_lock(MyLock)`` in ``my_lock.py``, the system is called ``my_lock:on_redis``,
    in ``Trial`` and ``schedules`` as on the command line.

    Args:
        make: the lock's class, or what else makes one client's end of it.
        on: the system whose nodes it lives on: ``redlock`` for five Redis nodes, ``etcd`` for three of etcd.
        model: what the lock claims to be, as ``holdfast check --model`` takes it; ``fenced-mutex`` if its
            grants carry fencing tokens.
    """
    return lambda: OwnLock(make, SYSTEMS[on](), model)


@frozen
class OwnLock:
    """A system whose nodes are those of another and whose lock is its user's.

    Args:
        make: makes one client's end of the lock.
        base: whose nodes it lives on.
        lock_model: what the lock claims to be.
    """

    make: MakeLock
    base: Any = field(repr=False)
    lock_model: str = "owned-mutex"

    @property
    def claim(self) -> str:
        """What any lock promises."""
        return "one holder at a time"

    @property
    def fenced(self) -> bool:
        """Whether a grant carries a fencing token, by its model."""
        return self.lock_model.startswith("fenced")

    @property
    def programs(self) -> Sequence[str]:
        """What its nodes run."""
        programs: Sequence[str] = self.base.programs
        return programs

    @property
    def environment(self) -> Mapping[str, str]:
        """What a worker needs before its first import."""
        environment: Mapping[str, str] = self.base.environment
        return environment

    def cluster(self, settings: Settings) -> Cluster:
        """Return the servers, not yet started."""
        cluster: Cluster = self.base.cluster(settings)
        return cluster

    def simulated(self, stage: Stage) -> SimulatedCluster:
        """Return the simulated nodes."""
        cluster: SimulatedCluster = self.base.simulated(stage)
        return cluster

    def connect(self, sockets: Mapping[str, Path], seed: str) -> Transport:
        """Return one client's transport."""
        transport: Transport = self.base.connect(sockets, seed)
        return transport

    def lock(self, transport: Transport, name: str, ttl: float) -> Lock:
        """Return one client's end of the user's lock."""
        return self.make(transport, name, ttl)
