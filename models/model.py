"""What a sequential model is: a state, and which calls with which results may come next.

A model knows no time, clients or files. It may be any object with the members of ``Model``; nothing
is subclassed. Optional powers are protocols of their own (``ObservesFailures``, ``Observes``,
``OwnedByToken``, ``TakesInstants``, ``WithExamples``). ``holdfast.models.conformance`` tests that a
model keeps their promises.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from attrs import frozen

from holdfast.models.value import Value

State = Hashable
StateT = TypeVar("StateT", bound=Hashable)


@frozen
class Call:
    """What a client asks: a function and its argument (``None`` where there is none)."""

    f: str
    value: Value = None

    def __str__(self) -> str:
        return self.f if self.value is None else f"{self.f}({self.value!r})"


@frozen
class Ok:
    """The answer to a call that happened, with what it returned."""

    value: Value = None


@frozen
class Fail:
    """The answer to a call that had no effect, given to models that read something into it."""

    error: Value = None


@frozen
class Info:
    """No answer: the call may have happened, and if so its result is unknown."""


Result = Ok | Fail | Info

Example = tuple[Call, Result]
"""A call together with a result that it may have."""


@frozen
class Refused:
    """The model's word that a call with this result is impossible in this state.

    Args:
        reason: why, as a clause that a user reads ("held by 'a'").
    """

    reason: str


class InvalidCall(ValueError):
    """A call that no state could take: an unknown function, or an argument of the wrong form."""


class Model(Protocol[StateT]):
    """A sequential specification.

    States are immutable and hashable, ``step`` is a pure function, and equal states behave alike.
    """

    @property
    def functions(self) -> Mapping[str, str]:
        """Each function that the model knows, with a few words on its argument and result."""
        ...

    def initial(self) -> StateT:
        """Return the state before the first call."""
        ...

    def step(self, state: StateT, call: Call, result: Result) -> StateT | Refused:
        """Return the state after ``call`` took effect and gave ``result``, or the refusal.

        With the result ``Info`` the call took effect and its answer was lost: return the state it
        leads to, or refuse when it can have no effect here. Whatever is possible after an answer
        must stay possible when the answer was lost.

        Raises:
            InvalidCall: no state could take this call.
        """
        ...


@runtime_checkable
class ObservesFailures(Protocol):
    """A model for which some failed calls say something about the state, and never change it.

    (Of a model that ``TakesInstants`` they change how late it is.)

    The results ``Fail`` of these functions reach ``step``; those of all others are dropped, as a
    failed call had no effect.
    """

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        ...


@runtime_checkable
class Observes(Protocol):
    """A model with functions that only observe, such as a register's read.

    A linearizable history stays linearizable without them: it is what lets a counterexample be cut
    down to the observations that matter.
    """

    @property
    def observations(self) -> Collection[str]:
        """The functions that leave every state unchanged in which they are accepted."""
        ...


@runtime_checkable
class Overwrites(Protocol):
    """A model with functions that overwrite the state, such as a register's write.

    Whether one took effect just before another cannot be seen: it is what lets a search decide late.
    """

    @property
    def overwrites(self) -> Collection[str]:
        """The functions accepted in every state, each call of which always leads to the same one."""
        ...


@runtime_checkable
class OwnedByToken(Protocol):
    """A model whose calls carry the token of the one acquire attempt they belong to.

    Where a recorded call has no value, its token is found (see ``holdfast.histories.tokens``).
    Removing every call of some tokens from a linearizable history without observations must
    leave it linearizable: it is what lets a counterexample be cut down to the tokens that matter.
    (With observations no lock could promise it: "held" may be true on account of any token. They are
    removed before. ``TokensInteract`` withdraws the promise.)
    """

    @property
    def token_calls(self) -> Collection[str]:
        """The functions whose value is a token."""
        ...

    def holders(self, state: Hashable) -> tuple[Value, ...]:
        """Return the tokens that hold the lock in ``state``."""
        ...


@runtime_checkable
class TokensInteract(Protocol):
    """A model by token of which no token may be removed, as what others did depends on it.

    Such as a lock with consecutive fencing tokens: without one grant a number is missing.
    """

    @property
    def tokens_interact(self) -> bool:
        """Whether the promise of ``OwnedByToken`` on removing tokens is withdrawn."""
        ...


@runtime_checkable
class AcceptsAnyValue(Protocol):
    """A model that never raises ``InvalidCall`` for a function it knows, whatever value and answer.

    So a history of many calls is taken without asking about each of them.
    """

    @property
    def accepts_any_value(self) -> bool:
        """Whether the model makes this promise."""
        ...


@runtime_checkable
class TakesInstants(Protocol):
    """A model that is told when a call was invoked and returned: for promises that end by the clock.

    The value of each call is (value, invoked, returned): what it would be without, and two instants in
    nanoseconds, the second ``None`` where the outcome is unknown. So the model needs no clock of its
    own, and real-time order remains the engines' business.
    """

    @property
    def takes_instants(self) -> bool:
        """Whether calls carry their instants."""
        ...


def accepts_any_value(model: object) -> bool:
    """Return whether ``model`` knows every call of its functions."""
    # Not by the protocol, as asking whether an object keeps one is slow in Python 3.11.
    return bool(getattr(model, "accepts_any_value", False))


def takes_instants(model: object) -> bool:
    """Return whether calls of ``model`` carry their instants."""
    return bool(getattr(model, "takes_instants", False))


def token_of(model: object, value: Value) -> Value:
    """Return the token in the value that a call of ``model`` carries."""
    if takes_instants(model):
        token, *_ = value  # type: ignore[misc]
        return token  # type: ignore[has-type, no-any-return]
    return value


@runtime_checkable
class WithExamples(Protocol):
    """A model that shows by example which calls and results it knows."""

    def examples(self) -> Sequence[Example]:
        """Return a few calls with their results, enough to tell correct from wrong behaviour.

        Every function is among them with a result that some state accepts, every observed failure,
        every result ``Info``, and at least two tokens or two values. The tests explore the states
        that they lead to, and draw random histories from them.
        """
        ...


def unknown_function(call: Call, functions: Mapping[str, str]) -> InvalidCall:
    """Return the error for a call whose function the model does not know."""
    return InvalidCall(f"unknown function {call.f!r}; this model knows {', '.join(functions)}")
