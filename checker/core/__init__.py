"""The model-blind core: compiled where it could be built, otherwise its twin in plain Python.

``NATIVE`` says which of the two is at work. The environment variable ``HOLDFAST_ENGINE=python``,
read at the first import, forces the twin; no other value is known.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

_forced = os.environ.get("HOLDFAST_ENGINE", "")
if _forced not in {"", "python"}:
    raise ImportError(f"HOLDFAST_ENGINE may only be 'python', not {_forced!r}")

NATIVE: Final = not _forced and find_spec(f"{__name__}._native") is not None

if TYPE_CHECKING or NATIVE:
    from holdfast.checker.core._native import Table, decide_lock, peak_concurrency, search
else:
    from holdfast.checker.core.fallback import Table, decide_lock, peak_concurrency, search

__all__ = ["NATIVE", "Table", "decide_lock", "peak_concurrency", "search"]
