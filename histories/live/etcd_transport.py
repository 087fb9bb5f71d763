"""One client's way to etcd nodes behind unix sockets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from holdfast.histories.live.blocking import Blocking
from holdfast.histories.live.etcd_calls import connect, errors_of, perform
from holdfast.histories.locks.etcd_nodes import Failed
from holdfast.histories.locks.etcd_requests import EtcdReply, EtcdRequest


class EtcdTransport(Blocking):
    """Implements ``Transport`` for the requests of ``locks.etcd_requests``.

    It may be used from several threads at once, and goes on after its process was stopped and
    continued. It can only be imported in a process that has the environment that
    ``EtcdSystem.environment`` names.

    Args:
        sockets: each node's name and the unix socket on which it serves clients.
        seed: makes the client's chance reproducible.
    """

    def __init__(self, sockets: Mapping[str, Path], seed: str) -> None:
        super().__init__(seed)
        self.nodes: Sequence[str] = tuple(sockets)
        self._clients = {node: connect(socket) for node, socket in sockets.items()}

    async def call(self, node: str, request: EtcdRequest, timeout: float) -> EtcdReply:
        """Send ``request`` to ``node`` and return its reply."""
        self.check_cancelled()
        with errors_of(node):
            return perform(request, self._clients[node], timeout)

    async def call_all(
        self, nodes: Sequence[str], request: EtcdRequest, timeout: float
    ) -> list[Any | Exception]:
        """Send ``request`` to all ``nodes`` at once."""
        self.check_cancelled()

        def outcome(node: str) -> Any | Exception:
            try:
                with errors_of(node):
                    return perform(request, self._clients[node], timeout)
            except Failed as error:
                return error

        with ThreadPoolExecutor(max_workers=len(nodes)) as pool:
            return list(pool.map(outcome, nodes))
