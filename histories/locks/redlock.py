"""Redlock, after Redis's page on distributed locks.

https://redis.io/docs/latest/develop/use/patterns/distributed-locks/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from holdfast.histories.locks.lock import Grant
from holdfast.histories.locks.transport import Transport
from holdfast.histories.outcome import NoAnswer, NotAcquired, NotHeld

COMPARE_AND_DELETE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
"""

DRIFT_SHARE = 0.01
"""By what share of the TTL the nodes' clocks may run apart while a grant is valid."""

DRIFT_SECONDS = 0.002
"""Added to that: Redis ends keys to the millisecond, and small TTLs need an allowance too."""

LONGEST_NODE_TIMEOUT = 0.05
LONGEST_RETRY_DELAY = 0.2


class Redlock:
    """One client's end of a Redlock: the lock is held by whom a majority of nodes name.

    Args:
        transport: how the nodes are reached.
        name: the lock's key on every node.
        ttl: after how many seconds a node forgets a grant, by its own clock; to the millisecond.
        node_timeout: how long to wait for the nodes in one round, in seconds; by default a tenth of
            the TTL and 50 ms at most, since a node that is down must not use up the validity that
            the others would give.

    Raises:
        ValueError: ``ttl`` is under a millisecond.
    """

    def __init__(
        self, transport: Transport, name: str, ttl: float, node_timeout: float | None = None
    ) -> None:
        self._ttl_ms = round(ttl * 1000)
        if self._ttl_ms < 1:
            raise ValueError(f"the time to live is {ttl} s; Redis keeps keys for 1 ms or more")
        self._transport = transport
        self._name = name
        self._ttl = self._ttl_ms / 1000
        self._quorum = len(transport.nodes) // 2 + 1
        self._node_timeout = node_timeout or min(self._ttl / 10, LONGEST_NODE_TIMEOUT)
        self._retry_delay = min(self._ttl / 4, LONGEST_RETRY_DELAY)

    async def acquire(self, token: str, patience: float) -> Grant:
        """Take the lock under ``token``, trying at least once and for up to ``patience`` seconds.

        Raises:
            NotAcquired: no attempt was granted, and none can stand on a majority any more: it was
                undone, or too few nodes may have it.
            NoAnswer: the same, but of one attempt the client does not know it. Nodes that did not
                answer may have granted it, or may do so yet, and with those that it could not undo
                they are a majority.
        """
        deadline = self._transport.now() + patience
        doubt = None
        number = 0
        while True:
            # Every attempt has a value of its own, as the page demands: an undo that was delayed in
            # the network must not delete what a later attempt of the same call has been granted.
            number += 1
            attempt = await self._attempt(f"{token}/{number}")
            if attempt.valid_until is not None:
                return Grant(token, valid_until=attempt.valid_until, handle=attempt.value)
            if attempt.possible >= self._quorum:
                doubt = attempt.words
            delay = self._transport.random.uniform(self._retry_delay / 4, self._retry_delay)
            if self._transport.now() + delay > deadline:
                break
            await self._transport.sleep(delay)
        if doubt is not None:
            raise NoAnswer(f"may have been granted: {doubt}")
        raise NotAcquired(attempt.words)

    async def release(self, grant: Grant) -> None:
        """Delete the grant's value on every node that still has it.

        Raises:
            NotHeld: so many nodes answered that they do not have it that it was not on a majority.
            NoAnswer: neither a majority of deletions nor that is known.
        """
        replies = await self._delete(grant.handle)
        deleted, other = replies.count(1), replies.count(0)
        if deleted >= self._quorum:
            return
        if len(replies) - other < self._quorum:
            raise NotHeld(f"{other} of {len(replies)} nodes do not name the token")
        raise NoAnswer(
            f"released on {deleted} of {len(replies)} nodes, {other} do not name the token"
        )

    async def _attempt(self, value: str) -> _Attempt:
        nodes = self._transport.nodes
        began = self._transport.now()
        request = ("SET", self._name, value, "NX", "PX", self._ttl_ms)
        replies = await self._transport.call_all(nodes, request, self._node_timeout)
        granted = sum(reply == "OK" for reply in replies)
        # Counted from before the first request, for a node may count from then.
        valid_until = began + self._ttl - drift_allowance(self._ttl)
        late = self._transport.now() >= valid_until
        if granted >= self._quorum and not late:
            return _Attempt(value, valid_until, possible=granted, words="")
        undone = await self._delete(value)
        return _Attempt(
            value,
            None,
            possible=sum(map(_may_be_there, replies, undone)),
            words=_words(replies, granted, late=late),
        )

    async def _delete(self, value: str) -> list[Any | Exception]:
        request = ("EVAL", COMPARE_AND_DELETE, 1, self._name, value)
        return await self._transport.call_all(self._transport.nodes, request, self._node_timeout)


@frozen
class _Attempt:
    """What became of one round of requests.

    Args:
        value: what it tried to set.
        valid_until: until when it is granted, or ``None`` if it is not.
        possible: on how many nodes the value may stand, now or later.
        words: why it was not granted.
    """

    value: str
    valid_until: float | None
    possible: int
    words: str


def drift_allowance(ttl: float) -> float:
    """Return by how many seconds a grant is relied on for less than its ``ttl``, in seconds."""
    return ttl * DRIFT_SHARE + DRIFT_SECONDS


def _may_be_there(reply: Any | Exception, undone: Any | Exception) -> bool:
    """Return whether a node may have the value, by its replies to setting and to deleting it."""
    if isinstance(reply, NoAnswer):
        # Only a deletion that found it shows that it is gone. One that found nothing may have come
        # before it: the node may set it yet, when it or the network goes on.
        return undone != 1
    return reply == "OK" and undone not in (0, 1)


def _words(replies: Sequence[Any | Exception], granted: int, *, late: bool) -> str:
    silent = sum(isinstance(reply, NoAnswer) for reply in replies)
    down = sum(isinstance(reply, Exception) for reply in replies) - silent
    parts = [f"granted by {granted} of {len(replies)} nodes"]
    parts += [f"{silent} did not answer"] if silent else []
    parts += [f"{down} could not be asked"] if down else []
    parts += ["too late to rely on"] if late else []
    return ", ".join(parts)
