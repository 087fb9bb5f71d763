"""What every simulated node shares: it is up, paused or dead, and has a clock."""

from __future__ import annotations

from typing import Any, Protocol

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.outcome import NoAnswer
from holdfast.histories.simulation.exchange import Exchange
from holdfast.histories.simulation.node_clock import NodeClock
from holdfast.histories.simulation.virtual_time import VirtualTime


class NotYet(Exception):
    """A fault is meant for someone whom there is not now, but may be soon.

    Args:
        words: what to say when nobody came.
        patience: how long to wait, in nanoseconds.
    """

    def __init__(self, words: str, patience: int) -> None:
        super().__init__(words)
        self.patience = patience


Message = tuple[Any, Exchange, int, int]
"""A request, the exchange that it belongs to, its place there, and to which life of the node it was sent."""


class Wires(Protocol):
    """How a server answers."""

    def reply(self, server: Server, message: Message, reply: Any) -> None:
        """Send the reply to ``message`` back."""
        ...


class Store(Protocol):
    """What a server serves."""

    def serve(self, message: Message) -> None:
        """Do what ``message`` asks and reply, now or later."""
        ...

    def crash(self) -> None:
        """Forget what is only in memory."""
        ...

    def recover(self, *, keep_data: bool) -> None:
        """Begin with what is durable, or with nothing."""
        ...

    def wake(self) -> None:
        """Go on after a pause."""
        ...


class Server:
    """One node.

    Args:
        name: the node's name.
        time: the time that it lives in.
        wires: how it answers.

    Attributes:
        store: what it serves.
        alive: whether it takes connections: a paused node does.
        paused: whether none of its threads runs.
        incarnation: how often it was started.
        clock: its own clock, which a restart does not touch.
        monotonic: whether what it serves goes by a clock that is never set back.
    """

    __slots__ = (
        "_inbox",
        "alive",
        "clock",
        "incarnation",
        "monotonic",
        "name",
        "paused",
        "store",
        "wires",
    )

    def __init__(self, name: str, time: VirtualTime, wires: Wires) -> None:
        self.name = name
        self.wires = wires
        self.store: Store
        self.alive = True
        self.paused = False
        self.incarnation = 1
        self.clock = NodeClock(time)
        self.monotonic = False
        self._inbox: list[Message] = []

    def receive(self, message: Message) -> None:
        """Take a request that has arrived."""
        if message[3] != self.incarnation or not self.alive:
            self.wires.reply(self, message, NoAnswer(f"{self.name}: the connection was broken"))
        elif self.paused:
            self._inbox.append(message)
        else:
            self.store.serve(message)

    def pause(self) -> None:
        """Stop all its threads.

        Raises:
            CannotStrike: it is dead.
        """
        self._must_be_alive()
        self.paused = True

    def resume(self) -> None:
        """Go on, beginning with the requests that have arrived meanwhile.

        Raises:
            CannotStrike: it is dead.
        """
        self._must_be_alive()
        self.paused = False
        self.store.wake()
        inbox, self._inbox = self._inbox, []
        for message in inbox:
            self.receive(message)

    def set_clock(self, *, offset: float, rate: float) -> None:
        """Set its clock.

        Raises:
            CannotStrike: it would be set back, and what it serves goes by a monotonic clock.
        """
        lead, _ = self.clock.read()
        if self.monotonic and offset < lead:
            raise CannotStrike(f"{self.name} goes by a monotonic clock, which is never set back")
        self.clock.set(offset=offset, rate=rate)

    def kill(self) -> None:
        """End it; who waits for an answer learns that the connection is gone."""
        self.alive = self.paused = False
        inbox, self._inbox = self._inbox, []
        for message in inbox:
            self.receive(message)
        self.store.crash()

    def recover(self, *, keep_data: bool) -> None:
        """Begin with what is durable, or with nothing; it does not take connections yet.

        Raises:
            CannotStrike: it runs.
        """
        if self.alive:
            raise CannotStrike(
                f"{self.name} is running; a node must be killed before it is restarted"
            )
        self.store.recover(keep_data=keep_data)

    def start(self) -> None:
        """Take connections again."""
        self.alive = True
        self.incarnation += 1

    def _must_be_alive(self) -> None:
        if not self.alive:
            raise CannotStrike(f"{self.name} is not running; restart it first")
