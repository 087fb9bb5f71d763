"""Parts of a history that stay linearizable if the whole is: what may be removed, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import evolve, frozen
from msgspec.structs import replace

from holdfast.checker.problem import Problem
from holdfast.histories.operation import Operation, Outcome
from holdfast.histories.tokens import tokens_of
from holdfast.models.model import (
    Model,
    Observes,
    OwnedByToken,
    TokensInteract,
    takes_instants,
    token_of,
)
from holdfast.models.value import Value


@frozen
class Part:
    """Some operations of one key, under their model.

    Each method that returns a smaller part keeps this promise: if the part is linearizable, so is the
    smaller one. A smaller one that is not linearizable proves therefore that the whole is not.
    docs/decisions/0005 has the arguments.

    Args:
        model: the sequential specification.
        operations: those that count, in the order of invocation.
        tokens: by operation number, the token that replaces the call's value.
    """

    model: Model[Any]
    operations: tuple[Operation, ...]
    tokens: Mapping[int, Value]

    @classmethod
    def of(cls, problem: Problem, tokens: Mapping[int, Value]) -> Part:
        """Return the part that is all of ``problem``."""
        return cls(problem.model, tuple(problem.operations), tokens)

    def problem(self) -> Problem:
        """Return the question whether this part is linearizable."""
        return Problem.of(self.model, self.operations, self.tokens)

    def cut_after(self, completion: Operation) -> Part:
        """Return what was known when ``completion`` had just returned.

        What was pending then has no completion any more; what was invoked later is gone. Of a legal
        order, the beginning up to that instant is a legal order of the rest, as a model allows after a
        lost answer whatever it allows after one that came. A pending observation is left out at once.
        """
        endpoints = list(self.problem().endpoints)
        observing = self._observing_functions()
        place = self.operations.index(completion)
        before = set(endpoints[: endpoints.index(~place) + 1])
        known = []
        for place, operation in enumerate(self.operations):
            if place not in before:
                continue
            if operation.outcome is Outcome.INFO or ~place in before:
                known.append(operation)
            elif not _observes(operation, observing):
                known.append(replace(operation, completion=None, completed=None))
        return evolve(self, operations=tuple(known))

    def observations(self) -> tuple[int, ...]:
        """Return the numbers of the operations that only observe: any of them may be removed.

        They leave every state as it is, so what remains of a legal order is legal.
        """
        observing = self._observing_functions()
        return tuple(
            operation.number for operation in self.operations if _observes(operation, observing)
        )

    def tokens_removable(self) -> Mapping[Value, frozenset[int]]:
        """Return each token with the numbers of its calls: all calls of any token may be removed.

        A model promises it with ``OwnedByToken``, except where there are observations.
        """
        if not isinstance(self.model, OwnedByToken) or self.observations():
            return {}
        if isinstance(self.model, TokensInteract) and self.model.tokens_interact:
            return {}
        calls: dict[Value, set[int]] = {}
        for operation in self.operations:
            if operation.f in self.model.token_calls:
                calls.setdefault(self.token(operation.number), set()).add(operation.number)
            elif takes_instants(self.model):  # it reads
                return {}
        return {token: frozenset(numbers) for token, numbers in calls.items()}

    def token(self, number: int) -> Value:
        """Return the token of a call; ``None`` where it has none."""
        value = self.tokens.get(number)
        return None if value is None else token_of(self.model, value)

    def without(self, numbers: Collection[int]) -> Part:
        """Return the part without the operations of these numbers; see above which may be removed."""
        kept = tuple(operation for operation in self.operations if operation.number not in numbers)
        return evolve(self, operations=kept)

    def self_contained(self) -> Part:
        """Return the part with its tokens written out where they could not be found again in it."""
        if not isinstance(self.model, OwnedByToken):
            return self
        found = tokens_of(self.operations, self.model.token_calls)
        if all(self.token(number) == token for number, token in found.items()):
            return self
        written = tuple(self._with_token(operation) for operation in self.operations)
        return evolve(self, operations=written)

    def _with_token(self, operation: Operation) -> Operation:
        token = self.token(operation.number)
        if token is None or operation.value is not None:
            return operation
        return replace(operation, invocation=replace(operation.invocation, value=token))

    def _observing_functions(self) -> Collection[str]:
        return self.model.observations if isinstance(self.model, Observes) else ()


def _observes(operation: Operation, observing: Collection[str]) -> bool:
    return operation.outcome is Outcome.FAIL or operation.f in observing
