"""Who holds the lock now, as far as the recorder has seen."""

from __future__ import annotations

import threading
import time

from holdfast.histories.operation import Event
from holdfast.histories.workload import LOCK, RESOURCE, WRITE, client_name

SETTLED_S = 0.005
"""A holder quiet for so long is in the middle of its work, neither just granted nor about to write."""

FRESH_S = 0.03
"""A holder quiet for longer may be about to finish."""


class Holders:
    """Follows the events of a recording; thread-safe.

    Args:
        clients: how many clients there are, to know the client behind a process.
    """

    def __init__(self, clients: int) -> None:
        self._clients = clients
        self._guard = threading.Lock()
        self._holding: set[str] = set()
        self._finishing: set[str] = set()
        self._last_event: dict[str, float] = {}

    def observe(self, event: Event) -> None:
        """Take note of an event that was recorded."""
        if not isinstance(event.process, int):
            return
        client = client_name(event.process % self._clients)
        with self._guard:
            self._last_event[client] = time.monotonic()
            if event.key == RESOURCE and event.f == WRITE:
                self._finishing.add(client)
            elif event.key == LOCK and event.f == "acquire" and event.type == "ok":
                self._holding.add(client)
                self._finishing.discard(client)
            elif event.key == LOCK and event.f == "release" and event.type == "invoke":
                self._holding.discard(client)

    def now(self) -> tuple[str, ...]:
        """Return the clients that hold the lock now, sorted."""
        with self._guard:
            return tuple(sorted(self._holding))

    def at_work(self, seconds: float) -> str | None:
        """Wait for a client that holds the lock and is in the middle of its work, and return its name.

        Args:
            seconds: how long to wait.

        Returns: ``None`` when there was none in that time.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._guard:
                # One whose write takes long is quiet, too, but about to give the lock back.
                for client in sorted(self._holding - self._finishing):
                    if SETTLED_S <= time.monotonic() - self._last_event[client] <= FRESH_S:
                        return client
            time.sleep(0.001)
        return None
