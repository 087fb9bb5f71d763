"""Locks with several permits, without owners and by token."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import field, frozen, validators

from holdfast.models import MODELS, lock
from holdfast.models.lock import ACQUIRE, IS_LOCKED, RELEASE
from holdfast.models.model import Call, Example, Fail, Info, Ok, Refused, Result, unknown_function
from holdfast.models.value import Value

UNOWNED_FUNCTIONS = {
    ACQUIRE: "take a permit",
    RELEASE: "give a permit back",
    IS_LOCKED: lock.TELL_WHETHER,
}
OWNED_FUNCTIONS = {
    ACQUIRE: "take a permit under a token",
    RELEASE: "give back the token's permit",
    IS_LOCKED: lock.TELL_WHETHER,
}
FAILED_THOUGH_FREE = Refused("the acquire failed, but a permit is free")
ALL_TAKEN = Refused("all permits are taken")
NONE_TAKEN = Refused("no permit is taken")


@MODELS.register("semaphore")
@frozen
class Semaphore:
    """Some permits; anyone may give one back, but never more than were taken.

    Args:
        permits: how many there are.
        failed_acquire_means_held: read a failed acquire as the observation that all permits were
            taken. Off by default.
    """

    permits: int = field(default=2, validator=validators.ge(1))
    failed_acquire_means_held: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return UNOWNED_FUNCTIONS

    @property
    def accepts_any_value(self) -> bool:
        """Whether every call of these functions is one: always."""
        return True

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return lock.acquires_observed(self.failed_acquire_means_held)

    @property
    def observations(self) -> Collection[str]:
        """The functions that only observe."""
        return (IS_LOCKED,)

    def initial(self) -> int:
        """Return how many permits are taken: none."""
        return 0

    def step(self, state: int, call: Call, result: Result) -> int | Refused:
        """Return how many permits are taken after ``call``, or the refusal."""
        full = state == self.permits
        if call.f == ACQUIRE:
            if isinstance(result, Fail):
                return state if full else FAILED_THOUGH_FREE
            return ALL_TAKEN if full else state + 1
        if call.f == RELEASE:
            return state - 1 if state else NONE_TAKEN
        if call.f == IS_LOCKED:
            refused = _wrong_read(full, result)
            return state if refused is None else refused
        raise unknown_function(call, UNOWNED_FUNCTIONS)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        return lock.examples_of((Ok(), Info()), (None,), self.observed_failures)


@MODELS.register("owned-semaphore")
@frozen
class OwnedSemaphore(lock.LockByToken):
    """Some permits; a call's value is the token of its acquire attempt, which takes one of them.

    Args:
        permits: how many there are.
        failed_acquire_means_held: read a failed acquire as the observation that all permits were
            taken. Off by default.
        failed_release_means_not_holder: read a failed release as the observation that its token had
            none. Off by default.
    """

    permits: int = field(default=2, validator=validators.ge(1))

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return OWNED_FUNCTIONS

    @property
    def accepts_any_value(self) -> bool:
        """Whether every call of these functions is one: always."""
        return True

    @property
    def observations(self) -> Collection[str]:
        """The functions that only observe."""
        return (IS_LOCKED,)

    def initial(self) -> frozenset[Value]:
        """Return the tokens that have a permit: none."""
        return frozenset()

    def holders(self, state: frozenset[Value]) -> tuple[Value, ...]:
        """Return the tokens that have a permit in ``state``."""
        return tuple(sorted(state, key=repr))

    def step(
        self, state: frozenset[Value], call: Call, result: Result
    ) -> frozenset[Value] | Refused:
        """Return the tokens that have a permit after ``call``, or the refusal."""
        full = len(state) == self.permits
        has = call.value in state
        refused: Refused | None = None
        if call.f == ACQUIRE and isinstance(result, Fail):
            refused = None if full else FAILED_THOUGH_FREE
        elif call.f == ACQUIRE:
            if has:
                return Refused(f"{call.value!r} has a permit already")
            return ALL_TAKEN if full else state | {call.value}
        elif call.f == RELEASE and isinstance(result, Fail):
            refused = lock.failed_though_holding(call.value) if has else None
        elif call.f == RELEASE:
            return state - {call.value} if has else Refused(f"{call.value!r} has no permit")
        elif call.f == IS_LOCKED:
            refused = _wrong_read(full, result)
        else:
            raise unknown_function(call, OWNED_FUNCTIONS)
        return state if refused is None else refused

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        return lock.examples_of((Ok(), Info()), ("a", "b", "c"), self.observed_failures)


def _wrong_read(full: bool, result: Result) -> Refused | None:
    if not isinstance(result, Ok) or result.value == full:
        return None
    return ALL_TAKEN if full else Refused("a permit is free")
