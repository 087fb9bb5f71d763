"""What is compiled of histories: columns of numbers, and long recordings that become such.

``NATIVE`` says whether it is at work; otherwise its twin in plain Python is, and recordings are read
event by event. The environment variable ``HOLDFAST_ENGINE=python``, read at the first import, forces
that; no other value is known.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from holdfast.histories.core.scanned import Scanned

if TYPE_CHECKING:
    from typing_extensions import Buffer

_forced = os.environ.get("HOLDFAST_ENGINE", "")
if _forced not in {"", "python"}:
    raise ImportError(f"HOLDFAST_ENGINE may only be 'python', not {_forced!r}")

NATIVE: Final = not _forced and find_spec(f"{__name__}._native") is not None

if TYPE_CHECKING or NATIVE:
    from holdfast.histories.core._native import (
        endpoints,
        kept,
        numbered_rows,
        renumbered,
        taken,
    )
else:
    from holdfast.histories.core.fallback import (
        endpoints,
        kept,
        numbered_rows,
        renumbered,
        taken,
    )

__all__ = [
    "NATIVE",
    "Scanned",
    "endpoints",
    "kept",
    "numbered_rows",
    "renumbered",
    "scan_jsonl",
    "taken",
]


def scan_jsonl(data: Buffer, line_bytes_max: int, events_max: int) -> Scanned | None:
    """Return the columns of a recording in JSONL, or ``None`` if they are not certain.

    What it accepts, ``Jsonl().read`` and ``History.from_lines`` accept too, with the same result.
    ``None`` says nothing: there may be an error, which those two tell precisely, or something rare,
    or this reader is not at work.

    Args:
        data: the whole file, decompressed. It must not change meanwhile; other threads can run.
        line_bytes_max: the longest line, its line break included.
        events_max: the most events.
    """
    if not NATIVE:
        return None
    from holdfast.histories.core import _native

    columns = _native.scan_jsonl(data, line_bytes_max, events_max)
    return None if columns is None else Scanned(**columns)
