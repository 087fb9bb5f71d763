"""What a client does: take the lock, update what it protects, give the lock back; again and again."""

from __future__ import annotations

from typing import Any, Protocol

from attrs import field, frozen, validators

from holdfast.histories.locks.lock import Grant, Lock
from holdfast.histories.locks.transport import Transport
from holdfast.histories.operation import EventType, Outcome
from holdfast.histories.outcome import DefiniteFailure, NoAnswer, outcome_of
from holdfast.histories.resource import Resource

LOCK = "lock"
"""The key under which calls to the lock are recorded."""

RESOURCE = "resource"
"""The key under which calls to what the lock protects are recorded."""

RESOURCE_MODEL = "cas-register,initial_value=0"
"""An update under the lock claims to be atomic: it is recorded as a compare-and-set of what was read."""

WRITE = "cas"
"""The last call before a release: whoever makes it has done its work."""

NAME = "holdfast"
"""The lock's name on the servers."""

MISTAKE = (
    "A lock raises what holdfast.histories.outcome defines (NotAcquired, NotHeld, NoAnswer, …); anything "
    "else is a mistake in it, and no history can tell of that."
)

_positive = validators.gt(0.0)


@frozen
class Workload:
    """How clients behave. Times are in seconds; those called *mean* vary between half and one and a half.

    Args:
        clients: how many there are.
        seconds: how long they begin new rounds.
        ttl: the time to live that the lock's grants are asked for.
        hold: the mean time of the work between reading and writing.
        think: the mean time between a release and the next acquire.
        patience: how long an acquire tries.
        fenced: whether the fencing token goes along to the resource, where the lock gives one.
    """

    clients: int = field(default=5, validator=validators.ge(1))
    seconds: float = field(default=5.0, validator=_positive)
    ttl: float = field(default=1.0, validator=_positive)
    hold: float = field(default=0.03, validator=validators.ge(0.0))
    think: float = field(default=0.02, validator=validators.ge(0.0))
    patience: float = field(default=2.0, validator=_positive)
    fenced: bool = True


class Journal(Protocol):
    """Where a client's events go; each call returns once the event is safe."""

    def record(
        self, type: EventType, process: int, f: str, value: Any, key: str, error: str | None
    ) -> None:
        """Record one event."""
        ...


class LockClient:
    """One client at work.

    A client that met an unknown outcome goes on as a new process, since the old call may still take
    effect: its processes are ``number``, ``number + clients``, and so on.

    Args:
        number: which of the clients this is, from 0.
        workload: how it behaves.
        transport: its clock and its chance.
        lock: its end of the lock.
        resource: what the lock protects.
        journal: where its events go.
        strict: whether what tells of no outcome is raised, and not recorded as unknown: where nothing
            else can raise it, it is a mistake in the lock.
    """

    def __init__(
        self,
        number: int,
        workload: Workload,
        *,
        transport: Transport,
        lock: Lock,
        resource: Resource,
        journal: Journal,
        strict: bool = False,
    ) -> None:
        self._process = number
        self._name = client_name(number)
        self._workload = workload
        self._transport = transport
        self._lock = lock
        self._resource = resource
        self._journal = journal
        self._strict = strict

    async def work(self) -> None:
        """Do rounds until the workload's time is over."""
        end = self._transport.now() + self._workload.seconds
        rounds = 0
        while self._transport.now() < end:
            rounds += 1
            await self._transport.sleep(self._around(self._workload.think))
            await self._round(f"{self._name}-{rounds}")

    async def _round(self, token: str) -> None:
        self._invoke("acquire", token, LOCK)
        try:
            grant = await self._lock.acquire(token, self._workload.patience)
        except Exception as error:
            self._failed("acquire", LOCK, error)
            return
        self._ok("acquire", token if grant.fence is None else grant.fence, LOCK)
        await self._update(grant)
        await self._release(grant)

    async def _update(self, grant: Grant) -> None:
        fence = grant.fence if self._workload.fenced else None
        self._invoke("read", None, RESOURCE)
        try:
            seen = await self._resource.read(fence)
        except Exception as error:
            self._failed("read", RESOURCE, error)
            return
        self._ok("read", seen, RESOURCE)
        work = self._around(self._workload.hold)
        # A careful client begins only what the lock's validity leaves time for. What can still go wrong
        # goes wrong between this check and the write: that is the point of fencing tokens.
        if self._transport.now() + work >= grant.valid_until:
            return
        await self._transport.sleep(work)
        self._invoke(WRITE, (seen, seen + 1), RESOURCE)
        try:
            await self._resource.write(seen + 1, fence)
        except Exception as error:
            self._failed(WRITE, RESOURCE, error)
            return
        self._ok(WRITE, None, RESOURCE)

    async def _release(self, grant: Grant) -> None:
        self._invoke("release", grant.token, LOCK)
        try:
            await self._lock.release(grant)
        except Exception as error:
            self._failed("release", LOCK, error)
            return
        self._ok("release", grant.token, LOCK)

    def _around(self, mean: float) -> float:
        return mean * self._transport.random.uniform(0.5, 1.5)

    def _invoke(self, f: str, value: Any, key: str) -> None:
        self._journal.record("invoke", self._process, f, value, key, None)

    def _ok(self, f: str, value: Any, key: str) -> None:
        self._journal.record("ok", self._process, f, value, key, None)

    def _failed(self, f: str, key: str, error: Exception) -> None:
        if self._strict and not isinstance(error, DefiniteFailure | NoAnswer):
            error.add_note(MISTAKE)
            raise error
        outcome, words = outcome_of(error)
        self._journal.record(outcome.value, self._process, f, None, key, words)
        if outcome is Outcome.INFO:
            self._process += self._workload.clients


def client_name(number: int) -> str:
    """Return the name of the client with that number, counted from 0: ``c1`` is number 0."""
    return f"c{number + 1}"
