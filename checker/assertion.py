"""``assert_linearizable``: what a test says of a history, with the explanation as its failure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from holdfast.checker import assertion_settings
from holdfast.checker.budget import Budget
from holdfast.checker.check import AUTO, check
from holdfast.checker.hypothesis_hints import tell_hypothesis
from holdfast.checker.question import Models
from holdfast.checker.verdict import Linearizable, NotLinearizable, Unknown
from holdfast.histories.header import header_of
from holdfast.histories.history import History
from holdfast.models.model import Model
from holdfast.models.value import Value

WIDTH = 88
"""Columns of the explanation: with what pytest puts before each line it fits into a hundred."""


class LinearizabilityError(AssertionError):
    """A history is not linearizable, or was not shown to be.

    Attributes:
        verdict: what the check answered.
        history: what was checked.
        models: the model of every key, or for each key its own.
    """

    def __init__(
        self, verdict: NotLinearizable | Unknown, history: History, models: Models
    ) -> None:
        super().__init__()
        self.verdict = verdict
        self.history = history
        self.models = models
        self._words: str | None = None

    def __str__(self) -> str:
        # While Hypothesis shrinks, thousands fail and one is read.
        if self._words is None:
            self._words = _explained(self.verdict, self.history, self.models)
        return self._words

    def __reduce__(self) -> tuple[Any, ...]:
        return AssertionError, (str(self),)


LinearizabilityError.__module__ = (
    "holdfast"  # what a test's failure calls it, and where users find it
)


def assert_linearizable(
    history: History,
    model: Models | None = None,
    *,
    budget: Budget | float | None = None,
    keys: Collection[Value] | None = None,
    engine: str = AUTO,
) -> Linearizable:
    """Return the verdict that ``history`` is linearizable, or raise with the explanation why not.

    Works under pytest, unittest and Hypothesis, with the pytest plugin of holdfast and without.

    Args:
        history: what was recorded.
        model: the sequential specification; or for each key its own; by default those that a recording
            of holdfast names itself.
        budget: how much to spend, or how many seconds; by default the plugin's ``holdfast_budget``.
        keys: the keys to decide; all by default.
        engine: the name of the decision procedure.

    Raises:
        LinearizabilityError: an AssertionError: it is not linearizable, or the budget ran out before that
            was known.
        HistoryError: the model does not know a call of the history.
        TypeError: the arguments are not what they must be.
        ValueError: no model is given and the history names none, or ``check`` says so.
    """
    __tracebackhide__ = True
    if not isinstance(history, History):
        raise TypeError(
            f"assert_linearizable takes a History, not {history!r:.80}; read_history(path) reads one, "
            "History.of(events) makes one"
        )
    settings = assertion_settings.current()
    models = _named_by(history) if model is None else model
    if settings.watch is not None:
        settings.watch(history)
    tell_hypothesis(history)
    verdict = check(
        history,
        models,
        budget=settings.budget if budget is None else budget,
        keys=keys,
        engine=engine,
    )
    if isinstance(verdict, Linearizable):
        return verdict
    raise LinearizabilityError(verdict, history, models)


def _named_by(history: History) -> Mapping[Value, Model[Any]]:
    from holdfast.checker.options import parse_model

    header = header_of(history)
    if header is None:
        raise ValueError(
            f"{history.source} does not name its models; give one: assert_linearizable(history, "
            "OwnedMutex())"
        )
    return {key: parse_model(name) for key, name in header.models.items()}


def _explained(verdict: NotLinearizable | Unknown, history: History, models: Models) -> str:
    from holdfast.checker.explain.plain import plain_text
    from holdfast.checker.reproduction import reproduction

    key = verdict.counterexample.key if isinstance(verdict, NotLinearizable) else None
    model: Any = models.get(key) if isinstance(models, Mapping) else models
    words = plain_text(verdict, history, model, width=WIDTH)
    code = reproduction(history, key)
    return words if code is None else f"{words}\n\nTo see it again:\n\n{code}\n"
