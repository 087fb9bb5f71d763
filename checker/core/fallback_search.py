"""The search of the compiled core in plain Python: same signature, same answers, same errors."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from holdfast.checker.core.python.moves import Poll
from holdfast.checker.core.python.problem import Problem
from holdfast.checker.core.python.strategy import Strategy
from holdfast.checker.core.python.table import Table

if TYPE_CHECKING:
    from typing_extensions import Buffer


def search(  # noqa: PLR0913, PLR0917 (as the compiled core's)
    op_class: Buffer,
    class_kind: Buffer,
    endpoints: Buffer,
    table: Table,
    poll: Poll,
    dominance: bool,
    deadlines: bool,
    patience: int,
) -> tuple[bool, bytes, int, list[tuple[bytes, int]], int]:
    """Return whether a problem in integers has a legal order.

    Args:
        op_class: by operation its class, as int32.
        class_kind: by class whether it observes (1), overwrites (2) or neither (0), as uint8.
        endpoints: ``i`` where operation ``i`` is invoked, ``~i`` where it returns, as int32.
        table: the model, in the same numbers of classes and states as in the searches before that
            used it; classes may have been added.
        poll: asked now and then, with how many configurations were visited, how far among the
            endpoints the search came, and the bytes in use; it ends the search by raising.
        dominance: whether a configuration is dropped when another can do all that it can.
        deadlines: whether of operations that do the same the one that returns first goes first.
        patience: how many configurations without progress make it turn from depth to breadth; with
            0 it turns at once.

    Returns:
        whether there is one; the order, as int32; else the operation whose return nothing survives;
        the dead ends there, each as an order and a state; the number of configurations visited.

    Raises:
        ValueError: the integers do not fit together.
        RuntimeError: another search is using the table.
    """
    problem = Problem(op_class, class_kind, endpoints)
    strategy = Strategy(problem, table, dominance, deadlines, poll)
    with table.leased(strategy.pace.before_asking):
        found = strategy.run(patience)
    if found.reached == len(problem.endpoints):
        return True, _packed(strategy.order(found.there[0])), -1, [], strategy.configurations
    ends = [(_packed(strategy.order(end)), end.state) for end in found.there]
    completion = ~problem.endpoints[found.reached]
    return False, b"", completion, ends, strategy.configurations


def _packed(order: Sequence[int]) -> bytes:
    return array("i", order).tobytes()
