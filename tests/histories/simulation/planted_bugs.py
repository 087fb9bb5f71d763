"""Locks with one mistake each, as they are made in practice; each must be found within the assumptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve, frozen

from holdfast.histories.locks import etcd_lock
from holdfast.histories.locks.etcd_lease import KeptLease
from holdfast.histories.locks.etcd_lock import EtcdLock
from holdfast.histories.locks.etcd_requests import DeleteIf, KeyValue
from holdfast.histories.locks.lock import Grant, Lock
from holdfast.histories.locks.redlock import Redlock
from holdfast.histories.locks.transport import Transport
from holdfast.histories.outcome import NoAnswer, NotAcquired
from holdfast.histories.systems.etcd import EtcdSystem
from holdfast.histories.systems.redlock import RedlockSystem

MakeLock = Callable[[Transport, str, float], Lock]


class NoMajority(Redlock):
    """Content with a single node."""

    def __init__(self, transport: Transport, name: str, ttl: float) -> None:
        super().__init__(transport, name, ttl)
        self._quorum = 1


class HalfIsEnough(Redlock):
    """Rounds the majority down."""

    def __init__(self, transport: Transport, name: str, ttl: float) -> None:
        super().__init__(transport, name, ttl)
        self._quorum = len(transport.nodes) // 2


class NoTokenCheck(Redlock):
    """Deletes the key on release and on undoing, whoever's it is."""

    async def _delete(self, value: str) -> list[Any | Exception]:
        return await self._transport.call_all(
            self._transport.nodes, ("DEL", self._name), self._node_timeout
        )


class _Edited(Transport):
    """A transport that changes what a lock asks, or what it is answered."""

    def __init__(self, transport: Transport) -> None:
        self._inner = transport
        self.nodes: Sequence[str] = transport.nodes
        self.random = transport.random

    def now(self) -> float:
        return self._inner.now()

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    def spawn(self, coroutine: Any) -> Any:
        return self._inner.spawn(coroutine)

    async def call(self, node: str, request: Any, timeout: float) -> Any:
        return await self._inner.call(node, request, timeout)

    async def call_all(
        self, nodes: Sequence[str], request: Any, timeout: float
    ) -> list[Any | Exception]:
        replies = await self._inner.call_all(nodes, self.request(request), timeout)
        return [self.reply(request, reply) for reply in replies]

    def request(self, request: Any) -> Any:
        return request

    def reply(self, request: Any, reply: Any) -> Any:
        return reply


class _NotExclusive(_Edited):
    def request(self, request: Any) -> Any:
        return tuple(word for word in request if word != "NX")


class _OneValue(_Edited):
    def request(self, request: Any) -> Any:
        if request[0] == "SET":
            return (*request[:2], "locked", *request[3:])
        return (*request[:4], "locked")


class _SilenceIsConsent(_Edited):
    def reply(self, request: Any, reply: Any) -> Any:
        return "OK" if request[0] == "SET" and isinstance(reply, NoAnswer) else reply


