"""Hypothesis strategies: histories for those who test checkers, schedules for those who test locks.

Hypothesis is optional for holdfast: it is imported when one of these names is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast.histories.strategies.bounds import Bounds
    from holdfast.histories.strategies.drawn_histories import histories, linearizable_histories
    from holdfast.histories.strategies.drawn_schedules import schedules

# No module has the name of what it offers: once imported, it would stand in its place.
_HOMES = {
    "Bounds": "bounds",
    "histories": "drawn_histories",
    "linearizable_histories": "drawn_histories",
    "schedules": "drawn_schedules",
}

__all__ = ["Bounds", "histories", "linearizable_histories", "schedules"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
