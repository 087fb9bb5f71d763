"""One etcd node: where it listens, and how its program is started."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from holdfast.histories.live.process import ServerProcess

HEARTBEAT_MS = 25
ELECTION_MS = 250
"""A lease lives for 1.5 election timeouts at least: up to 660 ms, one second is granted as one."""

DATA = "data"


def client_address(node: str) -> str:
    """Return the unix socket of ``node`` for clients, relative to the node's directory.

    To etcd a unix address is a host and a port, so there must be a colon and a number.
    """
    return f"c-{node}:1"


def peer_address(node: str) -> str:
    """Return the unix socket of ``node`` for the other nodes, relative to any node's directory."""
    return f"{node}:1"


def peer_url(node: str) -> str:
    """Return the URL by which all nodes know ``node``."""
    return f"unix://{peer_address(node)}"


def node_process(
    node: str,
    program: Path,
    directory: Path,
    *,
    names: Sequence[str],
    cluster: Literal["new", "existing"],
    durable: bool,
) -> ServerProcess:
    """Return the process of an etcd node, not yet started.

    Args:
        node: its name.
        program: the etcd to run.
        directory: its working directory.
        names: the names of all nodes.
        cluster: whether the node founds the cluster together with the others, or joins it.
        durable: whether it waits for the disk.
    """
    clients = f"unix://{client_address(node)}"
    arguments = {
        "name": node,
        "data-dir": DATA,
        "listen-client-urls": clients,
        "advertise-client-urls": clients,
        "listen-peer-urls": peer_url(node),
        "initial-advertise-peer-urls": peer_url(node),
        "initial-cluster": ",".join(f"{name}={peer_url(name)}" for name in names),
        "initial-cluster-state": cluster,
        "heartbeat-interval": HEARTBEAT_MS,
        "election-timeout": ELECTION_MS,
        # It would have the cluster wait for five seconds of calm before a member is replaced.
        "strict-reconfig-check": "false",
        "unsafe-no-fsync": "false" if durable else "true",
        "log-level": "warn",
    }
    flags = [f"--{flag}={value}" for flag, value in arguments.items()]
    return ServerProcess(node, [program, *flags], directory)
