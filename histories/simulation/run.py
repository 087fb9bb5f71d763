"""A simulated run from the first event to the last."""

from __future__ import annotations

import random
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec
from attrs import frozen

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.header import HEADER, SIMULATED, Header
from holdfast.histories.live.conductor import FINISH_S
from holdfast.histories.resource import Resource
from holdfast.histories.simulation.client_process import ClientProcess
from holdfast.histories.simulation.cluster import IndependentRedis, SimulatedCluster, Stage
from holdfast.histories.simulation.conductor import Conductor
from holdfast.histories.simulation.holders import Holders
from holdfast.histories.simulation.network import Conditions, Network
from holdfast.histories.simulation.recording import Journal, Recording
from holdfast.histories.simulation.server import NotYet
from holdfast.histories.simulation.transport import SimulatedTransport
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.simulation.virtual_time import VirtualTime, nanoseconds
from holdfast.histories.simulation.world import SimulatedWorld
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.systems.system import System
from holdfast.histories.workload import (
    LOCK,
    NAME,
    RESOURCE,
    RESOURCE_MODEL,
    LockClient,
    client_name,
)

STORAGE = "storage"


class CannotSimulate(Exception):
    """The system says nothing of how it is simulated."""


def simulate(trial: Trial) -> Recording:
    """Run ``trial`` in virtual time and return what was recorded.

    The same trial gives the same recording, byte for byte, on any machine.

    Raises:
        CannotSimulate: its system has no simulation.
        UnknownName: there is no such system.
        Exception: the lock under test raised it, though it tells of no outcome.
    """
    return _Run(trial).run()


@frozen
class Layout:
    """What there is to strike in a simulated system.

    Args:
        nodes: its nodes.
        roles: the roles that its nodes take in turn, such as ``leader``.
        linked: whether its nodes talk to each other.
        replicas: the nodes that may be promoted.
    """

    nodes: tuple[str, ...]
    roles: tuple[str, ...]
    linked: bool
    replicas: tuple[str, ...]


@cache
def layout_of(system: str) -> Layout:
    """Return what there is to strike in ``system``.

    Raises:
        CannotSimulate: it has no simulation.
        UnknownName: there is no such system.
    """
    cluster = _Run(Trial(system)).cluster
    try:
        cluster.leader()
        roles: tuple[str, ...] = ("leader",)
    except (CannotStrike, NotYet):
        roles = ()
    return Layout(tuple(cluster.servers), roles, bool(cluster.links()), tuple(cluster.replicas))


class _Run:
    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._time = VirtualTime()
        self._holders = Holders(self._time, trial.workload.clients)
        self._journal = Journal(self._time, self._holders)
        chance = random.Random(f"{trial.seed}/network")
        self._network = Network(self._time, trial.network, chance)
        self._system: System = SYSTEMS[trial.system]()
        self.cluster = self._simulated(
            Stage(self._time, self._network, chance, durable=trial.durable)
        )
        # As live, what the lock protects is reached over a line of its own that no fault touches.
        self._aside = Network(self._time, Conditions(), chance)
        IndependentRedis(Stage(self._time, self._aside, chance), (STORAGE,))
        names = [client_name(number) for number in range(trial.workload.clients)]
        self._clients = {name: ClientProcess(name, self._time) for name in names}
        self._parts_left = len(names) + 1

    def run(self) -> Recording:
        trial = self._trial
        self._journal.note(HEADER, header(trial, self._system).to_data())
        conductor = self._conductor()
        conductor.start()
        for number, client in enumerate(self._clients.values()):
            client.start(self._work(number, client))
        end = nanoseconds(trial.workload.seconds + trial.workload.patience + FINISH_S)
        try:
            self._time.run(end)
        finally:
            for client in self._clients.values():
                client.close()
        return Recording(tuple(self._journal.events), tuple(conductor.not_struck))

    def _simulated(self, stage: Stage) -> SimulatedCluster:
        build = getattr(self._system, "simulated", None)
        if build is None:
            raise CannotSimulate(
                f"the system {self._trial.system!r} has no simulation: give it a method "
                "simulated(stage), as holdfast.histories.simulation.cluster describes"
            )
        cluster: SimulatedCluster = build(stage)
        return cluster

    def _conductor(self) -> Conductor:
        return Conductor(
            self._time,
            self._trial.schedule,
            self._trial.workload.seconds,
            world=SimulatedWorld(
                self.cluster, self._clients, self._network, self._holders, self._time
            ),
            holders=self._holders,
            journal=self._journal,
            done=self._part_done,
        )

    async def _work(self, number: int, client: ClientProcess) -> None:
        workload = self._trial.workload
        chance = random.Random(f"{self._trial.seed}/{number}")
        nodes = tuple(self.cluster.servers)
        transport = SimulatedTransport(client, nodes, self._network, chance)
        aside = SimulatedTransport(client, (STORAGE,), self._aside, chance)
        worker = LockClient(
            number,
            workload,
            transport=transport,
            lock=self._system.lock(transport, NAME, workload.ttl),
            resource=Resource(aside, STORAGE),
            journal=self._journal,
            strict=True,
        )
        await worker.work()
        self._part_done()

    def _part_done(self) -> None:
        """Take note that a client or the schedule is done, and end the run with the last."""
        self._parts_left -= 1
        self._time.over = not self._parts_left


def header(trial: Trial, system: System) -> Header:
    """Return the header of a simulated recording."""
    return Header(
        system=trial.system,
        clients=trial.workload.clients,
        seed=trial.seed,
        models={LOCK: system.lock_model, RESOURCE: RESOURCE_MODEL},
        workload=msgspec.to_builtins(trial.workload),
        schedule=trial.schedule.to_data(),
        programs=dict.fromkeys(sorted({*system.programs, "redis-server"}), SIMULATED),
        network=msgspec.to_builtins(trial.network),
        durable=trial.durable,
        version=_version(),
    )


@cache
def _version() -> Any:
    return version("holdfast")
