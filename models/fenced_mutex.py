"""A lock by owner whose every grant carries a fencing token higher than all before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from holdfast.models import MODELS
from holdfast.models.model import (
    Call,
    Example,
    Fail,
    Info,
    InvalidCall,
    Ok,
    Refused,
    Result,
    unknown_function,
)
from holdfast.models.mutex import FAILED_THOUGH_FREE, not_the_holder
from holdfast.models.value import Value

FUNCTIONS = {
    "acquire": "take the lock under a token; the result is the fencing token",
    "release": "give back what the token holds",
}


@frozen
class FencedState:
    """Who holds the lock, and the highest fencing token so far.

    Args:
        holder: a tuple of the holder's token, or the empty tuple.
        highest: -1 before the first grant.
    """

    holder: tuple[Value, ...]
    highest: int


@MODELS.register("fenced-mutex")
@frozen
class FencedMutex:
    """A lock by owner; a call's value is its token, the result of an acquire its fencing token.

    Fencing tokens are whole numbers and must rise with every grant.

    Args:
        failed_acquire_means_held: read a failed acquire as the observation that the lock was held.
            Off by default: an acquire may fail although nobody holds.
    """

    failed_acquire_means_held: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

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
        if call.f == "acquire":
            if isinstance(result, Fail):
                return state if state.holder else FAILED_THOUGH_FREE
            return self._acquire(state, call, _fence(result))
        if call.f == "release":
            if state.holder == (call.value,):
                return FencedState(holder=(), highest=state.highest)
            return not_the_holder(state.holder, call.value)
        raise unknown_function(call, FUNCTIONS)

    def _acquire(self, state: FencedState, call: Call, fence: int | None) -> FencedState | Refused:
        if state.holder:
            return Refused(f"held by {state.holder[0]!r}")
        if fence is None:
            # The lost fencing token was some number above the highest. Assuming the least forbids
            # nothing that a greater one would allow, so one successor state is enough.
            return FencedState(holder=(call.value,), highest=state.highest + 1)
        if fence <= state.highest:
            return Refused(f"its fencing token {fence} is not above {state.highest}")
        return FencedState(holder=(call.value,), highest=fence)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        results = {"acquire": (Ok(1), Ok(2), Ok(4), Info()), "release": (Ok(), Info())}
        calls = [Call(f, token) for f in FUNCTIONS for token in ("a", "b")]
        failed = [(call, Fail()) for call in calls if call.f in self.observed_failures]
        return [(call, result) for call in calls for result in results[call.f]] + failed


def _fence(result: Ok | Info) -> int | None:
    if isinstance(result, Info):
        return None
    fence = result.value
    if not isinstance(fence, int) or isinstance(fence, bool) or fence < 0:
        raise InvalidCall(
            f"an acquire returned {fence!r}; it must return its fencing token, "
            "a whole number that is not negative"
        )
    return fence
