"""What a sequential model is: a state, and which calls with which results may come next.

A model knows no time, clients or files. It may be any object with the members of ``Model``; nothing is
subclassed. Optional powers are protocols of their own (``ObservesFailures``, ``OwnedByToken``).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
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

        With the result ``Info`` the call took effect and its answer was lost: return the state it leads
        to, or refuse when it can have no effect here.

        Raises:
            InvalidCall: no state could take this call.
        """
        ...


@runtime_checkable
class ObservesFailures(Protocol):
    """A model for which some failed calls say something about the state.

    The results ``Fail`` of these functions reach ``step``; those of all others are dropped, as a failed
    call had no effect.
    """

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        ...


@runtime_checkable
class OwnedByToken(Protocol):
    """A model whose calls carry the token of the one acquire attempt they belong to.

    Where a recorded call has no value, the token is found for it (see ``holdfast.histories.tokens``).
    Removing every call of some tokens from a linearizable history must leave it linearizable: it is what
    lets a counterexample be cut down to the tokens that matter.
    """

    @property
    def token_calls(self) -> Collection[str]:
        """The functions whose value is a token."""
        ...

    def holders(self, state: Hashable) -> tuple[Value, ...]:
        """Return the tokens that hold the lock in ``state``."""
        ...


def unknown_function(call: Call, functions: Mapping[str, str]) -> InvalidCall:
    """Return the error for a call whose function the model does not know."""
    return InvalidCall(f"unknown function {call.f!r}; this model knows {', '.join(functions)}")
