"""Real etcd clusters for tests, and clients of them in processes of their own (see ``etcd_worker``)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.histories import etcd_worker

from holdfast.histories import outcome
from holdfast.histories.live.etcd_cluster import EtcdCluster
from holdfast.histories.locks import etcd_requests
from holdfast.histories.systems.etcd import EtcdSystem
from holdfast.histories.systems.system import Settings

PATIENCE = 20.0
"""For what must happen sooner or later, in seconds."""


class EtcdClient:
    """The test's end of a client process."""

    def __init__(self, cluster: EtcdCluster, seed: str, ttl: float) -> None:
        sockets = {node: str(cluster.socket(node)) for node in cluster.nodes}
        assert etcd_worker.__file__ is not None
        self.process = subprocess.Popen(
            [
                sys.executable,
                etcd_worker.__file__,
                json.dumps({"sockets": sockets, "seed": seed, "ttl": ttl}),
            ],
            env={
                **os.environ,
                **EtcdSystem().environment,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, call: str, *arguments: Any) -> None:
        """Make the process call a method of ``etcd_worker.Worker``."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([call, *arguments]) + "\n")
        self.process.stdin.flush()

    def end(self) -> Any:
        """Return what the call that was begun returned, or raise what it raised."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the client process ended with code {self.process.wait()}")
        answer = json.loads(line)
        if "error" not in answer:
            return answer["result"]
        for module in (outcome, etcd_requests):
            if hasattr(module, answer["error"]):
                raise getattr(module, answer["error"])(answer["words"])
        raise RuntimeError(f"{answer['error']}: {answer['words']}")

    def ask(self, node: str, request: str, *, timeout: float = PATIENCE, **arguments: Any) -> Any:
        """Send one request of ``locks.etcd_requests`` to one node."""
        self.begin("ask", node, request, arguments, timeout)
        return self.end()

    def acquire(self, token: str, patience: float = PATIENCE) -> Any:
        self.begin("acquire", token, patience)
        return self.end()

    def release(self, token: str) -> None:
        self.begin("release", token)
        self.end()

    def queue(self, node: str = "n1") -> list[str]:
        """Return the tokens that hold the lock or wait for it, in order."""
        keys = self.ask(node, "Range", prefix="lock/")["keys"]
        return [key["value"] for key in keys]

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()


@contextmanager
def etcd_cluster(directory: Path, *, durable: bool = False) -> Iterator[EtcdCluster]:
    """Start three nodes."""
    cluster = EtcdCluster(Settings(directory, durable=durable))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def etcd_clients(
    cluster: EtcdCluster, count: int = 1, *, ttl: float = 5
) -> Iterator[tuple[EtcdClient, ...]]:
    """Start clients; each sends its calls to the nodes itself."""
    with ExitStack() as stack:
        clients = tuple(EtcdClient(cluster, f"client {number}", ttl) for number in range(count))
        for client in clients:
            stack.callback(client.kill)
        yield clients


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Return whether ``condition`` came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
