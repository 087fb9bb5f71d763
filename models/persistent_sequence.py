"""An immutable sequence that grows and shrinks at its ends at little cost: for queues and stacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from holdfast.models.value import Value

PRIME = (1 << 61) - 1
BASE = 0x0B5E_55ED_C0DE_F00D % PRIME


class _Link(NamedTuple):
    """An item, and those before it.

    Args:
        value: the item.
        before: the link before; ``None`` below the first.
        number: its place in the chain, from 1.
        jump: a link further back, for walks of logarithmic length.
        digest: of all values up to this one: a polynomial in ``BASE``.
    """

    value: Any
    before: Any
    number: int
    jump: Any
    digest: int


GROUND = _Link(None, None, 0, None, 0)


class PersistentSequence:
    """A hashable sequence that shares its memory with those it was made from.

    Engines keep every state that they meet: as tuples, the states of a queue that once holds 5,000
    elements take gigabytes. Here one more item is one more link in a chain. A digest kept with each
    link gives the hash of any stretch of the chain, and back-pointers lead to the first item in
    logarithmic time (E. Myers, *An applicative random-access stack*, Information Processing Letters
    17 (1983)).

    Args:
        values: what it holds at first.
    """

    __slots__ = ("_dropped", "_last", "_length")

    def __init__(self, values: Iterable[Value] = ()) -> None:
        self._last = GROUND
        self._length = 0
        self._dropped = 0  # the digest of what once stood before the first item
        for value in values:
            self._last = _linked(self._last, value)
            self._length += 1

    @property
    def first(self) -> Any:
        """The first item; there must be one."""
        return self._first_link().value

    @property
    def last(self) -> Any:
        """The last item; there must be one."""
        assert self._length
        return self._last.value

    def append(self, value: Value) -> PersistentSequence:
        """Return a sequence with ``value`` at its end."""
        return _made(_linked(self._last, value), self._length + 1, self._dropped)

    def without_first(self) -> PersistentSequence:
        """Return a sequence that lacks the first item."""
        return _made(self._last, self._length - 1, self._first_link().digest)

    def without_last(self) -> PersistentSequence:
        """Return a sequence that lacks the last item."""
        assert self._length
        return _made(self._last.before, self._length - 1, self._dropped)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Value]:
        values: list[Value] = []
        link = self._last
        for _ in range(self._length):
            values.append(link.value)
            link = link.before
        return reversed(values)

    def __hash__(self) -> int:
        before = self._dropped * pow(BASE, self._length, PRIME)
        return hash((self._length, (self._last.digest - before) % PRIME))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PersistentSequence):
            return NotImplemented
        if self._length != other._length:
            return False
        mine, its = self._last, other._last
        for _ in range(self._length):
            if mine is its:  # and so is all before
                return True
            if mine.value != its.value:
                return False
            mine, its = mine.before, its.before
        return True

    def __repr__(self) -> str:
        return repr(list(self))

    def __reduce__(self) -> tuple[type[PersistentSequence], tuple[list[Value]]]:
        # By its items: hashes of strings differ in every process, and chains are too deep to follow.
        return PersistentSequence, (list(self),)

    def _first_link(self) -> _Link:
        assert self._length
        wanted = self._last.number - self._length + 1
        link = self._last
        while link.number > wanted:
            link = link.jump if link.jump.number >= wanted else link.before
        return link


def _made(last: _Link, length: int, dropped: int) -> PersistentSequence:
    made = PersistentSequence()
    if length:
        made._last, made._length, made._dropped = last, length, dropped
    return made


def _linked(before: _Link, value: Value) -> _Link:
    jump = before.jump
    # Two jumps of one length end at one of twice the length; else a new jump begins.
    if jump is None or jump.jump is None:
        reached = before
    else:
        equal = before.number - jump.number == jump.number - jump.jump.number
        reached = jump.jump if equal else before
    digest = (before.digest * BASE + hash(value)) % PRIME
    return _Link(value, before, before.number + 1, reached, digest)
