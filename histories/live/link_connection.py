"""One connection over a link: two sockets, and the bytes between them, each way on its own."""

from __future__ import annotations

import contextlib
import select
import selectors
import socket
from collections.abc import Callable
from functools import partial

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
HOLD, RESET = "hold", "reset"
CHUNK_BYTES = 256 * 1024

Direction = tuple[str, str]


class Flow:
    """The bytes that go one way over a connection.

    A chunk is read only when the one before it is written, so that a slow or cut direction fills
    the sender's socket and makes the sender wait, as TCP does.

    Args:
        direction: who sends them, and to whom.
        mode: how that direction is cut, or ``None``.
    """

    __slots__ = ("direction", "ended", "mode", "pending")

    def __init__(self, direction: Direction, mode: str | None) -> None:
        self.direction = direction
        self.mode = mode
        self.pending = b""
        self.ended = False

    def reads(self) -> bool:
        """Whether more bytes are to be read."""
        return not (self.pending or self.ended or self.mode == HOLD)

    def writes(self) -> bool:
        """Whether bytes that were read are to be written."""
        return bool(self.pending) and self.mode != HOLD


class Connection:
    """A connection that was dialled at an entrance.

    ``_ends[0]`` leads to the dialler and ``_ends[1]``, once it is dialled, to the listener;
    ``_flows[side]`` takes bytes from ``_ends[side]`` to the other.

    Args:
        selector: tells when sockets are ready; its keys' data are called with the mask.
        dialler: the socket that the entrance accepted.
        request: the flow from the dialler.
        reply: the flow to the dialler.
        on_close: called once when the connection is closed.
    """

    _chunk = memoryview(bytearray(CHUNK_BYTES))

    def __init__(
        self,
        selector: selectors.BaseSelector,
        dialler: socket.socket,
        request: Flow,
        reply: Flow,
        on_close: Callable[[Connection], None],
    ) -> None:
        dialler.setblocking(False)
        self.closed = False
        self._selector = selector
        self._on_close = on_close
        self._flows = (request, reply)
        self._ends = [dialler]
        self._events = [0, 0]

    @property
    def may_dial(self) -> bool:
        """Whether no cut keeps the dialler's wish for a connection from the listener."""
        return self._flows[0].mode != HOLD

    def dial(self, exit: str) -> bool:
        """Dial the listener; return false if that is to be tried again.

        Raises:
            OSError: the listener is not there, and the dialler may know.
        """
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        try:
            listener.connect(exit)
        except OSError as error:
            listener.close()
            # A full backlog may empty. A refusal is an answer, and where answers are held so is it.
            if isinstance(error, BlockingIOError) or self._flows[1].mode == HOLD:
                return False
            raise
        self._ends.append(listener)
        self._watch()
        return True

    def dialler_gone(self) -> bool:
        """Return whether the dialler has given up the connection."""
        return _hung_up(self._ends[0])

    def set_mode(self, direction: Direction, mode: str | None) -> None:
        """Cut what goes in that direction, or let it go again."""
        for flow in self._flows:
            if flow.direction == direction:
                flow.mode = mode
                if mode == RESET:
                    self.close()
        self._watch()

    def close(self) -> None:
        """Close both sockets; safe to call twice."""
        if self.closed:
            return
        self.closed = True
        for end, events in zip(self._ends, self._events, strict=False):
            if events:
                self._selector.unregister(end)
            end.close()
        self._on_close(self)

    def _watch(self) -> None:
        """Wait for those events of the two sockets that the flows can use now."""
        if self.closed or len(self._ends) == 1:
            return
        for side, end in enumerate(self._ends):
            events = READ * self._flows[side].reads() | WRITE * self._flows[1 - side].writes()
            if events == self._events[side]:
                continue
            if not events:
                self._selector.unregister(end)
            elif self._events[side]:
                self._selector.modify(end, events, partial(self._on_ready, side))
            else:
                self._selector.register(end, events, partial(self._on_ready, side))
            self._events[side] = events

    def _on_ready(self, side: int, mask: int) -> None:
        # What came before in the same round may have closed the connection or cut the direction.
        if mask & WRITE and not self.closed and self._flows[1 - side].writes():
            self._write(1 - side, memoryview(self._flows[1 - side].pending))
        if mask & READ and not self.closed and self._flows[side].reads():
            self._read(side)

    def _read(self, side: int) -> None:
        try:
            count = self._ends[side].recv_into(self._chunk)
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        if self._flows[side].mode == RESET:
            self.close()
        elif count:
            self._write(side, self._chunk[:count])
        else:
            self._end(side)

    def _write(self, side: int, data: memoryview) -> None:
        flow = self._flows[side]
        try:
            sent = self._ends[1 - side].send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._receiver_gone(side)
            return
        if sent < len(data) or flow.pending:
            flow.pending = bytes(data[sent:])
            self._watch()

    def _end(self, side: int) -> None:
        """Pass on that no more bytes will come from ``side``."""
        self._flows[side].ended = True
        # A sender that has gone altogether leaves nobody for whom the other flow could be kept.
        if self._flows[1 - side].ended or _hung_up(self._ends[side]):
            self.close()
            return
        with contextlib.suppress(OSError):  # the other end may be gone too
            self._ends[1 - side].shutdown(socket.SHUT_WR)
        self._watch()

    def _receiver_gone(self, side: int) -> None:
        if self._flows[1 - side].mode == HOLD:
            # That it is gone is news from the receiver, and must not reach the sender yet.
            self._flows[side].pending = b""
            self._flows[side].ended = True
            self._watch()
        else:
            self.close()


def _hung_up(end: socket.socket) -> bool:
    """Return whether the peer of ``end`` neither sends nor receives any more."""
    poll = select.poll()
    poll.register(end, 0)
    return bool(poll.poll(0))
