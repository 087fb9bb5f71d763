"""What an engine decides: a model, and one key's operations as calls and results in time."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from attrs import evolve, frozen

from holdfast.checker.vocabulary import DROPPED, Vocabulary, vocabulary_of
from holdfast.histories import core
from holdfast.histories.columns import FAIL, NONE, Columns, Values, columns_of, packed, taken
from holdfast.histories.history import Selection
from holdfast.histories.operation import Operation
from holdfast.histories.order import endpoints
from holdfast.models.model import (
    Call,
    InvalidCall,
    Model,
    ObservesFailures,
    Result,
    accepts_any_value,
    unknown_function,
)
from holdfast.models.value import Value, freeze


@frozen(eq=False, slots=False)
class Problem:
    """A question for an engine: is there a legal order of these operations?

    The operations of known effect must all take effect between their endpoints; those of unknown
    outcome may, at any time after their invocation. Failed ones are in it only if the model reads
    something into them.

    Args:
        operations: those that count, in the order of invocation. An engine speaks of them by their
            place.
        columns: the same as numbers; the value of a lock's call is its token.
        vocabulary: the model, and what it was ever asked.
    """

    operations: Sequence[Operation]
    columns: Columns
    vocabulary: Vocabulary

    @cached_property
    def asks(self) -> array[int]:
        """What the model is asked for each operation, by number in the vocabulary (int32)."""
        return asks_of(self.vocabulary, self.columns)

    @cached_property
    def endpoints(self) -> array[int]:
        """``i`` where operation ``i`` is invoked, ``~i`` where it returns, in real-time order (int32)."""
        return endpoints(self.columns)

    @property
    def model(self) -> Model[Any]:
        """The sequential specification."""
        return self.vocabulary.model

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """What the model is asked for each operation."""
        return tuple(self.vocabulary.asked[ask][0] for ask in self.asks)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """What was answered; ``Info`` for an unknown outcome."""
        return tuple(self.vocabulary.asked[ask][1] for ask in self.asks)

    @classmethod
    def of(
        cls, model: Model[Any], operations: Sequence[Operation], tokens: Mapping[int, Value]
    ) -> Problem:
        """Return the problem of ``operations``, all of one key.

        Args:
            model: the sequential specification.
            operations: one key's operations, in the order of invocation. Values of operations that
                no format has read are frozen here.
            tokens: by operation number, the token that replaces the call's value.

        Raises:
            Misfit: the model does not know a call.
        """
        columns = columns_of(operations)
        if tokens:
            columns = _with_tokens(columns, tokens)
        return cls.of_columns(vocabulary_of(model), operations, columns)

    @classmethod
    def of_columns(
        cls, vocabulary: Vocabulary, operations: Sequence[Operation], columns: Columns
    ) -> Problem:
        """Return the problem of operations that are given as columns as well.

        Raises:
            Misfit: the model does not know a call.
        """
        lazily = accepts_any_value(vocabulary.model)
        asks = (_said if lazily else asks_of)(vocabulary, columns)
        if DROPPED in asks:
            places = packed(core.kept(asks))
            asks = taken(asks, places)
            operations, columns = Selection(operations, places), columns.at(places)
        problem = cls(operations, columns, vocabulary)
        if not lazily:
            vars(problem)["asks"] = asks
        return problem


class Misfit(InvalidCall):
    """A call of a history that the model does not know.

    Args:
        place: the operation's place.
        error: the model's word on it.
    """

    def __init__(self, place: int, error: InvalidCall) -> None:
        super().__init__(str(error))
        self.place = place


def asks_of(vocabulary: Vocabulary, columns: Columns) -> array[int]:
    """Return what the model is asked for each row, by number in ``vocabulary``, or ``DROPPED``.

    Raises:
        Misfit: the model does not know a call.
    """
    numbers, firsts = map(
        packed, core.numbered_rows(columns.f, columns.value, columns.answer, columns.outcome)
    )
    functions, outcomes = columns.functions, columns.outcome
    values, identities = columns.values.in_order, columns.values.identities
    asks = array("i")
    rows = zip(
        firsts,
        taken(columns.f, firsts),
        taken(columns.value, firsts),
        taken(columns.answer, firsts),
        strict=True,
    )
    for place, f, value, answer in rows:
        key = functions[f], outcomes[place], identities[value], identities[answer]
        ask = vocabulary.numbers.get(key)
        if ask is None:
            try:
                ask = vocabulary.add(key, values[value], values[answer])
            except InvalidCall as error:
                raise Misfit(place, error) from error
        asks.append(ask)
    return taken(asks, numbers)


def _said(vocabulary: Vocabulary, columns: Columns) -> array[int]:
    """Return ``DROPPED`` for each failed call that says nothing, for a model that accepts any value.

    Raises:
        Misfit: the model does not know a function.
    """
    model = vocabulary.model
    there = set(columns.f)
    for number, f in enumerate(columns.functions):
        if f not in model.functions and number in there:
            place = columns.f.index(number)
            raise Misfit(place, unknown_function(Call(f), model.functions))
    if FAIL not in columns.outcome:
        return array("i")
    observed = model.observed_failures if isinstance(model, ObservesFailures) else ()
    numbers, firsts = map(
        packed, core.numbered_rows(columns.f, columns.f, columns.f, columns.outcome)
    )
    says = array("i")
    for first in firsts:
        failed = columns.outcome[first] == FAIL
        said = not failed or columns.functions[columns.f[first]] in observed
        says.append(0 if said else DROPPED)
    return taken(says, numbers)


def _with_tokens(columns: Columns, tokens: Mapping[int, Value]) -> Columns:
    values = Values(columns.values.in_order)
    replaced = array("i", columns.value)
    for row, number in enumerate(columns.number):
        if number in tokens:
            token = tokens[number]
            replaced[row] = NONE if token is None else values.number(freeze(token))
    return evolve(columns, value=replaced, values=values)
