"""Histories that are linearizable at a glance: in the order in which they were recorded.

Most runs of a lock are in order, and to see that costs a tenth of a search. Where the glance shows
nothing, the search decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from holdfast.histories.operation import NEMESIS, Event
from holdfast.histories.workload import LOCK, RESOURCE, RESOURCE_MODEL

LOCK_MODELS = ("owned-mutex", "fenced-mutex")


def in_order(events: Sequence[Event], key: str, model: str) -> bool:
    """Return whether ``events`` of ``key`` are linearizable in the order in which they stand.

    Calls take effect when they return, releases and calls of unknown outcome when they are made or
    never. That is one legal choice among many: false says nothing.

    Args:
        events: what was recorded, by ``holdfast.histories.workload.LockClient``.
        key: whose calls are judged.
        model: the model that they follow.
    """
    if key == LOCK and model in LOCK_MODELS:
        return _one_holder(events, fenced=model == "fenced-mutex")
    if key == RESOURCE and model == RESOURCE_MODEL:
        return _no_lost_update(events)
    return False


def _one_holder(events: Sequence[Event], *, fenced: bool) -> bool:
    refused = _refused_releases(events)
    asked: dict[Any, Any] = {}
    holder: Any = None
    highest = -1
    for place, event in enumerate(events):
        if event.key != LOCK:
            continue
        if event.f == "acquire":
            if event.type == "invoke":
                asked[event.process] = event.value
            elif event.type == "ok":
                if holder is not None or (fenced and not highest < event.value):
                    return False
                holder = asked[event.process]
                highest = event.value if fenced else highest
        elif event.type == "invoke" and place not in refused:
            if holder != event.value:
                return False
            holder = None
    return True


def _refused_releases(events: Sequence[Event]) -> set[int]:
    """Return the places of the releases that certainly had no effect."""
    invoked: dict[Any, int] = {}
    refused = set()
    for place, event in enumerate(events):
        if event.key == LOCK and event.f == "release":
            if event.type == "invoke":
                invoked[event.process] = place
            elif event.type == "fail":
                refused.add(invoked[event.process])
    return refused


def _no_lost_update(events: Sequence[Event]) -> bool:
    value: Any = 0
    asked: dict[Any, Any] = {}
    for event in events:
        if event.key != RESOURCE or event.process == NEMESIS:
            continue
        if event.type == "invoke":
            asked[event.process] = event.value
        elif event.type == "info":
            return False
        elif event.type == "ok" and event.f == "read":
            if event.value != value:
                return False
        elif event.type == "ok":
            old, new = asked[event.process]
            if old != value:
                return False
            value = new
    return True
