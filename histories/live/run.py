"""A live run: real servers, client processes, faults by schedule, and one recording of it all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path

import msgspec
from attrs import evolve, field, frozen

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.header import HEADER, NOT_STRUCK, STOPPED, TOOK, Header
from holdfast.histories.live import worker as worker_module
from holdfast.histories.live.directory import RunDirectory
from holdfast.histories.live.holders import Holders
from holdfast.histories.live.journal import JournalServer
from holdfast.histories.live.module_process import module_process
from holdfast.histories.live.network import Network
from holdfast.histories.live.process import ServerProcess
from holdfast.histories.live.programs import describe_program
from holdfast.histories.live.redis_cluster import RedisCluster
from holdfast.histories.live.worker import Assignment
from holdfast.histories.live.world import LiveWorld
from holdfast.histories.operation import Event
from holdfast.histories.recorder import Recorder
from holdfast.histories.schedule import Schedule, Strike, name_of
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

FINISH_S = 5.0
"""How long clients may take, beyond an acquire's patience, to finish the round they are in."""

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


@frozen
class Ending:
    """How a run ended.

    Args:
        interrupted: whether Ctrl-C ended it early.
        not_struck: for each fault that could not strike, why.
        stopped: whether ``until`` ended it early.
    """

    interrupted: bool
    not_struck: tuple[str, ...]
    stopped: bool = False


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
        return _Conductor(run, world, workers, journal, recorder, until).conduct()


class _Stopped(Exception):
    """The run is to end now."""


class _Conductor:
    """Starts the clients, strikes the faults on time, and waits for the end."""

    def __init__(
        self,
        run: Run,
        world: LiveWorld,
        workers: Mapping[str, ServerProcess],
        journal: JournalServer,
        recorder: Recorder,
        until: Callable[[], bool] | None = None,
    ) -> None:
        self._until = until
        self._run = run
        self._world = world
        self._workers = workers
        self._journal = journal
        self._recorder = recorder
        self._not_struck: list[str] = []

    def conduct(self) -> Ending:
        began = time.monotonic()
        self._journal.start()
        try:
            for strike in self._run.schedule.strikes:
                self._wait_until(began + strike.at)
                self._strike(strike)
            self._wait_until(began + self._run.workload.seconds)
            self._resume_all()
            self._wait_for_workers()
        except KeyboardInterrupt:
            return Ending(interrupted=True, not_struck=tuple(self._not_struck))
        except _Stopped:
            self._recorder.note(STOPPED, "ended the run before its time")
            return Ending(interrupted=False, not_struck=tuple(self._not_struck), stopped=True)
        return Ending(interrupted=False, not_struck=tuple(self._not_struck))

    def _strike(self, strike: Strike) -> None:
        name = name_of(strike.fault)
        try:
            if strike.when == "held":
                self._world.resolve("holder")  # which waits for one
            self._world.watch()
            words = strike.fault.strike(self._world)
            self._recorder.note(name, words, **{TOOK: self._world.acting_ns()})
        except CannotStrike as problem:
            self._not_struck.append(f"{name}: {problem}")
            self._recorder.note(NOT_STRUCK, f"{name}: {problem}")

    def _wait_until(self, instant: float) -> None:
        while (left := instant - time.monotonic()) > 0:
            time.sleep(min(left, 0.01))
            self._check_workers()

    def _resume_all(self) -> None:
        for target in self._world.resolve("paused"):
            self._world.resume(target)
            self._recorder.note("resume", f"resumed {target} at the end")

    def _wait_for_workers(self) -> None:
        end = time.monotonic() + self._run.workload.patience + FINISH_S
        while time.monotonic() < end and any(worker.alive for worker in self._workers.values()):
            time.sleep(0.01)
            self._check_workers()
        self._check_workers()

    def _check_workers(self) -> None:
        if self._until is not None and self._until():
            raise _Stopped
        for worker in self._workers.values():
            worker.raise_if_failed()


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
