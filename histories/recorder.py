"""The recorder: stamps what clients do and appends it to a file before anyone goes on."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from holdfast.histories.calls import Client, PendingOperation
from holdfast.histories.formats import DEFAULT_LIMITS
from holdfast.histories.formats.compression import NAMES, compression_suffix
from holdfast.histories.formats.jsonl import line_of
from holdfast.histories.operation import NEMESIS, Event, EventType, Process, frozen_event
from holdfast.histories.turns import Turns

Subscriber = Callable[[Event], None]


class Recorder:
    """Writes a history as it happens; thread-safe.

    An event is stamped and appended with a single write before the call that records it returns, so
    a process that is killed has lost nothing that it went on from (docs/decisions/0004). Stamping
    and appending happen under one lock, by one clock: times and indices rise along the file.

    Args:
        path: the file to create, plain JSONL.
        clients: how many clients there are, for ``client``.
        overwrite: whether a file that is there may be replaced.
        clock: a clock in nanoseconds that never runs backwards; times are counted from now.

    Raises:
        FileExistsError: there is a file at ``path``.
        ValueError: ``path`` asks for compression.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        clients: int | None = None,
        overwrite: bool = False,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.path = Path(path)
        self._clients = clients
        self._file: int | None = _create(self.path, overwrite=overwrite)
        self._clock = clock
        self._start = clock()
        self._lock = threading.Lock()
        self._writer: int | None = None
        self._next_index = 0
        self._last_time = 0
        self._turns = Turns()
        self._subscribers: list[Subscriber] = []

    def invoke(
        self,
        process: Process,
        f: str,
        value: Any = None,
        key: Any = None,
        node: str | None = None,
        **extra: Any,
    ) -> PendingOperation:
        """Record that a client makes a call, and return the handle that records how it ended.

        Args:
            process: the client.
            f: the function called.
            value: its argument.
            key: the object concerned, where there are several.
            node: the server that the client talks to.
            extra: further fields of the event.

        Raises:
            RuntimeError: the process is in the middle of a call or has retired, or the recorder is
                closed.
            ValueError: an argument cannot be written as JSON.
            OSError: the event could not be written; nothing of it is in the file.
        """
        event = self.record("invoke", process, f, value, key=key, node=node, **extra)
        return PendingOperation(self, event)

    def record(
        self,
        type: EventType,
        process: Process,
        f: str,
        value: Any = None,
        *,
        key: Any = None,
        node: str | None = None,
        error: Any = None,
        **extra: Any,
    ) -> Event:
        """Record one event of a client's call and return it as it stands in the file.

        Raises what ``invoke`` raises; a completion without its invocation is a RuntimeError.
        """
        if process == NEMESIS:
            raise ValueError(f"{NEMESIS!r} is no client: record faults and remarks with note()")
        event = Event(type, process, f, value, key=key, node=node, error=error, extra=extra)
        return self._append(event)

    def note(self, f: str, value: Any = None, **extra: Any) -> Event:
        """Record a fault or a remark, which is no client's call.

        Args:
            f: its kind.
            value: the particulars.
            extra: further fields of the event.
        """
        return self._append(Event("info", NEMESIS, f, value, extra=extra))

    def client(self, number: int) -> Client:
        """Return client ``number``, from 0, which retires from its process after an info.

        Its processes are ``number``, ``number + clients`` and so on, as Jepsen numbers them.

        Raises:
            ValueError: there is no such client, or nobody said how many there are.
        """
        if self._clients is None:
            raise ValueError("say how many clients there are: Recorder(path, clients=N)")
        if not 0 <= number < self._clients:
            raise ValueError(f"client {number} is not one of 0 to {self._clients - 1}")
        return Client(self, number, self._clients)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Have ``subscriber`` called with every event after it was appended, in the file's order.

        It is called by the thread that records, which waits for it, as do all that want to record.
        So it must be quick and must not record itself; what it raises reaches that thread.
        """
        self._subscribers.append(subscriber)

    def close(self) -> None:
        """Close the file; calls that are still pending stay so. Safe to call twice."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _append(self, event: Event) -> Event:
        if self._writer == threading.get_ident():
            raise RuntimeError(
                "a subscriber must not record: hand the event to a thread of its own"
            )
        with self._lock:
            self._writer = threading.get_ident()
            try:
                self._turns.check(event)
                event = self._write(event)
                self._turns.take(event)
                for subscriber in self._subscribers:
                    subscriber(event)
            finally:
                self._writer = None
        return event

    def _write(self, event: Event) -> Event:
        if self._file is None:
            raise RuntimeError(f"the recording {self.path} is closed")
        # Taken before it is written: should an interrupt strike in between, a number is left out,
        # which is harmless, where a number used twice would spoil the file.
        index, self._next_index = self._next_index, self._next_index + 1
        now = self._clock() - self._start
        if now < self._last_time:
            raise RuntimeError(f"the clock ran backwards, from {self._last_time} to {now} ns")
        self._last_time = now
        event = msgspec.structs.replace(event, time=now, index=index)
        line = line_of(event)
        if len(line) > DEFAULT_LIMITS.line_bytes_max:
            raise ValueError(
                f"the event takes {len(line):,} bytes, and histories are read up to "
                f"{DEFAULT_LIMITS.line_bytes_max:,} bytes a line: record a shorter value"
            )
        self._write_line(self._file, line)
        return frozen_event(event)

    def _write_line(self, file: int, line: bytes) -> None:
        try:
            written = os.write(file, line)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None
        if written != len(line):
            # Half a line would run into the next. Nobody else writes here: the end is ours.
            os.ftruncate(file, os.fstat(file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))


def _create(path: Path, *, overwrite: bool) -> int:
    if suffix := compression_suffix(path):
        raise ValueError(
            f"{path}: a recording is not compressed while it is made, as {NAMES[suffix]} holds "
            "back what a kill would then lose: record to a .jsonl and compress it afterwards"
        )
    unless_there = os.O_TRUNC if overwrite else os.O_EXCL
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | unless_there
    try:
        return os.open(path, flags, 0o666)
    except FileExistsError:
        raise FileExistsError(
            errno.EEXIST, "it exists, and recordings are not overwritten unless told so", str(path)
        ) from None
