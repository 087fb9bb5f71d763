"""A cluster of real etcd nodes on unix sockets."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.live.etcd_api import EtcdApi, EtcdApiError, NodeStatus, listens
from holdfast.histories.live.etcd_node import (
    DATA,
    client_address,
    node_process,
    peer_address,
    peer_url,
)
from holdfast.histories.live.process import ServerProcess
from holdfast.histories.live.programs import find_program
from holdfast.histories.live.vdso_clock import NS_PER_S, set_lead
from holdfast.histories.systems.system import Link, Settings

STAGGER_S = 0.05
"""Between the starts of two nodes: nodes that all start at once vote for themselves, and again."""

READY_S = 20.0
SERVES_S = 1.5
ELECTION_S = 3.0
READMISSION_S = 10.0
ANSWER_S = 0.5
PAUSE_S = 0.02
LONGEST_SOCKET_BYTES = 107

CLOCK_TRIES = 5
"""How often to look again when a thread is reading the clock that is to be set."""


class EtcdCluster:
    """Implements ``Cluster`` with etcd nodes that elect a leader among them.

    Each node works in a directory of its own and reaches the others at paths relative to it, so
    that the one address that a node tells all others leads each of them to an entrance of its own.
    Where the links are not to be cut, the entrances are symbolic links to the nodes' sockets.

    A node's data outlives a kill in any case; ``durable`` nodes wait for the disk as well.

    Args:
        settings: how it is to be started.
        names: the nodes' names.
    """

    def __init__(self, settings: Settings, names: Sequence[str] = ("n1", "n2", "n3")) -> None:
        self.nodes: Sequence[str] = tuple(names)
        self._settings = settings
        self._processes: dict[str, ServerProcess] = {}
        self._paused: set[str] = set()
        self._leads_ns: dict[str, int] = {}
        for node in self.nodes:
            if len(os.fsencode(self.socket(node))) > LONGEST_SOCKET_BYTES:
                raise ValueError(
                    f"{self.socket(node)} is too long for a unix socket; "
                    f"at most {LONGEST_SOCKET_BYTES} bytes: choose a directory with a shorter path"
                )

    def start(self) -> None:
        """Start every node and return once they have a leader and a write succeeds.

        Raises:
            ServerMissing: no etcd was found.
            RuntimeError: a node did not come up; the message ends with its log's last lines.
        """
        self._make_directories()
        if not self._settings.linked:
            for link in self._ways():
                link.entrance.symlink_to(link.exit)
        for node in self.nodes:
            self._processes[node] = self._process(node, "new")
        for process in self._processes.values():
            process.start()
            time.sleep(STAGGER_S)
        for node, process in self._processes.items():
            process.wait_ready(lambda node=node: self._serves(node), READY_S)  # type: ignore[misc]

    def stop(self) -> None:
        """End every node with SIGKILL, since etcd takes seconds to end otherwise."""
        for process in self._processes.values():
            process.kill()

    def socket(self, node: str) -> Path:
        """Return the unix socket on which ``node`` serves clients."""
        return self._directory(node) / client_address(node)

    def links(self) -> Sequence[Link]:
        """Return the ways between nodes, if they can be cut; the entrances are for others to make.

        What raft has to tell from A to B flows on connections of either: direction is a matter of
        bytes, not of who dialled.
        """
        if not self._settings.linked:
            return ()
        self._make_directories()
        return tuple(self._ways())

    def leader(self) -> str:
        """Return the running node that leads; while there is none, wait for an election.

        Raises:
            CannotStrike: none was elected in time.
        """
        deadline = time.monotonic() + ELECTION_S
        while True:
            statuses = {node: self._status(node) for node in self._running()}
            # A leader that was cut off takes itself for one until it hears of a newer term.
            leaders = {
                status.term: node
                for node, status in statuses.items()
                if status is not None and status.leader == status.member
            }
            if leaders:
                return leaders[max(leaders)]
            if time.monotonic() > deadline:
                raise CannotStrike(
                    f"no etcd node leads, after {ELECTION_S:g} s of asking: "
                    "a leader needs a majority of nodes that run and reach each other"
                )
            time.sleep(PAUSE_S)

    def promote(self, node: str) -> None:
        """Raise ``CannotStrike``: the nodes elect their leader themselves."""
        raise CannotStrike(f"{node} has no master to replace: etcd elects its leader itself")

    def pause(self, node: str) -> None:
        """Stop every thread of ``node``."""
        self._processes[node].pause()
        self._paused.add(node)

    def resume(self, node: str) -> None:
        """Let ``node`` go on."""
        self._processes[node].resume()
        self._paused.discard(node)

    def kill(self, node: str) -> None:
        """End ``node`` with SIGKILL."""
        self._processes[node].kill()
        self._paused.discard(node)

    def restart(self, node: str, *, keep_data: bool) -> None:
        """Start the killed ``node`` again and return once it serves clients.

        Without data it comes back as a new member, which the others must agree on: a member that
        has forgotten its votes could undo what was agreed, and etcd does not run as one.

        A node that reaches no majority cannot serve; it is then left to wait for the others.

        Raises:
            CannotStrike: the other nodes did not agree to replace the member.
            RuntimeError: the node runs, or did not come up; then the message ends with its log's
                last lines.
        """
        if self._processes[node].alive:
            raise RuntimeError(f"{node} is running; kill it before it is restarted")
        if not keep_data:
            self._replace_member(node)
            shutil.rmtree(self._directory(node) / DATA, ignore_errors=True)
            self._processes[node] = self._process(node, "existing")
        process = self._processes[node]
        process.start()
        process.wait_ready(lambda: listens(self._directory(node) / peer_address(node)), READY_S)
        self._keep_ahead(node)
        deadline = time.monotonic() + SERVES_S
        process.wait_ready(lambda: self._serves(node) or time.monotonic() > deadline, READY_S)

    def clock(self, node: str) -> tuple[float, float]:
        """Return how far the clocks of ``node`` are ahead, in seconds, and their rate, which is 1."""
        return (self._leads_ns.get(node, 0) / NS_PER_S, 1.0)

    def set_clock(self, node: str, *, offset: float, rate: float) -> None:
        """Put the clocks of ``node`` ahead: the monotonic one too, by which leases end.

        Raises:
            CannotStrike: the machine does not allow it, the clocks would be set back, which a
                monotonic clock never is, or they would drift.
        """
        lead = round(offset * NS_PER_S)
        if rate != 1:
            raise CannotStrike(
                "the clocks of live etcd nodes can leap, but not drift: use clock-jump"
            )
        if lead < self._leads_ns.get(node, 0):
            raise CannotStrike("etcd ends leases by a monotonic clock, which is never set back")
        if not self._processes[node].alive:
            raise CannotStrike(f"{node} is not running; restart it first")
        self._put_ahead(node, lead)
        self._leads_ns[node] = lead

    def _keep_ahead(self, node: str) -> None:
        """Let a node that was started again have its clocks as they would have been."""
        lead = self._leads_ns.get(node, 0)
        if lead:
            self._put_ahead(node, lead)

    def _put_ahead(self, node: str, lead_ns: int) -> None:
        process = self._processes[node]
        paused = node in self._paused
        for last in (*[False] * CLOCK_TRIES, True):
            if not paused:
                process.pause()
            try:
                set_lead(process.pid, lead_ns)
                return
            except CannotStrike:
                # A thread may have been reading the clock.
                if last or paused:
                    raise
            finally:
                if not paused:
                    process.resume()

    def _make_directories(self) -> None:
        for node in self.nodes:
            self._directory(node).mkdir(exist_ok=True)

    def _directory(self, node: str) -> Path:
        return self._settings.directory / node

    def _ways(self) -> Iterator[Link]:
        for source in self.nodes:
            for destination in self.nodes:
                if source != destination:
                    address = peer_address(destination)
                    yield Link(
                        source=source,
                        destination=destination,
                        entrance=self._directory(source) / address,
                        exit=self._directory(destination) / address,
                    )

    def _process(self, node: str, cluster: Literal["new", "existing"]) -> ServerProcess:
        return node_process(
            node,
            find_program("etcd", self._settings.programs).path,
            self._directory(node),
            names=self.nodes,
            cluster=cluster,
            durable=self._settings.durable,
        )

    def _running(self) -> list[str]:
        """Return the nodes that are neither killed nor paused."""
        return [
            node
            for node, process in self._processes.items()
            if process.alive and node not in self._paused
        ]

    def _api(self, node: str) -> EtcdApi:
        return EtcdApi(self.socket(node), ANSWER_S)

    def _status(self, node: str) -> NodeStatus | None:
        try:
            return self._api(node).status()
        except EtcdApiError:
            return None

    def _serves(self, node: str) -> bool:
        try:
            self._api(node).write()
        except EtcdApiError:
            return False
        return True

    def _replace_member(self, node: str) -> None:
        """Have the others expel ``node`` and admit it anew.

        Any step may have taken effect although no answer came, so each round begins with a look.
        """
        stale: set[int] | None = None
        problem: object = "no other node runs"
        deadline = time.monotonic() + READMISSION_S
        while time.monotonic() < deadline:
            for api in map(self._api, self._running()):
                try:
                    present = {m.id for m in api.members() if m.peer_url == peer_url(node)}
                    stale = present if stale is None else stale
                    for member in present & stale:
                        api.remove_member(member)
                    if not present - stale:
                        api.add_member(peer_url(node))
                    return
                except EtcdApiError as error:
                    problem = error
            time.sleep(PAUSE_S)
        raise CannotStrike(
            f"{node} cannot come back without its data: a majority of the nodes must agree to "
            f"replace it by a new member, and did not within {READMISSION_S:g} s ({problem})"
        )
