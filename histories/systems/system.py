"""What a system under test is: a cluster to start, a way to reach it, and the lock that lives on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from holdfast.histories.locks.lock import Lock
from holdfast.histories.locks.transport import Transport


class ServerMissing(Exception):
    """No server program was found. The message says where it was looked for and how to get one."""


@frozen
class Link:
    """One directed way over which a node or client reaches a node.

    Args:
        source: who dials.
        destination: the node that listens.
        entrance: the unix socket that the source dials.
        exit: the unix socket on which the destination listens.
    """

    source: str
    destination: str
    entrance: Path
    exit: Path


@frozen
class Settings:
    """How a live cluster is to be started.

    Args:
        directory: an empty directory of its own, with a short path (unix sockets allow 107 bytes).
        programs: paths of server programs to use, by program name (``redis-server``, ``etcd``), in place
            of those found on PATH or in wheels.
        linked: whether nodes reach each other through links that can be cut.
        durable: whether nodes keep their data over a kill.
    """

    directory: Path
    programs: Mapping[str, Path] = field(factory=dict)
    linked: bool = False
    durable: bool = False


class Cluster(Protocol):
    """Real servers, started as children of this process and gone when it is gone.

    Attributes:
        nodes: the names of the nodes, ``n1`` and so on.
    """

    nodes: Sequence[str]

    def start(self) -> None:
        """Start every node and return once the cluster answers.

        Raises:
            ServerMissing: no server program was found.
            RuntimeError: a node did not come up; the message ends with its log's last lines.
        """
        ...

    def stop(self) -> None:
        """End every node; safe to call twice, and after a failed start."""
        ...

    def socket(self, node: str) -> Path:
        """Return the unix socket on which ``node`` serves clients."""
        ...

    def links(self) -> Sequence[Link]:
        """Return the ways between nodes; empty where nodes do not talk to each other."""
        ...

    def leader(self) -> str:
        """Return the node that leads now.

        Raises:
            CannotStrike: this kind of cluster has no leader, or it has none now.
        """
        ...

    def promote(self, node: str) -> None:
        """Make ``node``, a replica, the master.

        Raises:
            CannotStrike: this kind of cluster has no replicas, or the node is none.
        """
        ...

    def pause(self, node: str) -> None:
        """Stop every thread of ``node``."""
        ...

    def resume(self, node: str) -> None:
        """Let ``node`` go on."""
        ...

    def kill(self, node: str) -> None:
        """End ``node`` with SIGKILL."""
        ...

    def restart(self, node: str, *, keep_data: bool) -> None:
        """Start the killed ``node`` again and return once it answers."""
        ...

    def clock(self, node: str) -> tuple[float, float]:
        """Return by how many seconds the wall clock of ``node`` is ahead of real time now, and its rate."""
        ...

    def set_clock(self, node: str, *, offset: float, rate: float) -> None:
        """Set the wall clock of ``node``: real time plus ``offset`` seconds, and its rate from now on.

        Raises:
            CannotStrike: the clocks of this kind of node cannot be set here; the message says why.
        """
        ...


class System(Protocol):
    """A distributed lock and the servers that it lives on."""

    @property
    def claim(self) -> str:
        """What the lock promises, in a sentence."""
        ...

    @property
    def fenced(self) -> bool:
        """Whether a grant carries a fencing token."""
        ...

    @property
    def lock_model(self) -> str:
        """The model of the lock itself, as ``holdfast check --model`` takes it."""
        ...

    @property
    def programs(self) -> Sequence[str]:
        """The names of the server programs that its nodes run."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables that a worker process needs before its first import."""
        ...

    def cluster(self, settings: Settings) -> Cluster:
        """Return the cluster, not yet started."""
        ...

    def connect(self, sockets: Mapping[str, Path], seed: str) -> Transport:
        """Return one client's transport to the nodes behind ``sockets`` (node name to unix socket)."""
        ...

    def lock(self, transport: Transport, name: str, ttl: float) -> Lock:
        """Return one client's end of the lock ``name`` with a time to live of ``ttl`` seconds."""
        ...
