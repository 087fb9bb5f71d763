"""A lock by owner whose every grant carries a fencing token higher than all before."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import frozen

from holdfast.models import MODELS
from holdfast.models.model import (
    Call,
    Fail,
    Info,
    InvalidCall,
    Ok,
    Refused,
    Result,
    unknown_function,
)
from holdfast.models.value import Value


@frozen
class FencedState:
    """Who holds the lock (a tuple of one token, or empty) and the highest fencing token given so far."""

    holder: tuple[Value, ...]
    highest: int


@MODELS.register("fenced-mutex")
@frozen
class FencedMutex:
    """A lock by owner: the value of a call is its token, the result of an acquire its fencing token.

    Fencing tokens are whole numbers and must rise with every grant.

    Args:
        failed_acquire_means_held: read a failed acquire as the observation that the lock was held. Off by
            default: an acquire may fail although nobody holds.
    """

    failed_acquire_means_held: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return {
            "acquire": "take the lock under a token; the result is the fencing token",
            "release": "give back what the token holds",
        }

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return ("acquire",) if self.failed_acquire_means_held else ()

    @property
    def token_calls(self) -> Collection[str]:
        """The functions whose value is a token."""
        return ("acquire", "release")

    def initial(self) -> FencedState:
        """Return the free lock that has given no fencing token yet."""
        return FencedState(holder=(), highest=-1)

    def holders(self, state: FencedState) -> tuple[Value, ...]:
        """Return the tokens that hold the lock in ``state``."""
        return state.holder

    def step(self, state: FencedState, call: Call, result: Result) -> FencedState | Refused:
        """Return the holder and the highest fencing token after ``call``, or the refusal."""
        if call.f not in self.functions:
            raise unknown_function(call, self.functions)
        if isinstance(result, Fail):
            free = Refused("the acquire failed, but nobody holds the lock")
            return state if state.holder else free
        if call.f == "acquire":
            return self._acquire(state, call, self._fence(result))
        if state.holder == (call.value,):
            return FencedState(holder=(), highest=state.highest)
        if state.holder:
            return Refused(f"held by {state.holder[0]!r}, not by {call.value!r}")
        return Refused("not held")

    def _fence(self, result: Ok | Info) -> int | None:
        if isinstance(result, Info):
            return None
        if not isinstance(result.value, int) or isinstance(result.value, bool) or result.value < 0:
            raise InvalidCall(
                f"an acquire returned {result.value!r}; it must return its fencing token, "
                "a whole number that is not negative"
            )
        return result.value

    def _acquire(self, state: FencedState, call: Call, fence: int | None) -> FencedState | Refused:
        if state.holder:
            return Refused(f"held by {state.holder[0]!r}")
        if fence is None:
            # The lost fencing token was some number above the highest. Assuming the least one forbids
            # nothing that a greater one would allow, so one successor state is enough.
            return FencedState(holder=(call.value,), highest=state.highest + 1)
        if fence <= state.highest:
            return Refused(f"its fencing token {fence} is not above {state.highest}")
        return FencedState(holder=(call.value,), highest=fence)
