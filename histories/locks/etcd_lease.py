"""An etcd lease that is kept alive for as long as its client runs."""

from __future__ import annotations

from holdfast.histories.locks.etcd_nodes import AnyNode, Failed
from holdfast.histories.locks.etcd_requests import Lease, LeaseGrant, LeaseKeepAlive, LeaseRevoke
from holdfast.histories.locks.transport import Transport

RENEWALS_PER_TTL = 3


class KeptLease:
    """A lease with a keep-alive beside its owner.

    Get one from ``begin_lease``.

    Attributes:
        id: its number.
        lost: whether a node said that it has ended.
        doubtful: whether a request that creates a key under it may still be under way somewhere, so
            that the key may appear after it was deleted; only the end of the lease rules that out.
    """

    def __init__(self, transport: Transport, lease: Lease, asked: float) -> None:
        self.id = lease.id
        self.lost = False
        self.doubtful = False
        self._transport = transport
        self._ttl = lease.ttl
        self._nodes = AnyNode(transport, lease.ttl / RENEWALS_PER_TTL)
        self._certain_until = asked + lease.ttl
        self._keeper = transport.spawn(self._keep())

    @property
    def certain(self) -> bool:
        """Whether it certainly lives now, if the nodes' clocks run at this client's rate.

        Its time began anew at some instant after the last answered renewal was asked for. A client
        that was paused for too long finds out here, before any node has told it.
        """
        return not self.lost and self._transport.now() < self._certain_until

    async def renew(self, until: float) -> None:
        """Let its time begin anew, or find it lost.

        Raises:
            NotSent, NoAnswer, ServerRefused: no node answered until then.
        """
        asked = self._transport.now()
        renewed: Lease = (await self._nodes.ask(LeaseKeepAlive(self.id), until)).reply
        if renewed.ttl == 0:
            self.lost = True
        else:
            self._certain_until = max(self._certain_until, asked + renewed.ttl)

    def abandon(self) -> None:
        """Stop keeping it alive, and end it beside the caller; if that fails, it runs out."""
        self.lost = True
        self._keeper.cancel()
        self._transport.spawn(self._revoke())

    async def _keep(self) -> None:
        while not self.lost:
            await self._transport.sleep(self._ttl / RENEWALS_PER_TTL)
            try:
                await self.renew(self._transport.now() + self._ttl)
            except Failed:
                # It may live on, as a new leader lets every lease begin anew: go on until a node
                # says that it has ended.
                continue

    async def _revoke(self) -> None:
        try:
            await self._nodes.ask(LeaseRevoke(self.id), self._transport.now() + self._ttl)
        except Failed:
            return


async def begin_lease(transport: Transport, nodes: AnyNode, ttl: int, until: float) -> KeptLease:
    """Return a new lease that is being kept alive.

    A lease that was granted in an answer that never came holds no key and runs out, so asking again
    is harmless.

    Args:
        transport: the client's way to the nodes.
        nodes: whom to ask.
        ttl: the time to live to ask for, in seconds.
        until: when to stop trying.

    Raises:
        NotSent, NoAnswer, ServerRefused: there is none.
    """
    asked = transport.now()
    answer = await nodes.ask(LeaseGrant(ttl), until)
    return KeptLease(transport, answer.reply, asked)
