"""Requests that a client has sent together, and what has come back of them."""

from __future__ import annotations

from typing import Any

from holdfast.histories.simulation.client_process import Task
from holdfast.histories.simulation.virtual_time import NEVER


class Exchange:
    """One round of requests of one task.

    A reply is put here when its node sends it, together with the instant at which it will arrive:
    so a round costs one wake-up of its task, not one for each reply.

    Args:
        task: who waits for the replies.
        count: how many requests there are.

    Attributes:
        replies: for each request its reply, or the exception that tells what became of it.
        arrivals: when each reply arrives, in nanoseconds.
        awaited: how many replies have not been sent yet.
    """

    __slots__ = ("arrivals", "awaited", "latest", "replies", "settled", "task")

    def __init__(self, task: Task, count: int) -> None:
        self.task = task
        self.replies: list[Any] = [None] * count
        self.arrivals = [NEVER] * count
        self.awaited = count
        self.latest = 0
        self.settled = False

    def put(self, place: int, reply: Any, arrival: int) -> None:
        """Take the reply to the request at ``place``, which arrives at ``arrival``."""
        self.replies[place] = reply
        self.arrivals[place] = arrival
        self.latest = max(self.latest, arrival)
        self.awaited -= 1
        if not self.awaited:
            self.task.client.time.at(self.latest, self.settle)

    def settle(self, _: Any) -> None:
        """Let the task go on with what has arrived: all of it, or what there is at the deadline."""
        if self.settled:
            return
        client = self.task.client
        if client.paused:
            client.defer(self.settle, None)
            return
        self.settled = True
        self.task.step()
