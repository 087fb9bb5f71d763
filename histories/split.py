"""Splitting a history by key: linearizability is local, so each key is decided on its own."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.histories.operation import Operation
from holdfast.models.value import Value


def split_by_key(operations: Iterable[Operation]) -> dict[Value, tuple[Operation, ...]]:
    """Return the operations of each key, in order, keys in the order of their first appearance.

    A history is linearizable if and only if each object's part is (Herlihy and Wing, *Linearizability: A
    Correctness Condition for Concurrent Objects*, theorem 1). Operations without a key belong together.
    """
    parts: dict[Value, list[Operation]] = {}
    for operation in operations:
        parts.setdefault(operation.key, []).append(operation)
    return {key: tuple(part) for key, part in parts.items()}
