"""The links of a live run, over which nodes and clients reach each other, and which can be cut."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from holdfast.histories.faults.world import CannotStrike, CutMode
from holdfast.histories.live import link_process
from holdfast.histories.live.module_process import module_process
from holdfast.histories.systems.system import Link

SOCKET_PATH_BYTES_MAX = 107 if sys.platform == "linux" else 103
START_S = 20.0
ANSWER_S = 10.0


class Network:
    """Links between named nodes and clients, kept by one process of its own.

    A link is dialled by its source, but bytes go both ways over it: requests from source to
    destination, replies back. What is cut is a *direction*: all that A sends to B, as requests
    over links from A to B and as replies over links from B to A. (Raft sends messages of A to B
    also as responses on connections that B dialled.) The end of a connection is something that is
    sent, too.

    A cut in mode ``hold`` is a network that loses every packet while TCP sends it again and
    again. What A sends stays where it is, A is made to wait once the sockets are full, and on
    ``heal`` all of it arrives, late, even if A has closed the connection since. A connection that
    A opens during the cut hangs; it is established on ``heal`` if A is still there. What B sends
    is not held: its request on a new connection arrives, and the reply is held. (Real TCP would
    not establish that connection.)

    A cut in mode ``reset`` is a firewall that rejects. It breaks the connections over which A
    could send to B; bytes under way are lost. A connection that A opens is refused, and one that
    B opens breaks when A answers.

    Bytes that lie in the socket of B when a cut comes into force have arrived.

    Args:
        directory: where the process keeps its log and its control socket; it must exist.
    """

    def __init__(self, directory: Path) -> None:
        self._process = module_process(
            "links", link_process.__name__, (directory / "control",), directory
        )
        self._control_path = directory / "control"
        self._control: socket.socket | None = None
        self._links: tuple[Link, ...] = ()
        self._directions: dict[tuple[str, str], None] = {}
        self._cuts: dict[tuple[str, str], None] = {}

    def start(self, links: Sequence[Link]) -> None:
        """Listen at the entrance of every link; the exits need not be there yet.

        Each connection made at an entrance is forwarded over one of its own to the exit, and
        ended at once if nobody listens there.

        Raises:
            ValueError: a socket's path is too long, or two links have one entrance.
            FileExistsError: there is something at the path of an entrance.
            RuntimeError: the network was started before, or its process did not come up.
        """
        if self._control is not None:
            raise RuntimeError("the network was started before; make a new one")
        _validate(links, self._control_path)
        for link in links:
            link.entrance.parent.mkdir(parents=True, exist_ok=True)
        self._control = self._start_process()
        self._links = tuple(links)
        for link in links:
            self._directions[link.source, link.destination] = None
            self._directions[link.destination, link.source] = None
        self._ask({"command": "open", "links": [_as_data(link) for link in links]})

    @property
    def pid(self) -> int:
        """The process id of the process that keeps the links."""
        return self._process.pid

    def directions(self) -> tuple[tuple[str, str], ...]:
        """Return the (source, destination) pairs in which bytes go, replies included."""
        return tuple(self._directions)

    def cuts(self) -> tuple[tuple[str, str], ...]:
        """Return the (source, destination) pairs that are cut now."""
        return tuple(self._cuts)

    def cut(self, source: str, destination: str, mode: CutMode = "hold") -> None:
        """Let nothing that ``source`` sends reach ``destination``; return once that is in force.

        Cutting what is cut sets its mode.

        Raises:
            CannotStrike: no link carries anything from ``source`` to ``destination``.
            RuntimeError: the process of the links is gone.
        """
        self._set_mode(source, destination, mode)
        self._cuts[source, destination] = None

    def heal(self, source: str, destination: str) -> None:
        """Let what ``source`` sends reach ``destination`` again, beginning with what was held.

        Raises:
            CannotStrike: no link carries anything from ``source`` to ``destination``.
            RuntimeError: the process of the links is gone.
        """
        self._set_mode(source, destination, None)
        self._cuts.pop((source, destination), None)

    def stop(self) -> None:
        """End the process, remove the entrances; safe to call twice, and after a failed start."""
        self._process.kill()
        if self._control is not None:
            self._control.close()
        for link in self._links:
            link.entrance.unlink(missing_ok=True)

    def _start_process(self) -> socket.socket:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(self._control_path))
            listener.listen(1)
            listener.setblocking(False)
            accepted: list[socket.socket] = []

            def connected() -> bool:
                try:
                    accepted.append(listener.accept()[0])
                except BlockingIOError:
                    return False
                return True

            self._process.start()
            self._process.wait_ready(connected, START_S)
        accepted[0].settimeout(ANSWER_S)
        return accepted[0]

    def _set_mode(self, source: str, destination: str, mode: CutMode | None) -> None:
        if (source, destination) not in self._directions:
            raise CannotStrike(f"no link carries anything from {source} to {destination}")
        self._ask({"command": "set", "source": source, "destination": destination, "mode": mode})

    def _ask(self, command: dict[str, Any]) -> None:
        """Give the process a command and return once it is in force."""
        if self._control is None:
            raise RuntimeError("the network was not started")
        answer = b""
        try:
            self._control.sendall(json.dumps(command).encode() + b"\n")
            while not answer.endswith(b"\n"):
                received = self._control.recv(65536)
                if not received:
                    raise ConnectionResetError("it closed its control socket")
                answer += received
        except OSError as error:
            raise RuntimeError(
                f"the process of the links is gone or stuck ({error}); the end of"
                f" {self._process.log}:\n{self._process.last_lines()}"
            ) from None
        problem = json.loads(answer).get("error")
        if problem is not None:
            raise RuntimeError(f"the process of the links cannot do that: {problem}")


def _as_data(link: Link) -> dict[str, str]:
    return {
        "source": link.source,
        "destination": link.destination,
        "entrance": str(link.entrance),
        "exit": str(link.exit),
    }


def _validate(links: Sequence[Link], control: Path) -> None:
    for path in (control, *(path for link in links for path in (link.entrance, link.exit))):
        length = len(os.fsencode(path))
        if length > SOCKET_PATH_BYTES_MAX:
            raise ValueError(
                f"the unix socket {path} has a path of {length} bytes and may have"
                f" {SOCKET_PATH_BYTES_MAX}: run in a directory with a shorter path"
            )
    entrances: dict[Path, Link] = {}
    for link in links:
        other = entrances.setdefault(link.entrance, link)
        if other is not link:
            raise ValueError(
                f"the links {other.source}→{other.destination} and {link.source}→{link.destination}"
                f" have one entrance, {link.entrance}: give each its own"
            )
        if link.entrance.exists():
            raise FileExistsError(f"cannot make an entrance at {link.entrance}: something is there")
