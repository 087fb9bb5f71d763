"""Real-time order: which operation certainly came before which. The closed-interval rule stands here."""

from __future__ import annotations

from array import array

from holdfast.histories import core
from holdfast.histories.columns import INFO, Columns, packed
from holdfast.histories.operation import Operation


def endpoints(columns: Columns) -> array[int]:
    """Return the invocations and returns of operations in real-time order.

    The operation at place ``i`` contributes ``i`` where it is invoked and ``~i`` (that is, ``-i - 1``)
    where it returns. One of unknown outcome does not return: it may take effect at any time after its
    invocation, or never.

    Intervals are closed: of events at one instant, invocations come first, so an operation that returns
    at the instant when another is invoked is concurrent with it. Clocks have a granularity; the other
    choice could call an overlap a sequence, and so accuse a correct lock.
    """
    returns = columns.outcome.translate(_RETURNS)
    return packed(core.endpoints(columns.invoked, columns.completed, returns))


_RETURNS = bytes(number != INFO for number in range(256))


def precedes(first: Operation, second: Operation) -> bool:
    """Return whether ``first`` certainly took effect before ``second`` was invoked."""
    return first.returned is not None and first.returned < second.invoked
