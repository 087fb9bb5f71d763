"""Locks whose every grant carries a fencing token higher than all before, by owner and without."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import evolve, frozen

from holdfast.models import MODELS, lock
from holdfast.models.lock import ACQUIRE, HOLDER, IS_LOCKED, RELEASE
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
from holdfast.models.mutex import failure_refused
from holdfast.models.value import Value

FUNCTIONS = {
    ACQUIRE: "take the lock under a token; the result is the fencing token",
    RELEASE: lock.GIVE_BACK_TOKEN,
    IS_LOCKED: lock.TELL_WHETHER,
    HOLDER: lock.TELL_WHO,
}
UNOWNED_FUNCTIONS = {
    ACQUIRE: "take the lock; the result is the fencing token",
    RELEASE: lock.GIVE_BACK,
    IS_LOCKED: lock.TELL_WHETHER,
}
GRANTS = (Ok(1), Ok(2), Ok(4), Info())
BEFORE_THE_FIRST = -1
"""What every fencing token is above."""

ANY = -2
"""The highest fencing token of consecutive ones before the first is known: any may be the first."""


@frozen
class FencedState:
    """Who holds the lock, and the highest fencing token so far.

    Args:
        holder: a tuple of the holder's token, or the empty tuple.
        highest: -1 before the first grant (-2 where the first may be any).
    """

    holder: tuple[Value, ...]
    highest: int


@MODELS.register("fenced-mutex")
@frozen
class FencedMutex(lock.LockByToken):
    """A lock by owner; a call's value is its token, the result of an acquire its fencing token.

    Fencing tokens are whole numbers and must rise with every grant.

    Args:
        failed_acquire_means_held: read a failed acquire as the observation that the lock was held.
            Off by default: an acquire may fail although nobody holds.
        failed_release_means_not_holder: read a failed release as the observation that its token did
            not hold. Off by default: a release may fail for other reasons.
        consecutive: fencing tokens rise by exactly one; the first may be any. An acquire of unknown
            outcome that took effect counts.
    """

    consecutive: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

    @property
    def observations(self) -> Collection[str]:
        """The functions that only observe."""
        return (IS_LOCKED, HOLDER)

    @property
    def tokens_interact(self) -> bool:
        """Whether no token may be removed: without one grant, a consecutive number is missing."""
        return self.consecutive

    def initial(self) -> FencedState:
        """Return the free lock that has given no fencing token yet."""
        return FencedState(holder=(), highest=before_the_first(self.consecutive))

    def holders(self, state: FencedState) -> tuple[Value, ...]:
        """Return the tokens that hold the lock in ``state``."""
        return state.holder

    def step(self, state: FencedState, call: Call, result: Result) -> FencedState | Refused:
        """Return the holder and the highest fencing token after ``call``, or the refusal."""
        refused: Refused | None = None
        if isinstance(result, Fail):
            refused = failure_refused(state.holder, call)
        elif call.f == ACQUIRE:
            return self._acquire(state, call, result)
        elif call.f == RELEASE:
            if state.holder == (call.value,):
                return FencedState(holder=(), highest=state.highest)
            return lock.not_the_holder(state.holder, call.value)
        elif call.f == IS_LOCKED:
            refused = lock.wrong_read(bool(state.holder), result)
        elif call.f == HOLDER:
            refused = lock.wrong_holder(state.holder, result)
        else:
            raise unknown_function(call, FUNCTIONS)
        return state if refused is None else refused

    def _acquire(self, state: FencedState, call: Call, result: Ok | Info) -> FencedState | Refused:
        highest = next_highest(state.highest, fence_of(result), self.consecutive)
        if state.holder:
            return Refused(f"held by {state.holder[0]!r}")
        if isinstance(highest, Refused):
            return highest
        return FencedState(holder=(call.value,), highest=highest)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        tokens = ("a", "b")
        return lock.examples_of(GRANTS, tokens, self.observed_failures, lock.holder_reads(tokens))


@frozen
class UnownedFencedState:
    """Whether the lock is held, and the highest fencing token so far.

    Args:
        held: whether anybody holds.
        highest: -1 before the first grant (-2 where the first may be any).
    """

    held: bool
    highest: int


@MODELS.register("unowned-fenced-mutex")
@frozen
class UnownedFencedMutex:
    """A lock that anyone may release; the result of an acquire is its fencing token.

    Args:
        failed_acquire_means_held: read a failed acquire as the observation that the lock was held.
            Off by default: an acquire may fail although nobody holds.
        consecutive: fencing tokens rise by exactly one; the first may be any. An acquire of unknown
            outcome that took effect counts.
    """

    failed_acquire_means_held: bool = False
    consecutive: bool = False

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return UNOWNED_FUNCTIONS

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        return lock.acquires_observed(self.failed_acquire_means_held)

    @property
    def observations(self) -> Collection[str]:
        """The functions that only observe."""
        return (IS_LOCKED,)

    def initial(self) -> UnownedFencedState:
        """Return the free lock that has given no fencing token yet."""
        return UnownedFencedState(held=False, highest=before_the_first(self.consecutive))

    def step(
        self, state: UnownedFencedState, call: Call, result: Result
    ) -> UnownedFencedState | Refused:
        """Return whether the lock is held and the highest fencing token, or the refusal."""
        if call.f == ACQUIRE:
            if isinstance(result, Fail):
                return state if state.held else lock.FAILED_THOUGH_FREE
            highest = next_highest(state.highest, fence_of(result), self.consecutive)
            if state.held:
                return lock.ALREADY_HELD
            if isinstance(highest, Refused):
                return highest
            return UnownedFencedState(held=True, highest=highest)
        if call.f == RELEASE:
            return evolve(state, held=False) if state.held else lock.NOT_HELD
        if call.f == IS_LOCKED:
            return lock.wrong_read(state.held, result) or state
        raise unknown_function(call, UNOWNED_FUNCTIONS)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        return lock.examples_of(GRANTS, (None,), self.observed_failures)


def before_the_first(consecutive: bool) -> int:
    """Return the highest fencing token of a lock that has not been granted."""
    return ANY if consecutive else BEFORE_THE_FIRST


def next_highest(highest: int, fence: int | None, consecutive: bool) -> int | Refused:
    """Return the highest fencing token after a grant with ``fence``, which is lost if ``None``."""
    if fence is None:
        # The lost fencing token was some number above the highest. Assuming the least forbids
        # nothing that a greater one would allow, so one successor state is enough.
        return ANY if highest == ANY else highest + 1
    if consecutive and highest != ANY and fence != highest + 1:
        return Refused(f"its fencing token {fence} is not {highest + 1}, the next after {highest}")
    if fence <= highest:
        return Refused(f"its fencing token {fence} is not above {highest}")
    return fence


def fence_of(result: Ok | Info) -> int | None:
    """Return the fencing token that an acquire answered, or ``None`` if its answer was lost.

    Raises:
        InvalidCall: it answered something else.
    """
    if isinstance(result, Info):
        return None
    fence = result.value
    if not isinstance(fence, int) or isinstance(fence, bool) or fence < 0:
        raise InvalidCall(
            f"an acquire returned {fence!r}; it must return its fencing token, "
            "a whole number that is not negative"
        )
    return fence
