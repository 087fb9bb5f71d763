"""Real-time order: which operation certainly came before which. The closed-interval rule stands here."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.histories.operation import Operation


def endpoints(operations: Sequence[Operation]) -> tuple[int, ...]:
    """Return the invocations and returns of ``operations`` in real-time order.

    The operation at place ``i`` contributes ``i`` where it is invoked and ``~i`` (that is, ``-i - 1``)
    where it returns. One of unknown outcome does not return: it may take effect at any time after its
    invocation, or never.

    Intervals are closed: of events at one instant, invocations come first, so an operation that returns
    at the instant when another is invoked is concurrent with it. Clocks have a granularity; the other
    choice could call an overlap a sequence, and so accuse a correct lock.
    """
    marks = []
    for place, operation in enumerate(operations):
        marks.append((operation.invoked, 0, place))
        if operation.returned is not None:
            marks.append((operation.returned, 1, ~place))
    # At one instant the operations' own order decides among the invocations; among the returns any order
    # serves, as nothing is invoked between them.
    marks.sort(key=lambda mark: (mark[0], mark[1], abs(mark[2])))
    return tuple(mark[2] for mark in marks)


def precedes(first: Operation, second: Operation) -> bool:
    """Return whether ``first`` certainly took effect before ``second`` was invoked."""
    return first.returned is not None and first.returned < second.invoked
