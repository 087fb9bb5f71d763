"""Mutual exclusion, without owners (Knossos's mutex) and by owner's token."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from holdfast.models import MODELS
from holdfast.models.model import (
    Call,
    Example,
    Fail,
    Info,
    Ok,
    Refused,
    Result,
    unknown_function,
)
from holdfast.models.value import Value

UNOWNED_FUNCTIONS = {"acquire": "take the lock", "release": "give it back"}
OWNED_FUNCTIONS = {
    "acquire": "take the lock under a token",
    "release": "give back what the token holds",
}
FAILED_THOUGH_FREE = Refused("the acquire failed, but nobody holds the lock")
ALREADY_HELD = Refused("already held")
NOT_HELD = Refused("not held")


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
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return ("acquire",) if self.failed_acquire_means_held else ()

    def initial(self) -> bool:
        """Return the free lock; a state says whether the lock is held."""
        return False

    def step(self, state: bool, call: Call, result: Result) -> bool | Refused:
        """Return whether the lock is held after ``call``, or the refusal."""
        if call.f == "acquire":
            if isinstance(result, Fail):
                return state or FAILED_THOUGH_FREE
            return ALREADY_HELD if state else True
        if call.f == "release":
            return False if state else NOT_HELD
        raise unknown_function(call, UNOWNED_FUNCTIONS)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        failed = [(Call(f), Fail()) for f in self.observed_failures]
        return [(Call(f), result) for f in UNOWNED_FUNCTIONS for result in (Ok(), Info())] + failed


@MODELS.register("owned-mutex")
@frozen
class OwnedMutex:
    """A lock that only its holder may release; a call's value is the token of its acquire attempt.

    Args:
        failed_acquire_means_held: read a failed acquire as the observation that the lock was held.
            Off by default: Redlock's acquire may fail although nobody holds.
    """

    failed_acquire_means_held: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return OWNED_FUNCTIONS

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return ("acquire",) if self.failed_acquire_means_held else ()

    @property
    def token_calls(self) -> Collection[str]:
        """The functions whose value is a token."""
        return ("acquire", "release")

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
        if call.f == "acquire":
            if isinstance(result, Fail):
                return state or FAILED_THOUGH_FREE
            return Refused(f"held by {state[0]!r}") if state else (call.value,)
        if call.f == "release":
            return () if state == (call.value,) else not_the_holder(state, call.value)
        raise unknown_function(call, OWNED_FUNCTIONS)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        calls = [Call(f, token) for f in OWNED_FUNCTIONS for token in ("a", "b")]
        failed = [(call, Fail()) for call in calls if call.f in self.observed_failures]
        return [(call, result) for call in calls for result in (Ok(), Info())] + failed


def not_the_holder(holder: tuple[Value, ...], token: Value) -> Refused:
    """Return the refusal of a release by ``token``, which is not the holder."""
    return Refused(f"held by {holder[0]!r}, not by {token!r}") if holder else NOT_HELD
