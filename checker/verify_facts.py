"""What a history says, operation by operation, to whom a certificate is verified."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

from attrs import evolve

from holdfast.checker.verify_part import NEVER, PartCall
from holdfast.histories.operation import Operation, Outcome
from holdfast.models.lock import ACQUIRE, HOLDER, IS_LOCKED, RELEASE
from holdfast.models.model import Call, Fail, Info, ObservesFailures, Ok, OwnedByToken, token_of
from holdfast.models.value import Value, freeze


class Wrong(Exception):
    """The certificate does not prove what it says."""


def demand(right: bool, words: str) -> None:
    """Raise ``Wrong`` unless ``right``."""
    if not right:
        raise Wrong(words)


class Facts:
    """A lock's operations that count, by their numbers.

    Args:
        model: a model of a lock.
        operations: one key's operations, all of them.
        values: by operation number, what the model is given in the value's place.

    Attributes:
        all: the operations, without failed ones that say nothing.
        owned: whether calls carry tokens.
        permits: how many may hold at once.
    """

    def __init__(
        self, model: Any, operations: Sequence[Operation], values: Mapping[int, Value]
    ) -> None:
        self.model = model
        self._values = values
        observed = model.observed_failures if isinstance(model, ObservesFailures) else ()
        self.all = [
            one for one in operations if one.outcome is not Outcome.FAIL or one.f in observed
        ]
        self._by_number = {one.number: one for one in self.all}
        self.owned = isinstance(model, OwnedByToken)
        self.permits: int = getattr(model, "permits", 1)

    def __getitem__(self, number: int) -> Operation:
        return self._by_number[number]

    def token(self, one: Operation) -> Value:
        """Return whose call it is, or whom a read told."""
        if one.f == HOLDER:
            return freeze(one.result)
        return token_of(self.model, freeze(self._values.get(one.number, one.value)))

    def changes(self, one: Operation) -> bool:
        """Return whether it may have changed the lock."""
        return one.f in (ACQUIRE, RELEASE) and one.outcome is not Outcome.FAIL

    def saw_free(self, one: Operation) -> bool:
        """Return whether it is a read that found the lock free."""
        told = (one.f, one.outcome) in ((HOLDER, Outcome.OK), (IS_LOCKED, Outcome.OK))
        return told and one.result == (None if one.f == HOLDER else False)

    def tells_holder(self, one: Operation) -> bool:
        """Return whether it is a read that told who held."""
        return one.f == HOLDER and one.outcome is Outcome.OK and one.result is not None

    def saw_held(self, one: Operation) -> bool:
        """Return whether it found the lock held, by whomever."""
        if one.f == ACQUIRE:
            return one.outcome is Outcome.FAIL
        return one.f == IS_LOCKED and one.outcome is Outcome.OK and bool(one.result)

    def needs_holder(self, one: Operation) -> bool:
        """Return whether others' holds matter to it (not so where an owner is denied its own hold)."""
        return self.saw_held(one) and (one.f == IS_LOCKED or not hasattr(self.model, "holds_max"))

    def flips(self, tokens: Collection[Value]) -> list[Operation]:
        """Return all that may have changed the lock on behalf of some tokens."""
        return [one for one in self.all if self.changes(one) and self.token(one) in tokens]

    def part_call(self, one: Operation) -> PartCall:
        """Return an operation as one that is tried."""
        call = Call(one.f, freeze(self._values.get(one.number, one.value)))
        result: Ok | Fail | Info = Info()
        if one.outcome is Outcome.OK:
            result = Ok(freeze(one.result))
        elif one.outcome is Outcome.FAIL:
            result = Fail(freeze(one.error))
        returned = NEVER if one.returned is None else one.returned
        return PartCall(call, result, one.invoked, returned, one.outcome is not Outcome.INFO)

    def window(self, named: Sequence[Operation]) -> tuple[list[PartCall], list[Hashable]]:
        """Return what can have happened from the first invocation to the last return of some operations.

        Of all others only what changes the lock and reaches into that time is left, and need not have taken
        effect in it. The states before it are all there are, unless nothing had returned by then.
        """
        begin = min(one.invoked for one in named)
        end = max(one.returned or 0 for one in named)
        calls = [self.part_call(one) for one in named]
        fresh = True
        numbers = {one.number for one in named}
        for one in self.all:
            if one.invoked > end:
                break
            if one.number in numbers or not self.changes(one):
                continue
            if one.returned is not None and one.returned < begin:
                fresh = False
            else:
                calls.append(evolve(self.part_call(one), needed=False))
        return calls, [self.model.initial()] if fresh else self._states()

    def _states(self) -> list[Hashable]:
        initial = self.model.initial()
        if isinstance(initial, int):  # how many permits are taken, or whether the lock is
            return list(range(self.permits + 1))
        return [evolve(initial, held=held) for held in (False, True)]
