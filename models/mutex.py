"""Mutual exclusion, without owners (Knossos's mutex) and by owner's token."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from holdfast.models import MODELS, lock
from holdfast.models.lock import ACQUIRE, HOLDER, IS_LOCKED, RELEASE
from holdfast.models.model import Call, Example, Fail, Info, Ok, Refused, Result, unknown_function
from holdfast.models.value import Value

UNOWNED_FUNCTIONS = {
    ACQUIRE: lock.TAKE,
    RELEASE: lock.GIVE_BACK,
    IS_LOCKED: lock.TELL_WHETHER,
}
OWNED_FUNCTIONS = {
    ACQUIRE: lock.TAKE_UNDER_TOKEN,
    RELEASE: lock.GIVE_BACK_TOKEN,
    IS_LOCKED: lock.TELL_WHETHER,
    HOLDER: lock.TELL_WHO,
}


@MODELS.register("mutex")
@frozen
class Mutex:
    """A lock that anyone may release.

    Args:
        failed_acquire_means_held: read a failed acquire as the observation that the lock was held.
            Off by default: Redlock's acquire may fail although nobody holds.
    """

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

    def initial(self) -> bool:
        """Return the free lock; a state says whether the lock is held."""
        return False

    def step(self, state: bool, call: Call, result: Result) -> bool | Refused:
        """Return whether the lock is held after ``call``, or the refusal."""
        if call.f == ACQUIRE:
            if isinstance(result, Fail):
                return state or lock.FAILED_THOUGH_FREE
            return lock.ALREADY_HELD if state else True
        if call.f == RELEASE:
            return False if state else lock.NOT_HELD
        if call.f == IS_LOCKED:
            return lock.wrong_read(state, result) or state
        raise unknown_function(call, UNOWNED_FUNCTIONS)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        return lock.examples_of((Ok(), Info()), (None,), self.observed_failures)


@MODELS.register("owned-mutex")
@frozen
class OwnedMutex(lock.LockByToken):
    """A lock that only its holder may release; a call's value is the token of its acquire attempt.

    Args:
        failed_acquire_means_held: read a failed acquire as the observation that the lock was held.
            Off by default: Redlock's acquire may fail although nobody holds.
        failed_release_means_not_holder: read a failed release as the observation that its token did
            not hold. Off by default: a release may fail for other reasons.
    """

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
        return (IS_LOCKED, HOLDER)

    def initial(self) -> tuple[Value, ...]:
        """Return the free lock; a state is a tuple of the holder's token, or the empty tuple."""
        return ()

    def holders(self, state: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return the tokens that hold the lock in ``state``."""
        return state

    def step(
        self, state: tuple[Value, ...], call: Call, result: Result
    ) -> tuple[Value, ...] | Refused:
        """Return the holder after ``call``, or the refusal."""
        refused: Refused | None = None
        if isinstance(result, Fail):
            refused = failure_refused(state, call)
        elif call.f == ACQUIRE:
            return Refused(f"held by {state[0]!r}") if state else (call.value,)
        elif call.f == RELEASE:
            return () if state == (call.value,) else lock.not_the_holder(state, call.value)
        elif call.f == IS_LOCKED:
            refused = lock.wrong_read(bool(state), result)
        elif call.f == HOLDER:
            refused = lock.wrong_holder(state, result)
        else:
            raise unknown_function(call, OWNED_FUNCTIONS)
        return state if refused is None else refused

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        tokens = ("a", "b")
        return lock.examples_of(
            (Ok(), Info()), tokens, self.observed_failures, lock.holder_reads(tokens)
        )


def failure_refused(holder: tuple[Value, ...], call: Call) -> Refused | None:
    """Return the refusal of a failed acquire or release by token, where its failure means something."""
    if call.f == ACQUIRE:
        return None if holder else lock.FAILED_THOUGH_FREE
    if call.f == RELEASE:
        return lock.failed_though_holding(call.value) if holder == (call.value,) else None
    raise unknown_function(call, OWNED_FUNCTIONS)
