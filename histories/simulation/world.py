"""The world of a simulated run, as faults see it."""

from __future__ import annotations

from collections.abc import Mapping

from holdfast.histories.faults.roles import Roles
from holdfast.histories.faults.world import CutMode
from holdfast.histories.live.world import HOLDER_PATIENCE_S
from holdfast.histories.simulation.client_process import ClientProcess
from holdfast.histories.simulation.cluster import SimulatedCluster
from holdfast.histories.simulation.holders import Holders
from holdfast.histories.simulation.network import Network
from holdfast.histories.simulation.server import NotYet
from holdfast.histories.simulation.virtual_time import VirtualTime, nanoseconds

START_NS = 100_000_000
"""How long a node takes to start, about as long as real ones on a busy machine."""

PATIENCE_NS = nanoseconds(HOLDER_PATIENCE_S)


class SimulatedWorld:
    """Implements ``holdfast.histories.faults.World`` in a simulation.

    Args:
        cluster: the nodes.
        clients: the clients, by name.
        network: what lies between them.
        holders: who holds the lock now.
        time: when it is.

    Attributes:
        busy_until: when what the last fault did will be in force, in nanoseconds.
    """

    def __init__(
        self,
        cluster: SimulatedCluster,
        clients: Mapping[str, ClientProcess],
        network: Network,
        holders: Holders,
        time: VirtualTime,
    ) -> None:
        self.busy_until = 0
        self._time = time
        self._roles = Roles(cluster.servers, clients, leader=cluster.leader, holder=self._holder)
        self.nodes, self.clients = self._roles.nodes, self._roles.clients
        self._cluster = cluster
        self._clients = clients
        self._network = network
        self._holders = holders

    def resolve(self, target: str) -> tuple[str, ...]:
        """Return the nodes and clients that ``target`` means now.

        Raises:
            NotYet: it means the holder, and nobody is in the middle of its work; or the leader,
                and none is elected.
            CannotStrike: nothing of that name is here.
        """
        return self._roles.resolve(target)

    def set_clock(self, node: str, *, offset: float, rate: float) -> None:
        """Set the clock of ``node``."""
        self._cluster.servers[node].set_clock(offset=offset, rate=rate)
        self._cluster.changed()

    def clock(self, node: str) -> tuple[float, float]:
        """Return the lead of the clock of ``node`` over real time, and its rate."""
        return self._cluster.servers[node].clock.read()

    def pause(self, target: str) -> None:
        """Stop every thread of a node or client."""
        if target in self._clients:
            self._clients[target].pause()
        else:
            self._cluster.servers[target].pause()
            self._cluster.changed()
        self._roles.paused[target] = None

    def resume(self, target: str) -> None:
        """Let a paused node or client go on."""
        if target in self._clients:
            self._clients[target].resume()
        else:
            self._cluster.servers[target].resume()
            self._cluster.changed()
        self._roles.paused.pop(target, None)

    def kill(self, node: str) -> None:
        """End a node without warning."""
        self._roles.only_nodes(node)
        self._cluster.servers[node].kill()
        self._cluster.changed()
        self._roles.paused.pop(node, None)
        self._roles.killed[node] = None

    def restart(self, node: str, *, keep_data: bool) -> None:
        """Start a killed node again."""
        self._roles.only_nodes(node)
        self._cluster.servers[node].recover(keep_data=keep_data)
        # As live, one after the other, and the next fault waits.
        self.busy_until = max(self._time.now, self.busy_until) + START_NS
        self._time.at(self.busy_until, self._up, node)
        self._roles.killed.pop(node, None)

    def _up(self, node: str) -> None:
        self._cluster.servers[node].start()
        self._cluster.changed()

    def promote(self, node: str) -> None:
        """Make a replica the master."""
        self._roles.only_nodes(node)
        self._cluster.promote(node)

    def directions(self) -> tuple[tuple[str, str], ...]:
        """Return the (source, destination) pairs in which anything is sent that a cut could stop."""
        between = [(client, node) for client in self.clients for node in self.nodes]
        return (
            *self._cluster.links(),
            *(way for client, node in between for way in ((client, node), (node, client))),
        )

    def cuts(self) -> tuple[tuple[str, str], ...]:
        """Return the directed pairs that are cut now."""
        return self._network.cuts()

    def cut(self, source: str, destination: str, *, mode: CutMode = "hold") -> None:
        """Let nothing that ``source`` sends reach ``destination``."""
        self._network.cut(source, destination, mode)
        self._cluster.changed()

    def heal(self, source: str, destination: str) -> None:
        """Let what ``source`` sends reach ``destination`` again."""
        self._network.heal(source, destination)
        self._cluster.changed()

    def _holder(self) -> str:
        holder = self._holders.at_work()
        if holder is None:
            raise NotYet(
                f"nobody was at work under the lock for {HOLDER_PATIENCE_S:g} s", PATIENCE_NS
            )
        return holder
