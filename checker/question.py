"""From a history and its models to one question for each key, with everything wrong refused at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import frozen

from holdfast.checker.problem import Problem, call_of, result_of
from holdfast.histories.errors import HistoryError
from holdfast.histories.history import History
from holdfast.histories.operation import Operation, Outcome
from holdfast.histories.split import split_by_key
from holdfast.histories.tokens import tokens_of
from holdfast.models.model import Info, InvalidCall, Model, OwnedByToken
from holdfast.models.value import Value, freeze

Models = Model[Any] | Mapping[Any, Model[Any]]
"""A model for every key, or for each key its own."""


HOW_TO_GET_ONE = "read_history(path) reads a History, History.of(events) makes one"


@frozen
class Question:
    """Whether one key's operations are linearizable.

    Args:
        key: the key, or ``None`` where the history has none.
        model: the sequential specification.
        operations: all of the key's operations, in the order of invocation.
        tokens: by operation number, the token that replaces the call's value.
    """

    key: Value
    model: Model[Any]
    operations: tuple[Operation, ...]
    tokens: Mapping[int, Value]

    def problem(self) -> Problem:
        """Return the question as an engine takes it."""
        return Problem.of(self.model, self.operations, self.tokens)


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
    parts = split_by_key(_operations(history))
    wanted = parts if keys is None else dict.fromkeys(map(freeze, keys))
    questions = [_question(key, model, parts) for key in wanted] if parts else []
    for question in questions:
        _refuse_invalid_calls(question, history)
    return questions


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


def _question(key: Value, model: Models, parts: Mapping[Value, tuple[Operation, ...]]) -> Question:
    if key not in parts:
        there = ", ".join(map(repr, parts))
        raise ValueError(f"no operation has the key {key!r}; the keys are {there}")
    operations = parts[key]
    its_model = _model_of(key, model, operations[0])
    tokens: Mapping[int, Value] = {}
    if isinstance(its_model, OwnedByToken):
        found = tokens_of(operations, its_model.token_calls)
        tokens = {number: freeze(token) for number, token in found.items()}
    return Question(key, its_model, operations, tokens)


def _model_of(key: Value, model: Models, first: Operation) -> Model[Any]:
    if isinstance(model, Mapping):
        if key not in model:
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


def _refuse_invalid_calls(question: Question, history: History | Sequence[Operation]) -> None:
    """Try every call once, so that a history of something else is refused before the search."""
    initial = question.model.initial()
    tried = set()
    for operation in question.operations:
        call = call_of(operation, question.tokens)
        # What a failed call answered is often nothing that the model knows; that it exists is enough.
        result = Info() if operation.outcome is Outcome.FAIL else result_of(operation)
        if (call, result) in tried:
            continue
        tried.add((call, result))
        try:
            question.model.step(initial, call, result)
        except InvalidCall as error:
            of_file = history if isinstance(history, History) else None
            raise HistoryError(
                f"operation {operation.number}, {operation.f!r} by process {operation.process!r}, "
                f"does not fit the model: {error}",
                remedy="choose the model that was recorded (holdfast list models), or correct the file",
                source="history" if of_file is None else of_file.source,
                line=None if of_file is None else of_file.line_of(operation),
            ) from error
