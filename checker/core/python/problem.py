"""A history in integers."""

from __future__ import annotations

import struct
from array import array
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing_extensions import Buffer

OTHER, OBSERVES, OVERWRITES = range(3)
"""What is known of every operation of a class, whatever the state; see problem.hpp."""

NEVER: Final = 2**31 - 1

_OCTET = struct.Struct("B")


class Problem:
    """A history in integers. Operations are numbered in the order of invocation.

    Args:
        op_class: by operation its class, as int32.
        class_kind: by class its kind, as uint8.
        endpoints: ``i`` where operation ``i`` is invoked, ``~i`` where it returns, as int32.

    Raises:
        ValueError: the parts do not fit together.
    """

    def __init__(self, op_class: Buffer, class_kind: Buffer, endpoints: Buffer) -> None:
        self.op_class = _numbers("i", op_class)
        self.class_kind = _numbers("B", class_kind)
        self.endpoints = _numbers("i", endpoints)
        demand(
            all(0 <= cls < len(self.class_kind) for cls in self.op_class),
            "no such class",
        )
        demand(all(kind <= OVERWRITES for kind in self.class_kind), "no such kind")
        self.invoked_at = [NEVER] * len(self.op_class)
        self.returned_at = [NEVER] * len(self.op_class)
        self._place_endpoints()
        self.kind = [self.class_kind[cls] for cls in self.op_class]
        self.slot = self._slots()
        self.slots = max(self.slot, default=-1) + 1

    def returns(self, op: int) -> bool:
        """Return whether the operation returns."""
        return self.returned_at[op] != NEVER

    def _place_endpoints(self) -> None:
        invoked = count()
        for at, mark in enumerate(self.endpoints):
            op = mark if mark >= 0 else ~mark
            demand(op < len(self.op_class), "no such operation")
            places = self.invoked_at if mark >= 0 else self.returned_at
            demand(places[op] == NEVER, "an operation has two equal endpoints")
            demand(
                mark >= 0 or self.invoked_at[op] != NEVER,
                "an operation returns before its invocation",
            )
            demand(
                mark < 0 or mark == next(invoked),
                "operations are not numbered in the order of their invocation",
            )
            places[op] = at
        demand(NEVER not in self.invoked_at, "an operation is never invoked")

    def _slots(self) -> list[int]:
        """Return the slot that each operation which returns holds while it is open."""
        slot = [-1] * len(self.op_class)
        free: list[int] = []
        slots = 0
        for mark in self.endpoints:
            if mark < 0:
                free.append(slot[~mark])
            elif self.returns(mark):
                if not free:
                    free.append(slots)
                    slots += 1
                slot[mark] = free.pop()
        return slot


def _numbers(form: str, source: Buffer) -> array[int]:
    # Asks for the buffer exactly as the compiled core does, so that both refuse the same objects.
    _OCTET.iter_unpack(source)
    numbers = array(form)
    octets = bytes(source)
    demand(
        len(octets) % numbers.itemsize == 0,
        "the buffer does not hold whole, aligned numbers",
    )
    numbers.frombytes(octets)
    return numbers


def demand(holds: bool, what: str) -> None:
    """Raise ``ValueError`` unless it holds."""
    if not holds:
        raise ValueError(what)
