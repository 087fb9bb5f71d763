"""A call as a monitor takes it."""

from __future__ import annotations

from attrs import frozen

from holdfast.checker.locks.rows import Kind
from holdfast.models.lock import ACQUIRE, RELEASE
from holdfast.models.value import Value

FLIPS = {ACQUIRE: Kind.ACQUIRE, RELEASE: Kind.RELEASE}
"""The functions that change a lock."""


class OutsideMonitor(ValueError):
    """An event is outside what a lock's own monitor decides.

    Args:
        reason: why.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason}: give all events to Monitor(model, general=True), which searches"
        )


@frozen
class Called:
    """A call.

    Args:
        number: the operation's number.
        f: the function.
        value: its value; a lock's token, or owner.
        instant: when it was made, doubled.
        named: whether its own event told the value.
    """

    number: int
    f: str
    value: Value
    instant: int
    named: bool = True
