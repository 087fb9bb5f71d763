"""Values that calls carry: JSON's, made immutable so that they can be hashed and compared."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

Value = Hashable

_ATOMS = frozenset({str, int, float, bool, type(None)})


class FrozenMapping(Mapping[str, Value]):
    """A JSON object as an immutable, hashable mapping; equal to a ``dict`` with the same items.

    Args:
        items: the members; their values are frozen as well.
        depth: how deep it is nested itself.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any], depth: int = 0) -> None:
        self._items = {key: freeze(value, depth + 1) for key, value in items.items()}

    def __getitem__(self, key: str) -> Value:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        # Not kept: strings hash differently in every process, and a kept hash would travel by pickle.
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


DEEPEST = 100
"""How many lists and mappings may be nested: what is deeper could not be compared or shown."""


def freeze(value: Any, depth: int = 0) -> Value:
    """Return ``value`` with lists made tuples and mappings ``FrozenMapping``, nested ones too.

    Raises:
        RecursionError: they are nested more than ``DEEPEST`` deep.
    """
    if type(value) in _ATOMS:
        return value  # type: ignore[no-any-return]
    if depth > DEEPEST:
        raise RecursionError(f"a value is nested more than {DEEPEST} deep")
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item, depth + 1) for item in value)
    if isinstance(value, Mapping):
        return value if isinstance(value, FrozenMapping) else FrozenMapping(value, depth)
    return value  # type: ignore[no-any-return]


def thaw(value: Value) -> Any:
    """Return what ``freeze`` was given: tuples made lists and mappings ``dict``, nested ones too."""
    if isinstance(value, tuple):
        return [thaw(item) for item in value]
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    return value
