"""Who holds the lock in a simulated run, by what was recorded so far: the rule of live runs."""

from __future__ import annotations

from collections.abc import Callable

from holdfast.histories.live.holders import FRESH_S, SETTLED_S
from holdfast.histories.operation import EventType
from holdfast.histories.simulation.virtual_time import VirtualTime, nanoseconds
from holdfast.histories.workload import LOCK, WRITE, client_name

SETTLED_NS = nanoseconds(SETTLED_S)
FRESH_NS = nanoseconds(FRESH_S)


class Holders:
    """Follows the clients' events.

    Args:
        time: when they happen.
        clients: how many clients there are, to know the client behind a process.

    Attributes:
        awaited: what to do when a client may be in the middle of its work, or ``None``.
    """

    __slots__ = ("_clients", "_finishing", "_holding", "_last_event", "_time", "awaited")

    def __init__(self, time: VirtualTime, clients: int) -> None:
        self._time = time
        self._clients = clients
        self._holding: set[int] = set()
        self._finishing: set[int] = set()
        self._last_event = [0] * clients
        self.awaited: Callable[[None], None] | None = None

    def observe(self, type: EventType, process: int, f: str, key: str) -> None:
        """Take note of an event."""
        client = process % self._clients
        self._last_event[client] = self._time.now
        if key == LOCK:
            if type == "ok" and f == "acquire":
                self._holding.add(client)
                self._finishing.discard(client)
            elif type == "invoke" and f == "release":
                self._holding.discard(client)
        elif f == WRITE:
            self._finishing.add(client)
        if self.awaited is not None:
            self._time.at(self._time.now + SETTLED_NS, self.awaited)

    def at_work(self) -> str | None:
        """Return a client that holds the lock and is in the middle of its work, or ``None``."""
        now = self._time.now
        settled = [
            client_name(client)
            for client in self._holding - self._finishing
            if SETTLED_NS <= now - self._last_event[client] <= FRESH_NS
        ]
        return min(settled, default=None)
