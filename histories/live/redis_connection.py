"""One connection to one Redis node, with requests and replies apart and no retry."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from redis.connection import UnixDomainSocketConnection
from redis.exceptions import BusyLoadingError, ConnectionError, ResponseError, TimeoutError

from holdfast.histories.outcome import NoAnswer, NotSent, ServerRefused

REMAINDER_SECONDS = 0.05
"""How long writing a request may take, and the rest of a reply whose first bytes are here."""

Command = Sequence[str | int | float]


class RedisConnection:
    """A connection that pairs every request with its own reply, or is closed.

    It is opened by the first request, and again by the first request after a failure.

    Args:
        path: the node's unix socket.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # The library's own types take the class for abstract.
        connection: Any = UnixDomainSocketConnection
        self._connection = connection(
            path=str(path),
            socket_timeout=REMAINDER_SECONDS,
            decode_responses=True,
            protocol=2,
            redis_connect_func=_attach_parser,
        )
        self._used = False
        self._awaiting = False

    def call(self, command: Command, timeout: float) -> Any:
        """Send ``command`` and return its reply; see ``send`` and ``receive``."""
        deadline = time.monotonic() + timeout
        self.send(command)
        return self.receive(deadline)

    def send(self, command: Command) -> None:
        """Send ``command``.

        Raises:
            NotSent: no server got it.
        """
        if self._awaiting:
            # The caller left without its reply: it must not become the reply of this request.
            self.close()
        self._awaiting = True
        try:
            self._write(command)
        except (ConnectionError, TimeoutError) as error:
            self.close()
            raise NotSent(f"{self._path}: {error}") from None

    def _write(self, command: Command) -> None:
        try:
            self._connection.send_command(*command)
        except ConnectionError:
            if not self._used:
                raise
            # The server has closed the old connection. It got no whole request, and does nothing
            # with a part of one; so this is the first time that it is sent, not the second.
            self._connection.send_command(*command)
        self._used = True

    def receive(self, deadline: float) -> Any:
        """Return the reply to the request that was sent last.

        Args:
            deadline: until when to wait for it, on ``time.monotonic``.

        Raises:
            NoAnswer: it did not come; the connection is closed, so that it cannot be taken for the
                reply to a later request.
            ServerRefused: it is an error.
        """
        try:
            if not self._connection.can_read(max(deadline - time.monotonic(), 0)):
                raise TimeoutError("no reply in time")
            reply = self._connection.read_response()
            self._awaiting = False
        except (ResponseError, BusyLoadingError) as error:
            self._awaiting = False
            raise ServerRefused(str(error)) from None
        except (ConnectionError, TimeoutError) as error:
            self.close()
            raise NoAnswer(f"{self._path}: {error}") from None
        return reply

    def close(self) -> None:
        """Close the connection, and with it forget a reply that has not come."""
        self._connection.disconnect()
        self._used = False
        self._awaiting = False


def _attach_parser(connection: Any) -> None:
    """Make a connection ready without the library's greetings: they would wait for a paused node."""
    connection._parser.on_connect(connection)
