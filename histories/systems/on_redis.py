"""What locks on Redis servers have in common, whichever servers they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from holdfast.histories.locks.transport import Transport


@frozen
class OnRedis:
    """A lock by random token that gives no fencing token, reached through the client ``redis``."""

    @property
    def fenced(self) -> bool:
        """The lock gives no fencing token."""
        return False

    @property
    def lock_model(self) -> str:
        """A mutex whose holder is an acquire attempt."""
        return "owned-mutex"

    @property
    def programs(self) -> Sequence[str]:
        """What its nodes run."""
        return ("redis-server",)

    @property
    def environment(self) -> Mapping[str, str]:
        """A worker needs nothing special."""
        return {}

    def connect(self, sockets: Mapping[str, Path], seed: str) -> Transport:
        """Return one client's transport to the nodes behind ``sockets``."""
        from holdfast.histories.live.redis_transport import RedisTransport

        return RedisTransport(sockets, seed)
