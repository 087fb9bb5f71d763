"""What a fault may do to the world it strikes: the same for live servers and for a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class CannotStrike(Exception):
    """This world lacks the power that a fault needs; the message says which and what would give it."""


class World(Protocol):
    """Nodes, clients and the links between them.

    Nodes are named ``n1``, ``n2``, … and clients ``c1``, ``c2``, …

    Attributes:
        nodes: the names of the nodes.
        clients: the names of the clients.
    """

    nodes: Sequence[str]
    clients: Sequence[str]

    def resolve(self, target: str) -> tuple[str, ...]:
        """Return the nodes and clients that ``target`` means now.

        A target is a name or a role: ``nodes``, ``clients``, ``holder`` (the client that holds the lock
        by what was recorded so far), ``leader`` (of an etcd cluster), ``paused``, ``killed``.

        Raises:
            CannotStrike: nothing of that name is here, or nobody has the role.
        """
        ...

    def set_clock(self, node: str, *, offset: float, rate: float) -> None:
        """Set the wall clock of ``node`` to real time plus ``offset`` seconds, from now on ``rate`` times as fast."""
        ...

    def clock(self, node: str) -> tuple[float, float]:
        """Return by how many seconds the wall clock of ``node`` is ahead of real time now, and its rate."""
        ...

    def pause(self, target: str) -> None:
        """Stop every thread of a node or client, at once and wherever it is."""
        ...

    def resume(self, target: str) -> None:
        """Let a paused node or client go on."""
        ...

    def kill(self, node: str) -> None:
        """End a node without warning."""
        ...

    def restart(self, node: str, *, keep_data: bool) -> None:
        """Start a killed node again, with the data it had made durable or with none."""
        ...

    def cut(self, source: str, destination: str) -> None:
        """Let nothing that ``source`` sends reach ``destination``; the other direction is untouched."""
        ...

    def heal(self, source: str, destination: str) -> None:
        """Let what ``source`` sends reach ``destination`` again."""
        ...
