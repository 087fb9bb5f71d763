"""The world of a live run, as faults see it: server nodes, client processes, links."""

from __future__ import annotations

import time
from collections.abc import Mapping

from holdfast.histories.faults.roles import Roles
from holdfast.histories.faults.world import CannotStrike, CutMode
from holdfast.histories.live.holders import Holders
from holdfast.histories.live.network import Network
from holdfast.histories.live.process import ServerProcess
from holdfast.histories.systems.system import Cluster

HOLDER_PATIENCE_S = 5.0


class LiveWorld:
    """Implements ``holdfast.histories.faults.World`` on real processes.

    Args:
        cluster: the server nodes.
        workers: the client processes, by client name.
        network: the links, or ``None`` when they cannot be cut.
        holders: who holds the lock now.
    """

    def __init__(
        self,
        cluster: Cluster,
        workers: Mapping[str, ServerProcess],
        network: Network | None,
        holders: Holders,
    ) -> None:
        self._roles = Roles(cluster.nodes, workers, leader=cluster.leader, holder=self._holder)
        self.nodes, self.clients = self._roles.nodes, self._roles.clients
        self._cluster = cluster
        self._workers = workers
        self._network = network
        self._holders = holders
        self._acted_ns: int | None = None

    def resolve(self, target: str) -> tuple[str, ...]:
        """Return the nodes and clients that ``target`` means now."""
        return self._roles.resolve(target)

    def set_clock(self, node: str, *, offset: float, rate: float) -> None:
        """Set the wall clock of ``node``."""
        self._act()
        self._cluster.set_clock(node, offset=offset, rate=rate)

    def clock(self, node: str) -> tuple[float, float]:
        """Return the lead of the wall clock of ``node`` over real time, and its rate."""
        return self._cluster.clock(node)

    def pause(self, target: str) -> None:
        """Stop every thread of a node or client."""
        self._act()
        if target in self._workers:
            self._workers[target].pause()
        else:
            self._cluster.pause(target)
        self._roles.paused[target] = None

    def resume(self, target: str) -> None:
        """Let a paused node or client go on."""
        self._act()
        if target in self._workers:
            self._workers[target].resume()
        else:
            self._cluster.resume(target)
        self._roles.paused.pop(target, None)

    def kill(self, node: str) -> None:
        """End a node without warning."""
        self._act()
        self._roles.only_nodes(node)
        self._cluster.kill(node)
        self._roles.paused.pop(node, None)
        self._roles.killed[node] = None

    def restart(self, node: str, *, keep_data: bool) -> None:
        """Start a killed node again."""
        self._act()
        self._roles.only_nodes(node)
        self._cluster.restart(node, keep_data=keep_data)
        self._roles.killed.pop(node, None)

    def promote(self, node: str) -> None:
        """Make a replica the master."""
        self._act()
        self._roles.only_nodes(node)
        self._cluster.promote(node)

    def directions(self) -> tuple[tuple[str, str], ...]:
        """Return the (source, destination) pairs in which bytes flow that a cut could stop."""
        return self._links().directions()

    def cut(self, source: str, destination: str, *, mode: CutMode = "hold") -> None:
        """Let nothing that ``source`` sends reach ``destination``."""
        self._act()
        self._links().cut(source, destination, mode=mode)

    def heal(self, source: str, destination: str) -> None:
        """Let what ``source`` sends reach ``destination`` again."""
        self._act()
        self._links().heal(source, destination)

    def cuts(self) -> tuple[tuple[str, str], ...]:
        """Return the directed pairs that are cut now."""
        return () if self._network is None else self._network.cuts()

    def watch(self) -> None:
        """Forget when anything was done last."""
        self._acted_ns = None

    def acting_ns(self) -> int:
        """Return for how many nanoseconds something has been done since ``watch``."""
        return 0 if self._acted_ns is None else time.monotonic_ns() - self._acted_ns

    def _act(self) -> None:
        if self._acted_ns is None:
            self._acted_ns = time.monotonic_ns()

    def _holder(self) -> str:
        holder = self._holders.at_work(HOLDER_PATIENCE_S)
        if holder is None:
            raise CannotStrike(
                f"nobody was at work under the lock for {HOLDER_PATIENCE_S:g} s; "
                "let the clients hold it longer (--hold)"
            )
        return holder

    def _links(self) -> Network:
        if self._network is None:
            raise CannotStrike("the links of this run cannot be cut: it was started without them")
        return self._network
