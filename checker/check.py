"""The front door: is this history linearizable?"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import evolve

from holdfast.checker.budget import Budget
from holdfast.checker.engines import ENGINES, Engine, GaveUp, NoOrder, Order
from holdfast.checker.explain.counterexample import counterexample_of
from holdfast.checker.explain.parts import Part
from holdfast.checker.problem import Problem
from holdfast.checker.question import Models, Question, questions_of
from holdfast.checker.replay import objection
from holdfast.checker.verdict import Linearizable, NotLinearizable, Spent, Unknown, Verdict
from holdfast.histories.history import History
from holdfast.histories.operation import Operation
from holdfast.models.value import Value

AUTO = "auto"
DEFAULT_ENGINE = "wgl"
EXPLAIN_SECONDS = 2.0
"""What making the counterexample small may take; or twice as long as finding it took, if that is more."""


def check(
    history: History | Sequence[Operation],
    model: Models,
    *,
    budget: Budget | float | None = None,
    engine: str = AUTO,
    keys: Collection[Value] | None = None,
) -> Verdict:
    """Return whether ``history`` is linearizable with respect to ``model``, with the proof.

    Each key is decided on its own, those with the fewest operations first. The check ends at the
    first key that is not linearizable; it is unknown if none is found, but a budget ran out on some.

    Args:
        history: a history, or operations in the order of their invocations.
        model: the sequential specification; or for each key its own.
        budget: how much to spend, or how many seconds; without it there is no limit.
        engine: the name of the decision procedure; ``auto`` leaves the choice to holdfast.
        keys: the keys to decide; all by default.

    Raises:
        HistoryError: the model does not know a call of the history; it names line and remedy.
        TypeError: the arguments are not what they must be.
        ValueError: a key has no model, or does not occur in the history.
        UnknownName: there is no such engine.
    """
    limits = budget if isinstance(budget, Budget) else Budget(seconds=budget)
    check = _Check(limits, DEFAULT_ENGINE if engine == AUTO else engine)
    return check.run(questions_of(history, model, keys))


class _Check:
    def __init__(self, limits: Budget, engine: str) -> None:
        decider: Engine = ENGINES[engine]()
        self._name = engine
        self._decider = decider
        self._limits = limits
        self._watch = limits.start()
        self._configurations = 0

    def run(self, questions: Sequence[Question]) -> Verdict:
        witnesses: dict[Value, tuple[Operation, ...]] = {question.key: () for question in questions}
        unknown: Unknown | None = None
        for question in sorted(questions, key=lambda question: len(question.operations)):
            problem = question.problem()
            answer = self._decider.decide(problem, self._watch)
            self._configurations += answer.configurations
            match answer:
                case Order():
                    witnesses[question.key] = self._replayed(question, problem, answer)
                case NoOrder():
                    return self._not_linearizable(question, problem, answer)
                case GaveUp():
                    if unknown is None:
                        unknown = self._unknown(question, problem, answer)
        if unknown is not None:
            return evolve(unknown, spent=self._spent())
        return Linearizable(witnesses, self._name, self._spent())

    def _replayed(
        self, question: Question, problem: Problem, answer: Order
    ) -> tuple[Operation, ...]:
        witness = tuple(problem.operations[place] for place in answer.places)
        wrong = objection(question.model, question.operations, question.tokens, witness)
        if wrong is not None:
            raise RuntimeError(
                f"a bug in holdfast: the engine {self._name} gave a witness for key "
                f"{question.key!r} that does not replay: {wrong}"
            )
        return witness

    def _not_linearizable(
        self, question: Question, problem: Problem, answer: NoOrder
    ) -> NotLinearizable:
        counterexample = counterexample_of(
            question.key, Part.of(problem, question.tokens), answer, self._budget_for_explaining()
        )
        return NotLinearizable(counterexample, self._name, self._spent())

    def _unknown(self, question: Question, problem: Problem, answer: GaveUp) -> Unknown:
        returns = sum(mark < 0 for mark in problem.endpoints)
        of_key = "" if question.key is None else f" of key {question.key!r}"
        detail = f"an order explains the first {answer.returns_explained} of {returns} completions"
        return Unknown(answer.reason, detail + of_key, self._name, self._spent())

    def _budget_for_explaining(self) -> Budget:
        spent = self._watch.seconds
        seconds = max(EXPLAIN_SECONDS, 2 * spent)
        if self._limits.seconds is not None:
            seconds = max(0.05, min(seconds, self._limits.seconds - spent))
        return evolve(self._limits, seconds=seconds)

    def _spent(self) -> Spent:
        return Spent(self._watch.seconds, self._configurations)
