"""Independent Redis servers, started as children of this process."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.live.node_clock import NodeClock, forget_shared_memory
from holdfast.histories.live.process import ServerProcess
from holdfast.histories.live.programs import RedisProgram, find_redis
from holdfast.histories.live.redis_connection import RedisConnection
from holdfast.histories.outcome import DefiniteFailure, NoAnswer
from holdfast.histories.systems.system import Link, Settings

READY_SECONDS = 10.0
PROBE_SECONDS = 0.5
CALIBRATIONS = 5
CLOCK_SETTLES_SECONDS = 0.005
"""Valkey from 9 on looks at the clock once a millisecond; older servers always."""

LONGEST_SOCKET = 107 - len(".new")


class RedisCluster:
    """Redis nodes that know nothing of each other, each on a unix socket of its own.

    A cluster of one, named ``storage``, is the shared resource that a lock protects.

    Args:
        settings: how they are started. With ``durable`` a node logs every write to disk before it
            answers; without, it forgets all when it is killed.
        names: the names of the nodes.
    """

    def __init__(
        self, settings: Settings, names: Sequence[str] = ("n1", "n2", "n3", "n4", "n5")
    ) -> None:
        self.nodes: Sequence[str] = tuple(names)
        self._settings = settings
        self._nodes: dict[str, _Node] = {}

    def start(self) -> None:
        """Start every node and return once all answer; see ``Cluster.start``."""
        program = find_redis(self._settings.programs)
        for name in self.nodes:
            directory = self._settings.directory / name
            self._nodes[name] = _Node(name, directory, program, durable=self._settings.durable)
        for node in self._nodes.values():
            node.start()
        for node in self._nodes.values():
            node.wait()

    def stop(self) -> None:
        """End every node."""
        for node in self._nodes.values():
            node.kill()

    def socket(self, node: str) -> Path:
        """Return the unix socket on which ``node`` serves clients."""
        return socket_in(self._settings.directory / node)

    def links(self) -> Sequence[Link]:
        """Return no link: the nodes do not talk to each other."""
        return ()

    def leader(self) -> str:
        """Raise ``CannotStrike``: all nodes are equal."""
        raise CannotStrike("independent Redis nodes have no leader; name a node, such as n1")

    def promote(self, node: str) -> None:
        """Raise ``CannotStrike``: every node is a master."""
        raise CannotStrike(f"{node} has no master to replace: the nodes are independent")

    def pause(self, node: str) -> None:
        """Stop every thread of ``node``."""
        self._running(node).process.pause()

    def resume(self, node: str) -> None:
        """Let ``node`` go on."""
        self._running(node).process.resume()

    def kill(self, node: str) -> None:
        """End ``node`` with SIGKILL."""
        self._nodes[node].kill()

    def restart(self, node: str, *, keep_data: bool) -> None:
        """Start the killed ``node`` again, its clock as it would have been, and wait for it."""
        killed = self._nodes[node]
        if killed.process.alive:
            raise CannotStrike(f"{node} is running; a node must be killed before it is restarted")
        if not keep_data:
            killed.forget()
        killed.start()
        killed.wait()

    def clock(self, node: str) -> tuple[float, float]:
        """Return how far the wall clock of ``node`` is ahead now, in seconds, and its rate."""
        return self._nodes[node].clock.read()

    def set_clock(self, node: str, *, offset: float, rate: float) -> None:
        """Set the wall clock of ``node``; see ``Cluster.set_clock``."""
        target = self._nodes[node]
        if target.program.faketime is None:
            raise CannotStrike(f"the clock of {node} cannot be set: {target.program.hindrance}")
        target.clock.set(offset=offset, rate=rate)
        time.sleep(CLOCK_SETTLES_SECONDS)

    def _running(self, node: str) -> _Node:
        found = self._nodes[node]
        if not found.process.alive:
            raise CannotStrike(f"{node} is not running; restart it first")
        return found


class _Node:
    """One Redis server: its process, which may be replaced, its data and its clock."""

    def __init__(self, name: str, directory: Path, program: RedisProgram, *, durable: bool) -> None:
        self.program = program
        self._data = directory / "data"
        self._data.mkdir(parents=True)
        self._socket = socket_in(directory)
        # Clients cannot find it before its clock is right.
        self._first_socket = self._socket.with_suffix(".new")
        self.clock = NodeClock(directory / "clock")
        arguments: list[str | Path] = [program.server.path, "--port", "0"]
        arguments += ["--unixsocket", self._first_socket, "--unixsocketperm", "700"]
        arguments += ["--save", "", "--dir", self._data]
        if durable:
            # A rewrite of the log would fork a child that this process cannot end with its parent.
            arguments += ["--appendonly", "yes", "--appendfsync", "always"]
            arguments += ["--auto-aof-rewrite-percentage", "0"]
        environment = self.clock.environment(program.faketime) if program.faketime else {}
        self.process = ServerProcess(name, arguments, directory, environment)

    def start(self) -> None:
        self.clock.calibrating()
        self.process.start()

    def wait(self) -> None:
        connection = RedisConnection(self._first_socket)
        try:
            self.process.wait_ready(lambda: _answers(connection), READY_SECONDS)
            if self.program.faketime is not None:
                self.clock.calibrated(*_clock_of(connection))
                time.sleep(CLOCK_SETTLES_SECONDS)
            self._first_socket.rename(self._socket)
        finally:
            forget_shared_memory(self.process.pid)
            connection.close()

    def kill(self) -> None:
        if self.process.alive:
            forget_shared_memory(self.process.pid)
        self.process.kill()

    def forget(self) -> None:
        shutil.rmtree(self._data)
        self._data.mkdir()


def socket_in(directory: Path) -> Path:
    """Return the unix socket of the node that lives in ``directory``.

    Raises:
        ValueError: its name is longer than the kernel allows.
    """
    socket = directory / "redis"
    if len(bytes(socket)) > LONGEST_SOCKET:
        raise ValueError(
            f"{socket} is too long for a unix socket; use a directory with a short name"
        )
    return socket


def _answers(connection: RedisConnection) -> bool:
    try:
        return bool(connection.call(("PING",), PROBE_SECONDS) == "PONG")
    except (DefiniteFailure, NoAnswer):
        return False


def _clock_of(connection: RedisConnection) -> tuple[float, float]:
    """Return what the server's clock shows, and the real time when it showed that."""
    looks = []
    for _ in range(CALIBRATIONS):
        before = time.time()
        seconds, microseconds = connection.call(("TIME",), PROBE_SECONDS)
        after = time.time()
        looks.append((after - before, int(seconds) + int(microseconds) / 1e6, (before + after) / 2))
    _, shown, now = min(looks)
    return shown, now
