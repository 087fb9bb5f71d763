"""A TCP port of this machine's loopback that leads to a unix socket, for what dials TCP alone."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

CHUNK_BYTES = 64 * 1024


class TcpEntrance:
    """Forwards each connection to ``exit``, byte by byte and end by end, in threads of its own.

    Args:
        exit: the unix socket that it leads to; it is dialled anew for every connection.

    Attributes:
        port: where it listens, on 127.0.0.1.
    """

    def __init__(self, exit: Path) -> None:
        self._exit = str(exit)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._guard = threading.Lock()
        self._open: dict[socket.socket, None] = {}
        self._thread = threading.Thread(target=self._accept, name="tcp-entrance", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more, and break every connection."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        with self._guard:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                dialler, _ = self._listener.accept()
            except OSError:
                return  # closed
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                listener.connect(self._exit)
            except OSError:
                # What is not there is refused, as far as that can be said after accepting.
                listener.close()
                dialler.close()
                continue
            for source, destination in ((dialler, listener), (listener, dialler)):
                threading.Thread(
                    target=self._forward, args=(source, destination), daemon=True
                ).start()

    def _forward(self, source: socket.socket, destination: socket.socket) -> None:
        with self._guard:
            self._open[source] = None
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                destination.sendall(chunk)
        with contextlib.suppress(OSError):
            destination.shutdown(socket.SHUT_WR)
        with self._guard:
            del self._open[source]
            if destination not in self._open:
                source.close()
                destination.close()
