"""An immutable mapping of which a changed copy costs little: for states with many parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from holdfast.models.value import Value

LEAF_MAX = 8
"""Entries of a leaf before it is split."""

BITS = 4
WIDTH = 1 << BITS
DIGEST_MASK = (1 << 64) - 1
DEPTH_MAX = 64 // BITS

Leaf = dict[Value, Any]
Node = Leaf | tuple[Any, ...]
"""A leaf, or the ``WIDTH`` nodes below a branch; never changed once it is part of a map."""

NO_ENTRIES: Leaf = {}


class PersistentMap:
    """A hashable mapping that shares nearly all of its memory with those it was made from.

    Engines keep every state that they meet. A set of 10,000 elements as a ``frozenset`` takes half a
    megabyte, again for each element added, and as long to hash. Here an entry more costs a path of a
    tree (a hash trie: P. Bagwell, *Ideal Hash Trees*, EPFL 2001), and the hash is a sum that is
    brought up to date. Up to ``LEAF_MAX`` entries it is a ``dict`` that is copied.

    Args:
        entries: what it holds at first.
    """

    __slots__ = ("_digest", "_root", "_size")

    def __init__(self, entries: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = ()) -> None:
        self._root: Node = NO_ENTRIES
        self._size = 0
        self._digest = 0
        for key, value in dict(entries).items():
            bits = _bits(key)
            self._root = _with(self._root, bits, 0, key, value)
            self._size += 1
            self._digest = (self._digest + hash((key, value))) & DIGEST_MASK

    def get(self, key: Value, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default`` where there is none."""
        node = self._root
        if isinstance(node, tuple):
            bits = _bits(key)
            while isinstance(node, tuple):
                node = node[bits % WIDTH]
                bits >>= BITS
        return node.get(key, default)

    def with_entry(self, key: Value, value: Any) -> PersistentMap:
        """Return a map in which ``key`` has ``value``."""
        digest = self._digest + hash((key, value))
        size = self._size
        if key in self:
            digest -= hash((key, self.get(key)))
        else:
            size += 1
        return _made(_with(self._root, _bits(key), 0, key, value), size, digest)

    def without(self, key: Value) -> PersistentMap:
        """Return a map that has no ``key``."""
        if key not in self:
            return self
        digest = self._digest - hash((key, self.get(key)))
        return _made(_without(self._root, _bits(key), key), self._size - 1, digest)

    def items(self) -> Iterator[tuple[Value, Any]]:
        """Yield each key with its value, in no order that means anything."""
        return _entries(self._root)

    def __iter__(self) -> Iterator[Value]:
        return (key for key, _ in self.items())

    def __contains__(self, key: Value) -> bool:
        return self.get(key, NO_ENTRIES) is not NO_ENTRIES

    def __len__(self) -> int:
        return self._size

    def __hash__(self) -> int:
        return hash((self._size, self._digest))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PersistentMap):
            return NotImplemented
        if self._size != other._size or self._digest != other._digest:
            return False
        return _same(self._root, other._root)

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{key!r}: {value!r}" for key, value in in_order(self.items())) + "}"

    def __reduce__(self) -> tuple[type[PersistentMap], tuple[dict[Value, Any]]]:
        # By its entries: hashes of strings, and with them the tree, differ in every process.
        return PersistentMap, (dict(self.items()),)


def in_order(values: Iterable[Any]) -> list[Any]:
    """Return ``values`` sorted, or by their words where they cannot be compared, to be read."""
    listed = list(values)
    try:
        return sorted(listed)
    except TypeError:
        return sorted(listed, key=repr)


def _made(root: Node, size: int, digest: int) -> PersistentMap:
    made = PersistentMap()
    made._root, made._size, made._digest = root, size, digest & DIGEST_MASK
    return made


def _bits(key: Value) -> int:
    # Of a tuple, as numbers are their own hashes and multiples of WIDTH would all share a path.
    return hash((key,)) & DIGEST_MASK


def _with(node: Node, bits: int, depth: int, key: Value, value: Any) -> Node:
    if isinstance(node, dict):
        leaf = {**node, key: value}
        return leaf if len(leaf) <= LEAF_MAX or depth == DEPTH_MAX else _branch(leaf, depth)
    place = bits % WIDTH
    child = _with(node[place], bits >> BITS, depth + 1, key, value)
    return (*node[:place], child, *node[place + 1 :])


def _branch(leaf: Leaf, depth: int) -> Node:
    children = [NO_ENTRIES] * WIDTH
    for key, value in leaf.items():
        place = (_bits(key) >> BITS * depth) % WIDTH
        children[place] = {**children[place], key: value}
    return tuple(children)


def _without(node: Node, bits: int, key: Value) -> Node:
    if isinstance(node, dict):
        leaf = dict(node)
        del leaf[key]
        return leaf or NO_ENTRIES
    place = bits % WIDTH
    child = _without(node[place], bits >> BITS, key)
    branch = (*node[:place], child, *node[place + 1 :])
    return branch if any(branch) else NO_ENTRIES


def _entries(node: Node) -> Iterator[tuple[Value, Any]]:
    if isinstance(node, dict):
        yield from node.items()
    else:
        for child in node:
            yield from _entries(child)


def _same(first: Node, second: Node) -> bool:
    if first is second:
        return True
    if isinstance(first, tuple) and isinstance(second, tuple):
        return all(map(_same, first, second))
    # The same entries may stand in a leaf, or below a branch that held more of them once.
    return dict(_entries(first)) == dict(_entries(second))
