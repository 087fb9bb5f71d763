"""A mutex whose holds expire: a lock with a lease, as of Redis with PX or of etcd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen, validators

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
from holdfast.models.value import Value

FUNCTIONS = {
    ACQUIRE: "take the lock under a token, for the TTL at least",
    RELEASE: "give back what the token holds",
    IS_LOCKED: lock.TELL_WHETHER,
    HOLDER: lock.TELL_WHO,
}

TEN_SECONDS_NS = 10_000_000_000


@frozen
class LeaseState:
    """The earliest time that it can be, and who holds since when at the earliest.

    Args:
        clock: the instant of the last effect, in nanoseconds.
        holder: the holder's token in a tuple, or the empty tuple.
        granted: the instant of its grant; 0 when nobody holds.
    """

    clock: int
    holder: tuple[Value, ...] = ()
    granted: int = 0


@frozen
class Timed:
    """What a call carries: its token, and the instants between which it took effect."""

    token: Value
    invoked: int
    returned: int | None


@MODELS.register("leased-mutex")
@frozen
class LeasedMutex(lock.LockByToken):
    """A lock by token that frees itself at any time from its grant and the TTL on.

    The model knows time by what it is asked: the value of each call is (token, instant of invocation,
    instant of return or null), in nanoseconds; a read's token is null. Every effect is taken to be as
    early as it can be, which forbids nothing: what comes later is only ever too late, and a lease that
    began earlier may expire earlier, but need not. It expires only when something needs it to have.

    Even a read moves time on, so no function of it merely observes.

    Args:
        ttl: for how long a hold lasts at least unless it is given back, in nanoseconds.
        failed_acquire_means_held: read a failed acquire as the observation that the lock was held.
            Off by default: Redlock's acquire may fail although nobody holds.
        failed_release_means_not_holder: read a failed release as the observation that its token did
            not hold: the lease had expired. Off by default: a release may fail for other reasons.
    """

    ttl: int = field(default=TEN_SECONDS_NS, validator=validators.ge(1))

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the model knows."""
        return FUNCTIONS

    @property
    def takes_instants(self) -> bool:
        """Whether calls carry their instants: always."""
        return True

    def initial(self) -> LeaseState:
        """Return the free lock before all instants."""
        return LeaseState(0)

    def holders(self, state: LeaseState) -> tuple[Value, ...]:
        """Return the token that holds the lock in ``state``, unless its lease has expired unnoticed."""
        return state.holder

    def step(self, state: LeaseState, call: Call, result: Result) -> LeaseState | Refused:
        """Return the lock after ``call`` took effect as early as it can, or the refusal."""
        if call.f not in FUNCTIONS:
            raise unknown_function(call, FUNCTIONS)
        timed = timed_of(call)
        if call.f == ACQUIRE:
            expires = not isinstance(result, Fail)
            refused = None if expires or state.holder else lock.FAILED_THOUGH_FREE
        elif call.f == RELEASE:
            holds = state.holder == (timed.token,)
            expires = isinstance(result, Fail) and holds
            wrong = not holds and not isinstance(result, Fail)
            refused = lock.not_the_holder(state.holder, timed.token) if wrong else None
        else:
            expires, refused = _seen(state, call, result)
        if refused is not None:
            return refused
        clock = max(state.clock, timed.invoked)
        if expires and state.holder:
            clock = max(clock, state.granted + self.ttl)
        if not isinstance(result, Info) and timed.returned is not None and timed.returned < clock:
            return _too_late(state, expired=expires)
        if call.f in (ACQUIRE, RELEASE) and not isinstance(result, Fail):
            return LeaseState(clock, (timed.token,), clock) if expires else LeaseState(clock)
        return LeaseState(clock) if expires else LeaseState(clock, state.holder, state.granted)

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results."""
        half = self.ttl // 2
        early = [("a", 0, half), ("b", 0, half), ("b", 0, 4 * self.ttl)]
        answered: list[Example] = []
        for f in (ACQUIRE, RELEASE):
            answers: list[Result] = [Ok(), Info()]
            if f in self.observed_failures:
                answers.append(Fail())
            answered += [(Call(f, value), answer) for value in early for answer in answers]
        reading = (None, 0, 4 * self.ttl)
        told: list[tuple[str, Sequence[Result]]] = [
            (IS_LOCKED, (Ok(True), Ok(False), Info())),
            (HOLDER, (Ok("a"), Ok("b"), Ok(None), Info())),
        ]
        reads: list[Example] = [(Call(f, reading), one) for f, answers in told for one in answers]
        return [*answered, *reads]


def timed_of(call: Call) -> Timed:
    """Return what a call carries.

    Raises:
        InvalidCall: it is not a token and two instants.
    """
    match call.value:
        case (token, int(invoked), int() | None as returned):
            return Timed(token, invoked, returned)
    raise InvalidCall(
        f"{call} has no instants: its value is (token, invoked, returned), which check gives it"
    )


def _seen(state: LeaseState, call: Call, result: Result) -> tuple[bool, Refused | None]:
    """Return whether a read saw that the lock is free, so that a lease has expired, or its refusal."""
    if not isinstance(result, Ok):
        return False, None
    if result.value == (False if call.f == IS_LOCKED else None):
        return True, None
    if call.f == IS_LOCKED:
        return False, lock.wrong_read(bool(state.holder), result)
    return False, lock.wrong_holder(state.holder, result)


def _too_late(state: LeaseState, *, expired: bool) -> Refused:
    if expired and state.holder:
        return Refused(f"held by {state.holder[0]!r}, whose lease had not expired when it returned")
    return Refused("it had returned by then")
