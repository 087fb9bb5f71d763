"""A live run: real servers, client processes, faults by schedule, and one recording of it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path

import msgspec
from attrs import evolve, field, frozen

from holdfast.histories.header import HEADER, Header
from holdfast.histories.live import worker as worker_module
from holdfast.histories.live.conductor import Conductor, Ending
from holdfast.histories.live.directory import RunDirectory
from holdfast.histories.live.holders import Holders
from holdfast.histories.live.journal import JournalServer
from holdfast.histories.live.module_process import module_process
from holdfast.histories.live.network import Network
from holdfast.histories.live.process import ServerProcess
from holdfast.histories.live.programs import describe_program
from holdfast.histories.live.worker import Assignment
from holdfast.histories.live.world import LiveWorld
from holdfast.histories.operation import Event
from holdfast.histories.recorder import Recorder
from holdfast.histories.schedule import Schedule
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.systems.system import Cluster, Link, Settings, System
from holdfast.histories.workload import (
    LOCK,
    RESOURCE,
    RESOURCE_MODEL,
    Workload,
    client_name,
)

WORKERS_UP_S = 30.0
"""How long client processes may take to come up."""

STORAGE_PROGRAM = "redis-server"
"""What keeps the resource that the lock protects, whatever the lock lives on."""


@frozen
class Run:
    """What is to be run.

    Args:
        system: the name of the system under test.
        workload: how the clients behave.
        schedule: which faults strike when.
        seed: the seed of the clients' choices.
        programs: paths of server programs to use in place of those found, by program name.
        durable: whether nodes keep their data over a kill.
    """

    system: str
    workload: Workload = field(factory=Workload)
    schedule: Schedule = field(factory=Schedule)
    seed: int = 0
    programs: Mapping[str, Path] = field(factory=dict)
    durable: bool = False

    def with_programs(self, programs: Mapping[str, Path]) -> Run:
        """Return the same run with these server programs."""
        return evolve(self, programs=programs)


def record(
    run: Run,
    path: Path,
    *,
    watch: Callable[[Event], None] | None = None,
    until: Callable[[], bool] | None = None,
) -> Ending:
    """Run ``run`` on real servers and record it in the file at ``path``.

    Ctrl-C ends the run and keeps what was recorded. No process outlives the call, nor this process.

    Args:
        run: what is to be run.
        path: the file to write, ``*.jsonl``.
        watch: called with each event once it is on disk, from the thread that recorded it.
        until: asked every few milliseconds, except while a fault is being struck; the run ends at once
            when it returns true.

    Raises:
        ServerMissing: a server program was not found.
        FileExistsError: there is a file at ``path``.
        RuntimeError: a server or a client process failed; the message ends with its log's last lines.
    """
    system = SYSTEMS[run.system]()
    with ExitStack() as stack:
        directory = stack.enter_context(RunDirectory())
        network = _network(run, directory, stack)
        cluster = _cluster(system, run, directory, network, stack)
        storage = _storage(run, directory, stack)
        recorder = stack.enter_context(Recorder(path))
        holders = Holders(run.workload.clients)
        recorder.subscribe(holders.observe)
        if watch is not None:
            recorder.subscribe(watch)
        recorder.note(HEADER, _header(run, system).to_data())
        journal = JournalServer(directory / "journal", recorder, run.workload.clients)
        stack.callback(journal.close)
        sockets = _client_sockets(run, cluster, directory, network)
        workers = {
            client: stack.enter_context(
                _worker(run, system, number, sockets[client], storage, directory)
            )
            for number, client in enumerate(sockets)
        }
        journal.accept_all(WORKERS_UP_S)
        world = LiveWorld(cluster, workers, network, holders)
        return Conductor(
            run.workload, run.schedule, world, workers, journal, recorder, until=until
        ).conduct()


def _header(run: Run, system: System) -> Header:
    return Header(
        system=run.system,
        clients=run.workload.clients,
        seed=run.seed,
        models={LOCK: system.lock_model, RESOURCE: RESOURCE_MODEL},
        workload=msgspec.to_builtins(run.workload),
        schedule=run.schedule.to_data(),
        programs={
            name: describe_program(name, run.programs)
            for name in sorted({*system.programs, STORAGE_PROGRAM})
        },
        durable=run.durable,
        version=version("holdfast"),
    )


def _needs_links(run: Run) -> bool:
    return any(getattr(strike.fault, "needs_links", False) for strike in run.schedule.strikes)


def _network(run: Run, directory: Path, stack: ExitStack) -> Network | None:
    if not _needs_links(run):
        return None
    place = directory / "links"
    place.mkdir()
    network = Network(place)
    stack.callback(network.stop)
    return network


def _cluster(
    system: System, run: Run, directory: Path, network: Network | None, stack: ExitStack
) -> Cluster:
    place = directory / "nodes"
    place.mkdir()
    cluster = system.cluster(
        Settings(place, programs=run.programs, linked=network is not None, durable=run.durable)
    )
    stack.callback(cluster.stop)
    if network is not None:
        links = [
            *cluster.links(),
            *(
                Link(client, node, directory / "links" / f"{client}-{node}", cluster.socket(node))
                for client in map(client_name, range(run.workload.clients))
                for node in cluster.nodes
            ),
        ]
        network.start(links)
    cluster.start()
    return cluster


def _storage(run: Run, directory: Path, stack: ExitStack) -> Path:
    from holdfast.histories.live.redis_cluster import RedisCluster  # only who records needs redis

    place = directory / "storage"
    place.mkdir()
    storage = RedisCluster(Settings(place, programs=run.programs), names=("storage",))
    stack.callback(storage.stop)
    storage.start()
    return storage.socket("storage")


def _client_sockets(
    run: Run, cluster: Cluster, directory: Path, network: Network | None
) -> dict[str, dict[str, Path]]:
    return {
        client: {
            node: cluster.socket(node)
            if network is None
            else directory / "links" / f"{client}-{node}"
            for node in cluster.nodes
        }
        for client in map(client_name, range(run.workload.clients))
    }


@contextmanager
def _worker(
    run: Run,
    system: System,
    number: int,
    sockets: Mapping[str, Path],
    storage: Path,
    directory: Path,
) -> Iterator[ServerProcess]:
    assignment = Assignment(
        system=run.system,
        number=number,
        seed=run.seed,
        sockets={node: str(path) for node, path in sockets.items()},
        storage=str(storage),
        journal=str(directory / "journal"),
        workload=run.workload,
    )
    worker = module_process(
        client_name(number),
        worker_module.__name__,
        (msgspec.json.encode(assignment).decode(),),
        directory,
        system.environment,
    )
    worker.start()
    try:
        yield worker
    finally:
        worker.kill()
