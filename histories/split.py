"""Splitting a history by key: linearizability is local, so each key is decided on its own."""

from __future__ import annotations

from array import array
from collections.abc import Hashable

from holdfast.histories.columns import Columns


def split_by_key(columns: Columns) -> dict[Hashable, array[int] | None]:
    """Return the places of each key's operations, keys in the order of their first appearance.

    The places are int32; ``None`` stands for all, where there is one key alone.

    A history is linearizable if and only if each object's part is (Herlihy and Wing, *Linearizability: A
    Correctness Condition for Concurrent Objects*, theorem 1). Operations without a key belong together.
    """
    there = dict.fromkeys(columns.key)
    if len(there) <= 1:
        return {columns.keys[number]: None for number in there}
    places = {number: array("i") for number in there}
    for place, number in enumerate(columns.key):
        places[number].append(place)
    return {columns.keys[number]: mine for number, mine in places.items()}
