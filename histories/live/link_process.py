"""The process that forwards the bytes of every link, and stops them in the directions that are cut.

A process of its own, so that no work of the harness is in the way of the bytes. The harness
starts it as ``python -m holdfast.histories.live.link_process CONTROL`` and gives it commands as
JSON lines over the unix socket CONTROL; each is answered once it is in force. The process ends
when that socket is closed. ``network.py`` says what a cut means.
"""

from __future__ import annotations

import json
import resource
import selectors
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from holdfast.histories.live.link_connection import READ, RESET, Connection, Direction, Flow

BACKLOG = 512
DIAL_AGAIN_S = 0.01
FILES_MAX = 65536


class Entrance:
    """Where the source of one link finds its destination.

    Args:
        source: who dials.
        destination: who listens at the exit.
        entrance: the path of the unix socket that the source dials.
        exit: the path of the unix socket on which the destination listens.
    """

    def __init__(self, source: str, destination: str, entrance: str, exit: str) -> None:
        self.request: Direction = (source, destination)
        self.reply: Direction = (destination, source)
        self.exit = exit
        self.listener: socket.socket | None = None
        self._path = entrance
        self._reported = ""

    def open(self) -> socket.socket:
        """Listen, and return the listening socket."""
        Path(self._path).unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.setblocking(False)
        self.listener.bind(self._path)
        self.listener.listen(BACKLOG)
        return self.listener

    def report(self, problem: str) -> None:
        """Log why the exit is out of reach, when that is news."""
        if problem not in ("", self._reported):
            source, destination = self.request
            print(f"{source} does not reach {destination}: {problem}", file=sys.stderr, flush=True)
        self._reported = problem


class Forwarder:
    """All entrances, connections and cuts, and the loop that serves them.

    Args:
        control: the connected socket over which the commands come.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._received = b""
        self._entrances: list[Entrance] = []
        self._connections: dict[Connection, None] = {}
        self._undialled: dict[Connection, Entrance] = {}
        self._modes: dict[Direction, str] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, READ, self._on_command)

    def run(self) -> None:
        """Serve until the control socket is closed."""
        while self._control.fileno() >= 0:
            # A paused node's backlog may be full, and nothing tells when it has room again.
            dials = any(connection.may_dial for connection in self._undialled)
            for key, mask in self._selector.select(DIAL_AGAIN_S if dials else None):
                key.data(mask)
            if dials:
                self._dial_again()

    def _on_command(self, mask: int) -> None:
        received = self._control.recv(65536)
        if not received:
            self._control.close()
            return
        *lines, self._received = (self._received + received).split(b"\n")
        for line in lines:
            self._control.sendall(json.dumps(self._obey(json.loads(line))).encode() + b"\n")

    def _obey(self, command: dict[str, Any]) -> dict[str, str]:
        kinds: dict[str, Callable[..., None]] = {"open": self._open, "set": self._set_mode}
        try:
            kinds[command.pop("command")](**command)
        except OSError as error:
            return {"error": str(error)}
        return {}

    def _open(self, links: list[dict[str, str]]) -> None:
        for link in links:
            entrance = Entrance(**link)
            self._entrances.append(entrance)
            self._listen(entrance)

    def _set_mode(self, source: str, destination: str, mode: str | None) -> None:
        """Cut one direction, or heal it where ``mode`` is none."""
        direction = (source, destination)
        self._modes.pop(direction, None)
        if mode is not None:
            self._modes[direction] = mode
        for entrance in self._entrances:
            if entrance.request == direction:
                self._listen(entrance)
        for connection in list(self._connections):
            connection.set_mode(direction, mode)
        self._dial_again()

    def _listen(self, entrance: Entrance) -> None:
        """Listen at the entrance, or refuse whoever dials there while its cut is a reset."""
        refuse = self._modes.get(entrance.request) == RESET
        if refuse and entrance.listener is not None:
            self._selector.unregister(entrance.listener)
            entrance.listener.close()
            entrance.listener = None
        elif not refuse and entrance.listener is None:
            self._selector.register(entrance.open(), READ, partial(self._on_dialled, entrance))

    def _on_dialled(self, entrance: Entrance, mask: int) -> None:
        if entrance.listener is None:
            return  # closed by a command of the same round
        try:
            dialler, _ = entrance.listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        request = Flow(entrance.request, self._modes.get(entrance.request))
        reply = Flow(entrance.reply, self._modes.get(entrance.reply))
        connection = Connection(self._selector, dialler, request, reply, self._forget)
        self._connections[connection] = None
        self._dial_again()
        self._dial(connection, entrance)

    def _dial(self, connection: Connection, entrance: Entrance) -> None:
        """Dial the exit, or put that off while a cut or a full backlog is in the way."""
        self._undialled[connection] = entrance
        if not connection.may_dial:
            return
        try:
            if connection.dial(entrance.exit):
                del self._undialled[connection]
                entrance.report("")
        except OSError as error:
            entrance.report(str(error))
            connection.close()

    def _dial_again(self) -> None:
        for connection, entrance in list(self._undialled.items()):
            # As with TCP, a connection that was never established dies with its dialler.
            if connection.dialler_gone():
                connection.close()
            else:
                self._dial(connection, entrance)

    def _forget(self, connection: Connection) -> None:
        del self._connections[connection]
        self._undialled.pop(connection, None)


def main(control_path: str) -> None:
    """Serve the harness that listens at ``control_path``."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = FILES_MAX if most == resource.RLIM_INFINITY else min(FILES_MAX, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    control.connect(control_path)
    Forwarder(control).run()


if __name__ == "__main__":
    main(sys.argv[1])