class _SecondsForMilliseconds(_Edited):
    def request(self, request: Any) -> Any:
        return (*request[:5], request[5] // 1000) if request[0] == "SET" else request


class _SomeNodes(_Edited):
    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.nodes = sorted(transport.random.sample(list(transport.nodes), 2))


class ValidityIgnored(Redlock):
    """Relies on a grant for as long as it likes."""

    async def acquire(self, token: str, patience: float) -> Grant:
        return evolve(await super().acquire(token, patience), valid_until=float("inf"))


class ValidityFromTheEnd(Redlock):
    """Counts the validity from when the work begins, however long that took."""

    async def acquire(self, token: str, patience: float) -> Grant:
        grant = await super().acquire(token, patience)
        return evolve(grant, valid_until=grant.valid_until + patience)


class NoQueue(EtcdLock):
    """Takes its key in the queue for the lock, whoever stands before it."""

    async def _queue(self, token: str, lease: KeptLease, until: float) -> Grant:
        key = self._prefix + token
        queue = await self._enter(key, token, lease, until)
        revision = queue[-1].create_revision
        return Grant(token, revision, handle=etcd_lock._Held(key, revision, lease))


class RevisionIgnored(EtcdLock):
    """Puts the queue in the order of its keys' names."""

    async def _enter(
        self, key: str, token: str, lease: KeptLease, until: float
    ) -> Sequence[KeyValue]:
        return sorted(await super()._enter(key, token, lease, until), key=lambda entry: entry.key)

    async def _read(self, until: float) -> Sequence[KeyValue]:
        return sorted(await super()._read(until), key=lambda entry: entry.key)


class WaitIsGrant(EtcdLock):
    """Takes the end of a wait, which may be a time-out, for its turn."""

    async def _later(
        self, queue: Sequence[KeyValue], place: int, lease: KeptLease, until: float
    ) -> Sequence[KeyValue] | None:
        later = await super()._later(queue, place, lease, until)
        return None if later is None else later[later.index(queue[place]) :]


class WrongKeyWatched(EtcdLock):
    """Waits for the head of the queue to go, and takes that for its turn."""

    async def _later(
        self, queue: Sequence[KeyValue], place: int, lease: KeptLease, until: float
    ) -> Sequence[KeyValue] | None:
        later = await super()._later([queue[0], *queue[place:]], min(place, 1), lease, until)
        if later is None or queue[0] in later:
            return later
        return later[later.index(queue[place]) :] if queue[place] in later else later


class HeadDeleted(EtcdLock):
    """Deletes the head of the queue, and not its own key, when it gives up or releases."""

    async def _delete(self, key: str, create_revision: int) -> Any:
        queue = await self._read(self._transport.now() + self._timeout)
        if queue:
            key, create_revision = queue[0].key, queue[0].create_revision
        until = self._transport.now() + self._timeout
        return await self._nodes.ask(DeleteIf(key, create_revision), until)


class FenceRepeated(EtcdLock):
    """Gives every grant the same fencing token."""

    async def acquire(self, token: str, patience: float) -> Grant:
        return evolve(await super().acquire(token, patience), fence=1)


class LeaseForgotten(EtcdLock):
    """Does not keep its lease alive."""

    async def _any_lease(self, until: float) -> KeptLease:
        lease = await super()._any_lease(until)
        lease._keeper.cancel()
        return lease


class SilenceIsKey(EtcdLock):
    """Takes the lock when nobody answers whether its key was created."""

    async def acquire(self, token: str, patience: float) -> Grant:
        try:
            return await super().acquire(token, patience)
        except NoAnswer:
            return Grant(token, 1 << 40, handle=None)

    async def release(self, grant: Grant) -> None:
        if grant.handle is None:
            raise NoAnswer("there is no key to delete")
        await super().release(grant)


class GivingUpIsGrant(EtcdLock):
    """Goes on without the lock when it has waited long enough."""

    async def acquire(self, token: str, patience: float) -> Grant:
        try:
            return await super().acquire(token, patience)
        except NotAcquired:
            return Grant(token, 1 << 40, handle=None)

    async def release(self, grant: Grant) -> None:
        if grant.handle is not None:
            await super().release(grant)


def _edited(edit: type[_Edited]) -> MakeLock:
    return lambda transport, name, ttl: Redlock(edit(transport), name, ttl)


ON_REDIS: dict[str, MakeLock] = {
    "no-majority": NoMajority,
    "half-is-enough": HalfIsEnough,
    "no-token-check": NoTokenCheck,
    "not-exclusive": _edited(_NotExclusive),
    "one-value-for-all": _edited(_OneValue),
    "silence-is-consent": _edited(_SilenceIsConsent),
    "seconds-for-milliseconds": _edited(_SecondsForMilliseconds),
    "some-nodes": _edited(_SomeNodes),
    "validity-ignored": ValidityIgnored,
    "validity-from-the-end": ValidityFromTheEnd,
}

ON_ETCD: dict[str, MakeLock] = {
    "no-queue": NoQueue,
    "revision-ignored": RevisionIgnored,
    "wait-is-grant": WaitIsGrant,
    "wrong-key-watched": WrongKeyWatched,
    "head-deleted": HeadDeleted,
    "fence-repeated": FenceRepeated,
    "lease-forgotten": LeaseForgotten,
    "silence-is-key": SilenceIsKey,
    "giving-up-is-grant": GivingUpIsGrant,
}


@frozen
class BuggyRedlock(RedlockSystem):
    """Redlock with one of the mistakes."""

    bug: str

    def lock(self, transport: Transport, name: str, ttl: float) -> Lock:
        return ON_REDIS[self.bug](transport, name, ttl)


@frozen
class BuggyEtcd(EtcdSystem):
    """The etcd lock with one of the mistakes."""

    bug: str

    def lock(self, transport: Transport, name: str, ttl: float) -> Lock:
        return ON_ETCD[self.bug](transport, name, ttl)


def __getattr__(name: str) -> Callable[[], Any]:
    """Return the system with that mistake, for ``MODULE:NAME`` as the name of a system."""
    if name in ON_REDIS:
        return lambda: BuggyRedlock(name)
    if name in ON_ETCD:
        return lambda: BuggyEtcd(name)
    raise AttributeError(name)
