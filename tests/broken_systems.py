"""Locks broken on purpose, to show that the whole of holdfast notices."""

from __future__ import annotations

from attrs import frozen

from holdfast.histories.locks.etcd_lease import KeptLease
from holdfast.histories.locks.etcd_lock import EtcdLock
from holdfast.histories.locks.lock import Grant, Lock
from holdfast.histories.locks.redlock import Redlock
from holdfast.histories.locks.transport import Transport
from holdfast.histories.systems.etcd import EtcdSystem
from holdfast.histories.systems.redlock import RedlockSystem


class RedlockWithoutMajority(Redlock):
    """Content with a single node."""

    def __init__(self, transport: Transport, name: str, ttl: float) -> None:
        super().__init__(transport, name, ttl)
        self._quorum = 1


class EtcdLockWithoutQueue(EtcdLock):
    """Takes its key in the queue for the lock, whoever stands before it."""

    async def _queue(self, token: str, lease: KeptLease, until: float) -> Grant:
        queue = await self._enter(self._prefix + token, token, lease, until)
        return Grant(token, queue[-1].create_revision, handle=None)

    async def release(self, grant: Grant) -> None:
        """Leave the key to the lease."""


@frozen
class BrokenRedlock(RedlockSystem):
    """Redlock whose majority is one."""

    def lock(self, transport: Transport, name: str, ttl: float) -> Lock:
        """Return one client's end of the broken lock."""
        return RedlockWithoutMajority(transport, name, ttl)


@frozen
class BrokenEtcd(EtcdSystem):
    """An etcd lock whose waiters do not wait."""

    def lock(self, transport: Transport, name: str, ttl: float) -> Lock:
        """Return one client's end of the broken lock."""
        return EtcdLockWithoutQueue(transport, name, ttl)
