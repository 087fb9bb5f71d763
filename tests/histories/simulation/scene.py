"""A stage on which tests put simulated nodes and clients, and play calls at given times."""

from __future__ import annotations

import random
from collections.abc import Coroutine
from typing import Any

from holdfast.histories.outcome import DefiniteFailure, NoAnswer
from holdfast.histories.simulation.client_process import ClientProcess
from holdfast.histories.simulation.cluster import Stage
from holdfast.histories.simulation.network import Conditions, Network
from holdfast.histories.simulation.transport import SimulatedTransport
from holdfast.histories.simulation.virtual_time import VirtualTime, nanoseconds

LONG_S = 3600.0


class Scene:
    """Virtual time with a network.

    Args:
        conditions: how the network is.
        durable: whether nodes keep their data over a kill.
    """

    def __init__(
        self, conditions: Conditions | None = None, *, durable: bool = False, seed: int = 0
    ) -> None:
        self.time = VirtualTime()
        chance = random.Random(seed)
        self.network = Network(self.time, conditions or Conditions(), chance)
        self.stage = Stage(self.time, self.network, chance, durable=durable)

    def transport(self, name: str = "c1") -> SimulatedTransport:
        """Return the transport of a new client."""
        client = ClientProcess(name, self.time)
        nodes = tuple(self.network.servers)
        return SimulatedTransport(client, nodes, self.network, random.Random(name))

    def begin(self, transport: SimulatedTransport, coroutine: Coroutine[Any, Any, Any]) -> Result:
        """Let ``coroutine`` run as the client of ``transport``."""
        result = Result()
        transport.spawn(result.take(coroutine))
        return result

    def run(self, transport: SimulatedTransport, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run ``coroutine`` to its end and return its result, or raise what it raised."""
        result = self.begin(transport, coroutine)
        limit = self.time.now + nanoseconds(LONG_S)
        while not result.done:
            assert self.time.agenda, "the coroutine waits for something that never comes"
            self.time.run(min(self.time.agenda[0][0], limit))
        return result.value()

    def ask(
        self, transport: SimulatedTransport, node: str, request: Any, timeout: float = 1.0
    ) -> Any:
        """Send one request and return the reply, or raise what the call raised."""
        return self.run(transport, transport.call(node, request, timeout))

    def wait(self, seconds: float) -> None:
        """Let time pass for everybody."""
        until = self.time.now + nanoseconds(seconds)
        self.time.at(until, lambda _: None)
        self.time.run(until)
        assert self.time.now == until


class Result:
    """What a coroutine returned or raised."""

    def __init__(self) -> None:
        self.done = False
        self._value: Any = None
        self._error: Exception | None = None

    async def take(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        try:
            self._value = await coroutine
        except (DefiniteFailure, NoAnswer) as error:
            self._error = error
        self.done = True

    def value(self) -> Any:
        assert self.done
        if self._error is not None:
            raise self._error
        return self._value
