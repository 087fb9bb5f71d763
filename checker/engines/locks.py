"""The engine for locks: exact procedures in near-linear time; a search for the little that they leave."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from holdfast.checker.budget import Watch
from holdfast.checker.engines import ENGINES, Answer, GaveUp, NoOrder, Order
from holdfast.checker.engines.search import Search
from holdfast.checker.locks import rows
from holdfast.checker.locks.certificate import Certificate, named, renumbered
from holdfast.checker.locks.decide import decide, is_lock
from holdfast.checker.problem import Problem
from holdfast.histories.columns import INFO
from holdfast.models.model import Model

NO_LOCK = "the model is no lock that a procedure is known for"


@ENGINES.register("locks")
class Locks:
    """Decide locks from the times in which they are certainly held, with a certificate of a few calls.

    The procedures of ``holdfast.checker.locks`` are exact; what is outside of what they decide is left to
    the engine ``search``, and the verdict says so (docs/decisions/0012).
    """

    @staticmethod
    def suits(model: Model[Any]) -> bool:
        """Return whether ``model`` is a lock that there is a procedure for."""
        return is_lock(model)

    def decide(self, problem: Problem, watch: Watch) -> Answer:
        """Return whether the problem's operations have a legal order."""
        if (reason := watch.exhausted()) is not None:
            return GaveUp(reason, 0, 0)
        if not self.suits(problem.model):
            return evolve(Search().decide(problem, watch), fallback=NO_LOCK)
        found = decide(problem)
        if isinstance(found, rows.Outside):
            return evolve(Search().decide(problem, watch), fallback=found.reason)
        if isinstance(found, rows.Order):
            return Order(found.places, 0)
        return _no_order(problem, found)


def _no_order(problem: Problem, found: Certificate) -> NoOrder:
    """Return a certificate that names operations by place as an answer."""
    outcomes, completed = problem.columns.outcome, problem.columns.completed
    returned = [place for place in named(found) if outcomes[place] != INFO]
    last = max(returned, key=lambda place: (completed[place], place))
    return NoOrder(last, (), 0, certificate=renumbered(found, problem.columns.number))
