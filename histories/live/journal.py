"""The line between worker clients and the recorder: each event is acknowledged once it is on disk.

A worker sends one JSON object a line and waits for one byte. So an invocation is stamped and appended
before its call goes on, and a completion after its call has returned, all by one clock.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from typing import Any

import msgspec

from holdfast.histories.operation import EventType
from holdfast.histories.recorder import Recorder

ACKNOWLEDGED = b"\n"


class Line(msgspec.Struct, frozen=True):
    """One event on its way to the recorder."""

    type: EventType
    process: int
    f: str
    value: Any
    key: str
    error: str | None


class JournalEnd:
    """The worker's end.

    Args:
        path: the unix socket of the harness.
        client: the worker's number, from 0.
    """

    def __init__(self, path: Path, client: int) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(path))
        self._socket.sendall(f"{client}\n".encode())

    def wait_for_start(self) -> None:
        """Block until the harness lets the clients begin.

        Raises:
            ConnectionError: the harness is gone.
        """
        self._await_byte()

    def record(
        self, type: EventType, process: int, f: str, value: Any, key: str, error: str | None
    ) -> None:
        """Record one event; returns once it is on disk.

        Raises:
            ConnectionError: the harness is gone.
        """
        line = msgspec.json.encode(Line(type, process, f, value, key, error))
        self._socket.sendall(line + b"\n")
        self._await_byte()

    def _await_byte(self) -> None:
        if self._socket.recv(1) != ACKNOWLEDGED:
            raise ConnectionError("the harness closed the journal")


class JournalServer:
    """The harness's end: one thread a worker, all of them feeding one recorder.

    Args:
        path: the unix socket to listen on.
        recorder: where events go.
        clients: how many workers will connect.
    """

    def __init__(self, path: Path, recorder: Recorder, clients: int) -> None:
        self._recorder = recorder
        self._clients = clients
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(clients)
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._failure: BaseException | None = None

    def accept_all(self, seconds: float) -> None:
        """Wait until every worker is there.

        Raises:
            RuntimeError: some are missing after ``seconds``.
        """
        self._listener.settimeout(seconds)
        try:
            while len(self._connections) < self._clients:
                connection, _ = self._listener.accept()
                connection.settimeout(None)
                self._connections.append(connection)
        except TimeoutError:
            missing = self._clients - len(self._connections)
            raise RuntimeError(f"{missing} worker clients did not come up in {seconds} s") from None

    def start(self) -> None:
        """Let all workers begin."""
        for connection in self._connections:
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            thread.start()
            self._threads.append(thread)
        for connection in self._connections:
            connection.sendall(ACKNOWLEDGED)

    def close(self) -> None:
        """Hang up, and raise what went wrong while recording, if anything did."""
        for connection in self._connections:
            # A worker that has hung up already leaves nothing to shut down.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for connection in (*self._connections, self._listener):
            connection.close()
        self._connections.clear()
        if self._failure is not None:
            raise self._failure

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection.makefile("rb") as lines:
                next(lines, b"")  # the worker's number, sent so that accepting means it is up
                for line in lines:
                    event = msgspec.json.decode(line, type=Line)
                    self._recorder.record(
                        event.type,
                        event.process,
                        event.f,
                        event.value,
                        key=event.key,
                        error=event.error,
                    )
                    connection.sendall(ACKNOWLEDGED)
        except OSError:
            return  # the worker is gone; what it had begun stays in the file as pending
        except BaseException as failure:
            self._failure = failure
