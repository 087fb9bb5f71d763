"""Values that calls carry: JSON's, made immutable so that they can be hashed and compared."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

Value = Hashable


class FrozenMapping(Mapping[str, Value]):
    """A JSON object as an immutable, hashable mapping; equal to a ``dict`` with the same items.

    Args:
        items: the members; their values are frozen as well.
    """

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = {key: freeze(value) for key, value in items.items()}
        self._hash = hash(frozenset(self._items.items()))

    def __getitem__(self, key: str) -> Value:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return repr(self._items)


def freeze(value: Any) -> Value:
    """Return ``value`` with every list made a tuple and every mapping a ``FrozenMapping``, all the way down."""
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    if isinstance(value, Mapping):
        return value if isinstance(value, FrozenMapping) else FrozenMapping(value)
    return value  # type: ignore[no-any-return]
