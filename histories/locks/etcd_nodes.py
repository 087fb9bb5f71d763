"""Asking whichever etcd node answers: all nodes serve the same data."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from holdfast.histories.locks.etcd_requests import EtcdRequest, LeaseNotFound, WaitForDelete
from holdfast.histories.locks.transport import Transport
from holdfast.histories.outcome import NoAnswer, NotSent, ServerRefused

ROUND_PAUSE_S = (0.01, 0.03)
"""How long to rest after all nodes have failed, before asking them again."""

Failed = (NotSent, NoAnswer, ServerRefused)
"""What ``AnyNode.ask`` raises."""


@frozen
class Answer:
    """The first reply to a request.

    Args:
        reply: what the node replied.
        repeated: whether an earlier attempt got no answer: it may have taken effect before the one
            that was answered, or may do so later.
    """

    reply: Any
    repeated: bool


class AnyNode:
    """Sends requests to one node, and to the next when that one fails.

    Args:
        transport: the client's way to the nodes.
        timeout: how long to wait for one node, in seconds.
    """

    def __init__(self, transport: Transport, timeout: float) -> None:
        self._transport = transport
        self._timeout = timeout
        # Clients begin at different nodes, and stay with one as long as it answers.
        self._at = transport.random.randrange(len(transport.nodes))

    async def ask(self, request: EtcdRequest, until: float) -> Answer:
        """Send ``request`` to node after node until one answers.

        Args:
            request: what is asked; it may be sent more than once.
            until: when to stop trying, on the transport's clock; one node is asked in any case.

        Raises:
            NotSent: no node got the request.
            NoAnswer: a node may have got it, and none answered.
            ServerRefused: a node refused, and no other can have got the request.
            LeaseNotFound: a node said so.
        """
        last: NotSent | NoAnswer
        repeated = False
        failures = 0
        while True:
            left = until - self._transport.now()
            timeout = self._timeout if failures == 0 else min(self._timeout, left)
            try:
                reply = await self._transport.call(self._node(), request, timeout)
                return Answer(reply, repeated)
            except LeaseNotFound:
                # Certain whatever became of earlier attempts: what they did ended with the lease.
                raise
            except ServerRefused as error:
                if repeated:
                    raise NoAnswer(f"an attempt got no answer; another: {error}") from error
                raise
            except NoAnswer as error:
                repeated, last = True, error
            except NotSent as error:
                last = error
            failures += 1
            self._at += 1
            if self._transport.now() >= until:
                raise NoAnswer(str(last)) if repeated else NotSent(str(last))
            if failures % len(self._transport.nodes) == 0:
                await self._transport.sleep(self._transport.random.uniform(*ROUND_PAUSE_S))

    async def wait(self, request: WaitForDelete, until: float) -> None:
        """Return when a node has answered or failed, or at ``until``: it is time to look again."""
        try:
            await self._transport.call(self._node(), request, until - self._transport.now())
        except Failed:
            self._at += 1

    def _node(self) -> str:
        return self._transport.nodes[self._at % len(self._transport.nodes)]
