"""The revision lock of etcd: clients queue by the create revisions of their keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NoReturn
from urllib.parse import quote

from attrs import frozen

from holdfast.histories.locks.etcd_lease import KeptLease, begin_lease
from holdfast.histories.locks.etcd_nodes import Answer, AnyNode, Failed
from holdfast.histories.locks.etcd_requests import (
    DeleteIf,
    Keys,
    KeyValue,
    LeaseNotFound,
    PutIfAbsent,
    Range,
    WaitForDelete,
)
from holdfast.histories.locks.lock import Grant
from holdfast.histories.locks.transport import Transport
from holdfast.histories.outcome import NoAnswer, NotAcquired, NotHeld, NotSent, ServerRefused

WATCH_S = 1.0
"""How long to wait for a deletion before looking for oneself: a node that is cut off sees none."""

ROUNDS_TO_LET_GO = 2
"""How many times a release tries each node, which bridges the election of a leader."""


class _LeaseLost(Exception):
    """The lease ended, and the place in the queue with it."""


@frozen
class _Held:
    key: str
    create_revision: int
    lease: KeptLease


class EtcdLock:
    """One client's end of a lock: ``Lock`` over an etcd cluster.

    Each acquire creates a key of its own under the lock's name, tied to the client's lease. The
    key with the lowest create revision owns the lock, and that revision is its fencing token.
    Whoever comes later waits until the key just before its own is deleted. The lease is kept alive
    beside the caller, from one acquire to the next; a client that is stopped for longer than its
    time to live loses lease and lock without noticing, which is what the fencing token is for.

    After etcd's ``client/v3/concurrency`` (mutex.go, session.go) and its documentation ("Notes on
    the usage of lock and lease"). There the key is named after the lease; here it is named after
    the token, so that a late copy of one acquire's request cannot speak for the next.

    Args:
        transport: the client's way to the nodes.
        name: the lock's name.
        ttl: the lease's time to live, in seconds; a fraction is rounded up.
        timeout: how long to wait for one node before asking the next, in seconds.
    """

    def __init__(self, transport: Transport, name: str, ttl: float, timeout: float = 0.5) -> None:
        if not 0 < ttl < math.inf:
            raise ValueError(f"the time to live is {ttl!r}; give seconds, more than 0")
        self._transport = transport
        # Quoted, since the keys of a lock "a/b" would otherwise stand in the queue of a lock "a".
        self._prefix = quote(name, safe="") + "/"
        self._ttl = math.ceil(ttl)
        self._timeout = timeout
        self._nodes = AnyNode(transport, timeout)
        self._lease: KeptLease | None = None

    async def acquire(self, token: str, patience: float) -> Grant:
        """Take the lock under ``token``, waiting in the queue for up to ``patience`` seconds.

        Raises:
            NotAcquired: it was not granted, and this token cannot hold it later either.
            NoAnswer: unknown; the token may hold it, until the lease ends.
        """
        until = self._transport.now() + patience
        while True:
            lease = await self._any_lease(until)
            try:
                return await self._queue(token, lease, until)
            except _LeaseLost:
                self._drop(lease)
                if self._transport.now() >= until:
                    raise NotAcquired("the lease ended while waiting") from None

    async def release(self, grant: Grant) -> None:
        """Give the lock back.

        Raises:
            NotHeld: the token did not hold it any more.
            NoAnswer: unknown; it is released now, or will be when the lease ends.
        """
        held: _Held = grant.handle
        try:
            answer = await self._delete(held.key, held.create_revision)
        except Failed as error:
            # Not even "nothing was sent" is definite here: abandoning the lease releases, too.
            self._drop(held.lease)
            raise NoAnswer(f"the release got no answer: {error}") from error
        if held.lease.doubtful or not answer.reply.deleted:
            self._drop(held.lease)
        if answer.reply.deleted:
            return
        if answer.repeated:
            raise NoAnswer("the key is gone: released by an attempt without answer, or lost before")
        raise NotHeld("the lease ended before the release")

    async def _any_lease(self, until: float) -> KeptLease:
        """Return the lease kept from the acquire before, or a new one."""
        if self._lease is None:
            try:
                self._lease = await begin_lease(self._transport, self._nodes, self._ttl, until)
            except Failed as error:
                # Definite: no key was asked for yet.
                raise NotAcquired(f"no lease: {error}") from error
        return self._lease

    async def _queue(self, token: str, lease: KeptLease, until: float) -> Grant:
        """Create the token's key and wait until it is the first.

        Raises:
            _LeaseLost: the key is gone, and cannot come back.
            NotAcquired, NoAnswer: as for ``acquire``.
        """
        key = self._prefix + token
        queue = await self._enter(key, token, lease, until)
        place = _place(queue, key, lease)
        create_revision = queue[place].create_revision
        while place > 0 or not lease.certain:
            later = await self._later(queue, place, lease, until)
            if later is None:
                await self._leave(key, create_revision, lease)
            else:
                queue = later
                place = _place(queue, key, lease)
        # A reply showed the key in front, and its lease has certainly not ended since.
        return Grant(token, create_revision, handle=_Held(key, create_revision, lease))

    async def _enter(
        self, key: str, token: str, lease: KeptLease, until: float
    ) -> Sequence[KeyValue]:
        """Create the key, or find it created by an unanswered attempt, and return the queue."""
        request = PutIfAbsent(key, token, lease.id, self._prefix)
        try:
            answer = await self._nodes.ask(request, until)
        except LeaseNotFound:
            raise _LeaseLost from None
        except (NotSent, ServerRefused) as error:
            raise NotAcquired(f"the key was not created: {error}") from error
        except NoAnswer as error:
            self._drop(lease)
            raise NoAnswer(f"whether the key was created is unknown: {error}") from error
        lease.doubtful = lease.doubtful or answer.repeated
        keys: Keys = answer.reply
        return keys.keys

    async def _later(
        self, queue: Sequence[KeyValue], place: int, lease: KeptLease, until: float
    ) -> Sequence[KeyValue] | None:
        """Wait for what keeps us from a grant and return the queue then, or ``None`` if in vain."""
        if self._transport.now() >= until:
            return None
        try:
            if place > 0:
                before = queue[place - 1]
                await self._nodes.wait(
                    WaitForDelete(before.key, before.create_revision),
                    min(until, self._transport.now() + WATCH_S),
                )
            else:
                await lease.renew(until)
            return await self._read(until)
        except Failed:
            return None

    async def _read(self, until: float) -> Sequence[KeyValue]:
        keys: Keys = (await self._nodes.ask(Range(self._prefix), until)).reply
        return keys.keys

    async def _leave(self, key: str, create_revision: int, lease: KeptLease) -> NoReturn:
        """Give the place in the queue up.

        Raises:
            NotAcquired: the key is gone, and cannot come back.
            NoAnswer: that is not certain.
        """
        try:
            await self._delete(key, create_revision)
        except Failed as error:
            self._drop(lease)
            raise NoAnswer(f"whether the queue was left is unknown: {error}") from error
        if lease.doubtful:
            self._drop(lease)
            raise NoAnswer("a late copy of the request may yet queue again, until the lease ends")
        raise NotAcquired("out of patience while others hold the lock")

    async def _delete(self, key: str, create_revision: int) -> Answer:
        tries = ROUNDS_TO_LET_GO * len(self._transport.nodes)
        until = self._transport.now() + tries * self._timeout
        return await self._nodes.ask(DeleteIf(key, create_revision), until)

    def _drop(self, lease: KeptLease) -> None:
        if self._lease is lease:
            self._lease = None
        lease.abandon()


def _place(queue: Sequence[KeyValue], key: str, lease: KeptLease) -> int:
    """Return the place of our key in the queue, from 0."""
    for place, entry in enumerate(queue):
        if (entry.key, entry.lease) == (key, lease.id):
            return place
    raise _LeaseLost
