"""A TCP port that leads to a unix socket: bytes, ends and refusals."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.histories.live.tcp_entrance import TcpEntrance

LARGE = b"x" * 1_000_000


class Echo:
    """A unix socket that sends back what it gets, and then "." when its peer has ended."""

    def __init__(self, path: Path) -> None:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            # A peer that is gone altogether hears no more.
            with connection, contextlib.suppress(OSError):
                while chunk := connection.recv(4096):
                    connection.sendall(chunk)
                connection.sendall(b".")

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def entrance(run_directory: Path) -> Iterator[TcpEntrance]:
    echo = Echo(run_directory / "echo")
    entrance = TcpEntrance(run_directory / "echo")
    yield entrance
    entrance.close()
    echo.close()


def dial(entrance: TcpEntrance) -> socket.socket:
    return socket.create_connection(("127.0.0.1", entrance.port), timeout=10)


def everything(connection: socket.socket) -> bytes:
    chunks = []
    while chunk := connection.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def test_bytes_and_ends_go_both_ways(entrance: TcpEntrance) -> None:
    for _ in range(2):
        with dial(entrance) as connection:
            threading.Thread(
                target=lambda end: (end.sendall(LARGE), end.shutdown(socket.SHUT_WR)),
                args=(connection,),
            ).start()
            assert everything(connection) == LARGE + b"."


def test_it_listens_on_the_loopback_alone(entrance: TcpEntrance) -> None:
    with dial(entrance) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"


def test_what_is_not_there_is_hung_up_on(run_directory: Path) -> None:
    entrance = TcpEntrance(run_directory / "nothing")
    with dial(entrance) as connection:
        assert everything(connection) == b""
    entrance.close()


def test_closing_breaks_what_is_open_and_refuses_what_is_new(entrance: TcpEntrance) -> None:
    with dial(entrance) as connection:
        connection.sendall(b"a")
        assert connection.recv(1) == b"a"
        entrance.close()
        assert everything(connection) in (b"", b".")
    with pytest.raises(ConnectionRefusedError):
        dial(entrance)
