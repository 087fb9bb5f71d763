"""Mutual exclusion, without owners (Knossos's mutex) and by owner's token."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import frozen

from holdfast.models import MODELS
from holdfast.models.model import Call, Fail, Refused, Result, unknown_function
from holdfast.models.value import Value


@MODELS.register("mutex")
@frozen
class Mutex:
    """A lock that anyone may release.

    Args:
        failed_acquire_means_held: read a failed acquire as the observation that the lock was held. Off by
            default: Redlock's acquire may fail although nobody holds.
    """

    failed_acquire_means_held: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return {"acquire": "take the lock", "release": "give it back"}

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return ("acquire",) if self.failed_acquire_means_held else ()

    def initial(self) -> bool:
        """Return the free lock; a state says whether the lock is held."""
        return False

    def step(self, state: bool, call: Call, result: Result) -> bool | Refused:
        """Return whether the lock is held after ``call``, or the refusal."""
        if call.f not in self.functions:
            raise unknown_function(call, self.functions)
        if isinstance(result, Fail):
            return state if state else Refused("the acquire failed, but nobody holds the lock")
        if call.f == "acquire":
            return Refused("already held") if state else True
        return False if state else Refused("not held")


@MODELS.register("owned-mutex")
@frozen
class OwnedMutex:
    """A lock that only its holder may release. The value of a call is the token of its acquire attempt.

    Args:
        failed_acquire_means_held: read a failed acquire as the observation that the lock was held. Off by
            default: Redlock's acquire may fail although nobody holds.
    """

    failed_acquire_means_held: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return {"acquire": "take the lock under a token", "release": "give back what the token holds"}

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return ("acquire",) if self.failed_acquire_means_held else ()

    @property
    def token_calls(self) -> Collection[str]:
        """The functions whose value is a token."""
        return ("acquire", "release")

    def initial(self) -> tuple[Value, ...]:
        """Return the free lock; a state is the holder's token in a tuple of its own, or the empty tuple."""
        return ()

    def holders(self, state: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return the tokens that hold the lock in ``state``."""
        return state

    def step(
        self, state: tuple[Value, ...], call: Call, result: Result
    ) -> tuple[Value, ...] | Refused:
        """Return the holder after ``call``, or the refusal."""
        if call.f not in self.functions:
            raise unknown_function(call, self.functions)
        if isinstance(result, Fail):
            return state if state else Refused("the acquire failed, but nobody holds the lock")
        if call.f == "acquire":
            return Refused(f"held by {state[0]!r}") if state else (call.value,)
        if state == (call.value,):
            return ()
        return Refused(f"held by {state[0]!r}, not by {call.value!r}" if state else "not held")


