"""The front door: is this history linearizable?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing

from attrs import evolve

from holdfast.checker.auto import GENERAL, Chosen
from holdfast.checker.budget import Budget
from holdfast.checker.engines import Answer, GaveUp, NoOrder, Order
from holdfast.checker.explain.certified import certified_counterexample
from holdfast.checker.explain.counterexample import counterexample_of
from holdfast.checker.explain.parts import Part
from holdfast.checker.parallel import answers
from holdfast.checker.question import Models, Question, questions_of
from holdfast.checker.replay import objection
from holdfast.checker.verdict import (
    Counterexample,
    Linearizable,
    NotLinearizable,
    Spent,
    Unknown,
    Verdict,
)
from holdfast.histories.history import History, Selection
from holdfast.histories.operation import Operation
from holdfast.models.value import Value

AUTO = "auto"
EXPLAIN_SECONDS = 2.0
EXPLAIN_SECONDS_EACH = 1e-5
"""What making the counterexample small may take: so long, or so long for each operation, or twice as long
as finding it took; whichever is most."""


def check(
    history: History | Sequence[Operation],
    model: Models,
    *,
    budget: Budget | float | None = None,
    engine: str = AUTO,
    keys: Collection[Value] | None = None,
    explain: bool = True,
) -> Verdict:
    """Return whether ``history`` is linearizable with respect to ``model``, with the proof.

    Each key is decided on its own, those with the fewest operations first. The check ends at the
    first key that is not linearizable; it is unknown if none is found, but a budget ran out on some.

    Args:
        history: a history, or operations in the order of their invocations.
        model: the sequential specification; or for each key its own.
        budget: how much to spend, or how many seconds; without it there is no limit.
        engine: the name of the decision procedure; ``auto`` leaves the choice to holdfast, key by key.
        keys: the keys to decide; all by default.
        explain: whether to look for a small counterexample, and for the model's words on it. Without,
            a counterexample is all of its key's operations: enough for who checks thousands of
            histories and explains one.

    Raises:
        HistoryError: the model does not know a call of the history; it names line and remedy.
        TypeError: the arguments are not what they must be.
        ValueError: a key has no model, or does not occur in the history.
        UnknownName: there is no such engine.
    """
    limits = budget if isinstance(budget, Budget) else Budget(seconds=budget)
    check = _Check(limits, Chosen(None if engine == AUTO else engine), explain=explain)
    return check.run(questions_of(history, model, keys))


class _Check:
    def __init__(self, limits: Budget, engine: Chosen, *, explain: bool) -> None:
        self._explain = explain
        self._engine = engine
        self._limits = limits
        self._watch = limits.start()
        self._configurations = 0

    def run(self, questions: Sequence[Question]) -> Verdict:
        witnesses: dict[Value, Sequence[Operation]] = {question.key: () for question in questions}
        unknown: Unknown | None = None
        failed: tuple[Question, NoOrder] | None = None
        fewest_first = sorted(questions, key=lambda question: len(question.operations))
        names: dict[str, None] = {}
        fallback: str | None = None
        with closing(answers(fewest_first, self._engine, self._watch)) as answered:
            for question, answer in answered:
                self._configurations += answer.configurations
                names[self._name(question, answer)] = None
                fallback = fallback or _fallback(question, answer)
                match answer:
                    case Order():
                        witnesses[question.key] = self._replayed(question, answer)
                    case NoOrder():
                        failed = question, answer
                        break
                    case GaveUp():
                        if unknown is None:
                            unknown = self._unknown(question, answer)
        if failed is not None:
            return self._not_linearizable(*failed)
        if unknown is not None:
            return evolve(unknown, spent=self._spent())
        engine = "+".join(names) or self._engine.name or GENERAL
        return Linearizable(witnesses, engine, self._spent(), fallback)

    def _name(self, question: Question, answer: Answer) -> str:
        """Return the name of the engine that gave this answer."""
        return GENERAL if answer.fallback is not None else self._engine.name_for(question.model)

    def _replayed(self, question: Question, answer: Order) -> Sequence[Operation]:
        problem = question.problem
        wrong = objection(problem, answer.places)
        if wrong is not None:
            raise RuntimeError(
                f"a bug in holdfast: the engine {self._name(question, answer)} gave a witness for key "
                f"{question.key!r} that does not replay: {wrong}"
            )
        return Selection(problem.operations, answer.places)

    def _not_linearizable(self, question: Question, answer: NoOrder) -> NotLinearizable:
        counterexample = self._counterexample(question, answer)
        return NotLinearizable(
            counterexample,
            self._name(question, answer),
            self._spent(),
            _fallback(question, answer),
        )

    def _counterexample(self, question: Question, answer: NoOrder) -> Counterexample:
        if answer.certificate is not None:
            return certified_counterexample(
                question, answer.certificate, answer.completion, explain=self._explain
            )
        if not self._explain:
            operations = question.problem.operations
            return Counterexample(question.key, operations[answer.completion], (), operations)
        return counterexample_of(
            question.key,
            Part.of(question.problem, question.tokens),
            answer,
            self._budget_for_explaining(len(question.operations)),
        )

    def _unknown(self, question: Question, answer: GaveUp) -> Unknown:
        returns = sum(mark < 0 for mark in question.problem.endpoints)
        of_key = "" if question.key is None else f" of key {question.key!r}"
        detail = f"an order explains the first {answer.returns_explained} of {returns} completions"
        return Unknown(
            answer.reason,
            detail + of_key,
            self._name(question, answer),
            self._spent(),
            _fallback(question, answer),
        )

    def _budget_for_explaining(self, operations: int) -> Budget:
        spent = self._watch.seconds
        seconds = max(EXPLAIN_SECONDS, operations * EXPLAIN_SECONDS_EACH, 2 * spent)
        if self._limits.seconds is not None:
            seconds = max(0.05, min(seconds, self._limits.seconds - spent))
        return evolve(self._limits, seconds=seconds)

    def _spent(self) -> Spent:
        return Spent(self._watch.seconds, self._configurations)


def _fallback(question: Question, answer: Answer) -> str | None:
    if answer.fallback is None or question.key is None:
        return answer.fallback
    return f"key {question.key!r}: {answer.fallback}"
