"""From a history and its models to one question for each key, with everything wrong refused at once."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from holdfast.checker.problem import Misfit, Problem
from holdfast.checker.vocabulary import vocabulary_of
from holdfast.histories.asked import asked_values_of, with_asked_values
from holdfast.histories.columns import Columns, columns_of
from holdfast.histories.errors import HistoryError
from holdfast.histories.history import History, Selection
from holdfast.histories.operation import Operation
from holdfast.histories.split import split_by_key
from holdfast.models.model import Model, takes_instants
from holdfast.models.value import Value, freeze

Models = Model[Any] | Mapping[Any, Model[Any]]
"""A model for every key, or for each key its own."""


HOW_TO_GET_ONE = "read_history(path) reads a History, History.of(events) makes one"


@frozen(eq=False)
class Question:
    """Whether one key's operations are linearizable.

    Args:
        key: the key, or ``None`` where the history has none.
        model: the sequential specification.
        operations: all of the key's operations, in the order of invocation.
        columns: the same as numbers; the value of a lock's call is its token.
        problem: the question as an engine takes it.
    """

    key: Value
    model: Model[Any]
    operations: Sequence[Operation]
    columns: Columns = field(repr=False)
    problem: Problem = field(repr=False)

    @property
    def tokens(self) -> Mapping[int, Value]:
        """By operation number, the token that stands for the call's value (and its instants with it)."""
        return asked_values_of(self.columns, self.model)


def questions_of(
    history: History | Sequence[Operation], model: Models, keys: Collection[Value] | None
) -> list[Question]:
    """Return a question for each key, keys in the order of their first appearance.

    Args:
        history: a history, or operations in the order of their invocations.
        model: the model of every key, or for each key its own.
        keys: the keys to ask about; all by default.

    Raises:
        HistoryError: the model does not know a call of the history.
        TypeError: the arguments are not what they must be.
        ValueError: a key has no model or does not occur, or the operations are in no order.
    """
    operations = _operations(history)
    columns = history.columns if isinstance(history, History) else columns_of(operations)
    parts = split_by_key(columns)
    wanted = parts if keys is None else dict.fromkeys(map(freeze, keys))
    if not parts:
        return []
    return [_question(key, model, operations, columns, parts) for key in wanted]


def _operations(history: History | Sequence[Operation]) -> Sequence[Operation]:
    if isinstance(history, History):
        return history
    if not isinstance(history, Sequence):
        raise TypeError(f"check takes a History or Operations, not {history!r}; {HOW_TO_GET_ONE}")
    for place, operation in enumerate(history):
        if not isinstance(operation, Operation):
            raise TypeError(f"{operation!r} is not an Operation; {HOW_TO_GET_ONE}")
        if place and not _in_order(history[place - 1], operation):
            raise ValueError(
                f"operation {operation.number} comes after operation {history[place - 1].number}: "
                "give operations in the order of their invocations, numbered in that order"
            )
    return history


def _in_order(first: Operation, second: Operation) -> bool:
    return first.number < second.number and first.invoked <= second.invoked


def _question(
    key: Value,
    model: Models,
    history: History | Sequence[Operation],
    columns: Columns,
    parts: Mapping[Hashable, array[int] | None],
) -> Question:
    if key not in parts:
        there = ", ".join(map(repr, parts))
        raise ValueError(f"no operation has the key {key!r}; the keys are {there}")
    places = parts[key]
    operations = history
    if places is not None:
        operations, columns = Selection(history, places), columns.at(places)
    its_model = _model_of(key, model, operations)
    vocabulary = vocabulary_of(its_model)
    if not vocabulary.as_recorded:
        _refuse_untimed(history, its_model)
        columns = with_asked_values(columns, its_model)
    try:
        problem = Problem.of_columns(vocabulary, operations, columns)
    except Misfit as error:
        raise _refused(error, operations[error.place], history) from error
    return Question(key, its_model, operations, columns, problem)


def _refuse_untimed(history: History | Sequence[Operation], model: Model[Any]) -> None:
    if takes_instants(model) and isinstance(history, History) and not history.timed:
        raise HistoryError(
            f"the events have no times, which {type(model).__name__} goes by",
            remedy="record times in nanoseconds, or choose a model that knows no TTL",
            source=history.source,
        )


def _model_of(key: Value, model: Models, operations: Sequence[Operation]) -> Model[Any]:
    if isinstance(model, Mapping):
        if key not in model:
            first = operations[0]
            raise ValueError(
                f"no model for the key {key!r}, which operation {first.number} ({first.f}) is about; "
                f"add {key!r} to the models, or name the keys to check with keys="
            )
        model = model[key]
    if isinstance(model, (type, str)) or not hasattr(model, "step"):
        raise TypeError(
            f"{model!r} is not a model; give an instance such as OwnedMutex(), or MODELS[name]()"
        )
    return model


def _refused(
    error: Misfit, operation: Operation, history: History | Sequence[Operation]
) -> HistoryError:
    of_file = history if isinstance(history, History) else None
    return HistoryError(
        f"operation {operation.number}, {operation.f!r} by process {operation.process!r}, "
        f"does not fit the model: {error}",
        remedy="choose the model that was recorded (holdfast list models), or correct the file",
        source="history" if of_file is None else of_file.source,
        line=None if of_file is None else of_file.line_of(operation),
    )
