"""A client's process: its coroutines, which a pause stops all at once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any

from holdfast.histories.simulation.virtual_time import NEVER, VirtualTime

if TYPE_CHECKING:
    from holdfast.histories.simulation.exchange import Exchange


class Cancelled(BaseException):
    """A background coroutine was cancelled.

    Not an ``Exception``, so that lock code does not swallow it.
    """


_ONCE = (None,)


class _Suspension:
    """Awaiting it hands control back to virtual time, until the task is stepped on."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        # Faster than a generator, which is all that the types know of: every call passes here.
        return iter(_ONCE)  # type: ignore[return-value]


SUSPENDED = _Suspension()


class ClientProcess:
    """One client, which can be paused and resumed.

    Args:
        name: the client's name.
        time: the time that it lives in.

    Attributes:
        paused: whether none of its code runs now.
        running: the task whose code runs now.
        tasks: those that have not ended.
    """

    __slots__ = ("_deferred", "name", "paused", "running", "tasks", "time")

    def __init__(self, name: str, time: VirtualTime) -> None:
        self.name = name
        self.time = time
        self.paused = False
        self.tasks: dict[Task, None] = {}
        self.running: Task
        self._deferred: list[tuple[Callable[[Any], None], Any]] = []

    def start(self, coroutine: Coroutine[Any, Any, None]) -> Task:
        """Run ``coroutine`` as a task, from now on."""
        task = Task(self, coroutine)
        self.tasks[task] = None
        self.time.at(self.time.now, task.wake)
        return task

    def defer(self, action: Callable[[Any], None], argument: Any) -> None:
        """Do ``action(argument)`` when the client is resumed."""
        self._deferred.append((action, argument))

    def pause(self) -> None:
        """Stop all its code, wherever it is."""
        self.paused = True

    def resume(self) -> None:
        """Let it go on: what was due meanwhile happens now."""
        self.paused = False
        deferred, self._deferred = self._deferred, []
        for action, argument in deferred:
            self.time.at(self.time.now, action, argument)

    def close(self) -> None:
        """End all its code."""
        for task in tuple(self.tasks):
            task.close()


class Task:
    """A coroutine of a client.

    Args:
        client: whose it is.
        coroutine: it may await only what a simulated transport offers.

    Attributes:
        cancelled: whether it is to end at its next sleep or call.
    """

    __slots__ = ("_alarm", "_coroutine", "_deadline", "_exchange", "cancelled", "client")

    def __init__(self, client: ClientProcess, coroutine: Coroutine[Any, Any, None]) -> None:
        self.client = client
        self.cancelled = False
        self._coroutine = coroutine
        self._exchange: Exchange
        self._deadline = self._alarm = NEVER

    def cancel(self) -> None:
        """Stop it at its next sleep or call; what it has sent already stays sent."""
        self.cancelled = True

    def wake(self, argument: Any = None) -> None:
        """Go on, now or when the client is resumed."""
        if self.client.paused:
            self.client.defer(self.wake, argument)
        else:
            self.step()

    def step(self) -> None:
        """Run the coroutine up to its next suspension."""
        self.client.running = self
        try:
            self._coroutine.send(None)
        except (StopIteration, Cancelled):
            del self.client.tasks[self]

    def await_until(self, deadline: int, exchange: Exchange) -> None:
        """Have ``exchange`` settled at ``deadline``, in nanoseconds, or now if that is past."""
        time = self.client.time
        deadline = max(deadline, time.now)
        self._exchange, self._deadline = exchange, deadline
        # One alarm serves many exchanges, one after the other: most end long before their deadline.
        if deadline < self._alarm:
            self._alarm = deadline
            time.at(deadline, self._ring)

    def _ring(self, _: None) -> None:
        now = self.client.time.now
        if now != self._alarm:
            return  # an earlier one was set, and this one again when it rang, if need be
        self._alarm = NEVER
        if now < self._deadline and not self._exchange.settled:
            self.await_until(self._deadline, self._exchange)
        else:
            self._exchange.settle(None)

    def close(self) -> None:
        """End it where it is."""
        self.client.tasks.pop(self, None)
        self._coroutine.close()
