"""What the compiled core does, in plain Python: same signatures, same answers, same errors."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from holdfast.checker.core.fallback_locks import decide_lock
from holdfast.checker.core.fallback_search import search
from holdfast.checker.core.python.table import Table

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Table", "decide_lock", "peak_concurrency", "search"]

_OCTET = struct.Struct("B")
_TIMESTAMP = struct.Struct("q")


def peak_concurrency(invoked: Buffer, completed: Buffer) -> int:
    """Return the largest number of operations open at one instant.

    Both buffers hold int64 timestamps, and the i-th of each belong to the i-th operation.
    Intervals are closed: an operation that completes at the instant another is invoked counts as
    concurrent with it.
    """
    for buffer in (invoked, completed):
        # Asks for the buffer exactly as the compiled core does (PyBUF_SIMPLE), so that both
        # refuse the same objects with the same words.
        _OCTET.iter_unpack(buffer)
    opens = _timestamps(invoked, "invoked")
    closes = _timestamps(completed, "completed")
    if len(opens) != len(closes):
        raise ValueError(f"invoked and completed differ in length: {len(opens)} and {len(closes)}")
    for index, (opened_at, closed_at) in enumerate(zip(opens, closes, strict=True)):
        if closed_at < opened_at:
            raise ValueError(f"operation {index} completes before its invocation")

    opens.sort()
    closes.sort()
    closed = 0
    peak = 0
    for opened, opened_at in enumerate(opens, start=1):
        while closes[closed] < opened_at:  # strictly before: intervals are closed
            closed += 1
        peak = max(peak, opened - closed)
    return peak


def _timestamps(buffer: Buffer, name: str) -> list[int]:
    size = memoryview(buffer).nbytes
    if size % _TIMESTAMP.size:
        raise ValueError(f"{name} is not a whole number of int64 timestamps: {size} bytes")
    return [time for (time,) in _TIMESTAMP.iter_unpack(buffer)]
