"""Files that hold one JSON value, such as schedules and trials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from holdfast.histories.errors import HistoryError


def read_json(path: Path, *, remedy: str) -> Any:
    """Return the value that the file at ``path`` holds.

    Args:
        path: the file.
        remedy: what to do if it is no JSON.

    Raises:
        HistoryError: the file holds no JSON.
        OSError: the file cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise HistoryError(f"this is not JSON ({error})", remedy=remedy, source=str(path)) from None


def write_json(path: Path, data: Any) -> None:
    """Write ``data`` to the file at ``path``, laid out for reading."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(data)) + b"\n")
