"""What lies between clients and nodes: delays, losses and cuts, each direction on its own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from heapq import heappush
from typing import Any

from attrs import field, frozen, validators

from holdfast.histories.faults.world import CutMode
from holdfast.histories.outcome import NoAnswer, NotSent
from holdfast.histories.simulation.exchange import Exchange
from holdfast.histories.simulation.server import Message, Server
from holdfast.histories.simulation.virtual_time import Action, VirtualTime

NS_PER_MS = 1_000_000
RESEND_NS = 200 * NS_PER_MS
"""After how long TCP sends a lost segment again, at the least."""

REFUSAL_NS = 20_000
"""How long it takes to find out that nobody listens."""

_not_negative = validators.ge(0.0)


@frozen
class Slow:
    """A direction in which everything takes longer.

    Args:
        source: who sends.
        destination: who receives.
        by_ms: how much longer, in milliseconds.
    """

    source: str
    destination: str
    by_ms: float = field(validator=_not_negative)


@frozen
class Conditions:
    """How the network is when nothing is cut.

    Connections are streams, as TCP's: nothing is duplicated, and what is lost is sent again, so a
    loss is a delay of 200 ms.

    Args:
        delay_ms: the mean time that a message takes one way; it varies between half and one and a
            half of it.
        lost: the share of messages that have to be sent again.
        slow: directions in which everything takes longer.
    """

    delay_ms: float = field(default=0.1, validator=_not_negative)
    lost: float = field(default=0.0, validator=[_not_negative, validators.le(1.0)])
    slow: tuple[Slow, ...] = ()


class Network:
    """Takes requests to servers and replies back.

    What is under way when a direction is cut arrives. What is sent into a cut in mode ``hold`` waits
    until it is healed; into one in mode ``reset`` it is refused.

    Args:
        time: the time that messages take.
        conditions: how it is when nothing is cut.
        chance: chooses how long each message takes.

    Attributes:
        servers: who can be asked, by name.
    """

    def __init__(self, time: VirtualTime, conditions: Conditions, chance: random.Random) -> None:
        self.servers: dict[str, Server] = {}
        self._time = time
        self._random = chance.random
        self._mean_ns = int(conditions.delay_ms * NS_PER_MS)
        self._lost = conditions.lost
        self._slow = {
            (slow.source, slow.destination): int(slow.by_ms * NS_PER_MS) for slow in conditions.slow
        }
        self._even = not (self._lost or self._slow)
        self._cuts: dict[tuple[str, str], CutMode] = {}
        self._held: dict[tuple[str, str], list[tuple[Action, Any]]] = {}

    def ask(self, exchange: Exchange, nodes: Sequence[str], request: Any) -> None:
        """Send ``request`` to all ``nodes``, as one exchange."""
        time, chance, servers = self._time, self._random, self.servers
        now, mean, number = time.now, self._mean_ns, time.number
        plain = self._even and not self._cuts
        for place, name in enumerate(nodes):
            server = servers[name]
            if plain and server.alive:
                number += 1
                heappush(
                    time.agenda,
                    (
                        now + int(mean * (0.5 + chance())),
                        number,
                        server.receive,
                        (request, exchange, place, server.incarnation),
                    ),
                )
            else:
                time.number = number
                self._ask(server, (request, exchange, place, server.incarnation))
                number = time.number
        time.number = number

    def _ask(self, server: Server, message: Message) -> None:
        _, exchange, place, _ = message
        direction = (exchange.task.client.name, server.name)
        mode = self._cuts.get(direction)
        if mode == "hold":
            self._hold(direction, server.receive, message)
        elif mode == "reset" or not server.alive:
            refused = NotSent(f"{server.name}: nobody takes connections")
            exchange.put(place, refused, self._time.now + REFUSAL_NS)
        else:
            self._time.at(self._time.now + self.delay(direction), server.receive, message)

    def reply(self, server: Server, message: Message, reply: Any) -> None:
        """Send the reply to ``message`` back."""
        _, exchange, place, _ = message
        if self._even and not self._cuts:
            # What ``delay`` and ``Exchange.put`` would do: half of all messages pass here.
            arrival = self._time.now + int(self._mean_ns * (0.5 + self._random()))
            exchange.replies[place] = reply
            exchange.arrivals[place] = arrival
            if arrival > exchange.latest:  # noqa: PLR1730 - max() takes three times as long
                exchange.latest = arrival
            exchange.awaited -= 1
            if not exchange.awaited and not exchange.settled:
                self._time.at(exchange.latest, exchange.settle)
            return
        direction = (server.name, exchange.task.client.name)
        mode = self._cuts.get(direction)
        if mode == "hold":
            self._hold(direction, self._arrive, (direction, message, reply))
            return
        if mode == "reset":
            reply = NoAnswer(f"{server.name}: the connection was broken")
        self._arrive((direction, message, reply))

    def _arrive(self, held: tuple[tuple[str, str], Message, Any]) -> None:
        direction, (_, exchange, place, _), reply = held
        exchange.put(place, reply, self._time.now + self.delay(direction))

    def send(self, source: str, destination: str, action: Action, argument: Any) -> None:
        """Let ``action(argument)`` happen when a message between nodes arrives.

        Into a cut in mode ``reset`` it is lost.
        """
        if self._even and not self._cuts:
            # What ``VirtualTime.at`` and ``delay`` would do: nodes talk more than clients.
            time = self._time
            time.number = number = time.number + 1
            instant = time.now + int(self._mean_ns * (0.5 + self._random()))
            heappush(time.agenda, (instant, number, action, argument))
            return
        direction = (source, destination)
        mode = self._cuts.get(direction)
        if mode == "hold":
            self._hold(direction, action, argument)
        elif mode is None:
            self._time.at(self._time.now + self.delay(direction), action, argument)

    def delay(self, direction: tuple[str, str]) -> int:
        """Return how long the next message in that direction takes, in nanoseconds."""
        took = int(self._mean_ns * (0.5 + self._random()))
        if not self._even:
            took += self._slow.get(direction, 0)
            if self._lost and self._random() < self._lost:
                took += RESEND_NS
        return took

    def is_open(self, source: str, destination: str) -> bool:
        """Return whether what ``source`` sends reaches ``destination``."""
        return (source, destination) not in self._cuts

    def cut(self, source: str, destination: str, mode: CutMode) -> None:
        """Let nothing that is sent from now on pass in that direction."""
        self._cuts[source, destination] = mode
        if mode == "reset":
            self._held.pop((source, destination), None)

    def heal(self, source: str, destination: str) -> None:
        """Let pass again what is sent, and what was held."""
        direction = (source, destination)
        self._cuts.pop(direction, None)
        for action, argument in self._held.pop(direction, ()):
            self._time.at(self._time.now + self.delay(direction), action, argument)

    def cuts(self) -> tuple[tuple[str, str], ...]:
        """Return the directions that are cut now."""
        return tuple(self._cuts)

    def _hold(self, direction: tuple[str, str], action: Action, argument: Any) -> None:
        self._held.setdefault(direction, []).append((action, argument))
