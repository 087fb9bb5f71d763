"""A lock that its holder may take again, and must give back as often."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import field, frozen, validators

from holdfast.models import MODELS, lock
from holdfast.models.lock import ACQUIRE, IS_LOCKED, RELEASE
from holdfast.models.model import Call, Example, Fail, Info, Ok, Refused, Result, unknown_function
from holdfast.models.value import Value

FUNCTIONS = {
    ACQUIRE: "take the lock as an owner, once more if the owner holds it already",
    RELEASE: "give back one of the owner's holds",
    IS_LOCKED: lock.TELL_WHETHER,
}


@frozen
class ReentrantState:
    """Who holds the lock, and how often.

    Args:
        owner: a tuple of the holder, or the empty tuple.
        holds: how often it holds; 0 when nobody does.
    """

    owner: tuple[Value, ...]
    holds: int


FREE = ReentrantState(owner=(), holds=0)


@MODELS.register("reentrant-mutex")
@frozen
class ReentrantMutex(lock.LockByToken):
    """A lock by owner; a call's value is its owner, a client, which may hold it several times.

    Args:
        holds_max: how often one owner may hold at most.
        failed_acquire_means_held: read a failed acquire as the observation that another held the lock
            or its owner held it as often as it may. Off by default.
        failed_release_means_not_holder: read a failed release as the observation that its owner did
            not hold. Off by default.
    """

    holds_max: int = field(default=2, validator=validators.ge(1))

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

    @property
    def observations(self) -> Collection[str]:
        """The functions that only observe."""
        return (IS_LOCKED,)

    def initial(self) -> ReentrantState:
        """Return the free lock."""
        return FREE

    def holders(self, state: ReentrantState) -> tuple[Value, ...]:
        """Return the owners that hold the lock in ``state``."""
        return state.owner

    def step(self, state: ReentrantState, call: Call, result: Result) -> ReentrantState | Refused:
        """Return the owner and the number of its holds after ``call``, or the refusal."""
        if call.f == IS_LOCKED:
            return lock.wrong_read(bool(state.owner), result) or state
        if call.f not in FUNCTIONS:
            raise unknown_function(call, FUNCTIONS)
        following = (
            self._taken(state, call.value) if call.f == ACQUIRE else _given(state, call.value)
        )
        if not isinstance(result, Fail):
            return following
        if isinstance(following, Refused):
            return state
        return lock.failed_though_holding(call.value) if call.f == RELEASE else _failed(state)

    def _taken(self, state: ReentrantState, owner: Value) -> ReentrantState | Refused:
        if state.owner not in ((), (owner,)):
            return Refused(f"held by {state.owner[0]!r}")
        if state.holds == self.holds_max:
            return Refused(f"{owner!r} holds it {state.holds} times, as often as it may")
        return ReentrantState(owner=(owner,), holds=state.holds + 1)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        return lock.examples_of((Ok(), Info()), ("a", "b"), self.observed_failures)


def _given(state: ReentrantState, owner: Value) -> ReentrantState | Refused:
    if state.owner != (owner,):
        return lock.not_the_holder(state.owner, owner)
    return FREE if state.holds == 1 else ReentrantState(state.owner, state.holds - 1)


def _failed(state: ReentrantState) -> Refused:
    if not state.owner:
        return lock.FAILED_THOUGH_FREE
    return Refused(f"the acquire failed, but {state.owner[0]!r} may hold the lock once more")
