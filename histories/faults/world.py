"""What a fault may do to the world it strikes: the same for live servers and for a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

CutMode = Literal["hold", "reset"]
"""What a cut does to bytes under way: keep them until it is healed, or lose them."""


class CannotStrike(Exception):
    """This world lacks what a fault needs; the message says what, and what would give it."""


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

        A target is a name or a role: ``nodes``, ``clients``, ``holder`` (the client that holds the
        lock by what was recorded so far), ``leader`` (of an etcd cluster), ``paused``, ``killed``.

        Raises:
            CannotStrike: nothing of that name is here, or nobody has the role.
        """
        ...

    def set_clock(self, node: str, *, offset: float, rate: float) -> None:
        """Set the wall clock of ``node``.

        Args:
            node: whose clock.
            offset: by how many seconds it is ahead of real time from now on.
            rate: how many of its seconds pass in a real one from now on.
        """
        ...

    def clock(self, node: str) -> tuple[float, float]:
        """Return how far the wall clock of ``node`` is ahead now, in seconds, and its rate."""
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

    def promote(self, node: str) -> None:
        """Make a replica the master.

        Raises:
            CannotStrike: it is no replica, or this world cannot promote it.
        """
        ...

    def directions(self) -> Sequence[tuple[str, str]]:
        """Return the (source, destination) pairs in which bytes flow that a cut could stop."""
        ...

    def cuts(self) -> Sequence[tuple[str, str]]:
        """Return the (source, destination) pairs that are cut now."""
        ...

    def cut(self, source: str, destination: str, *, mode: CutMode = "hold") -> None:
        """Let nothing that ``source`` sends reach ``destination``; the other way is untouched."""
        ...

    def heal(self, source: str, destination: str) -> None:
        """Let what ``source`` sends reach ``destination`` again."""
        ...
