"""What a check answers: a closed union of values, each with its proof. Never a bool."""

from __future__ import annotations

import enum
from collections.abc import Hashable, Mapping, Sequence
from typing import NoReturn

from attrs import field, frozen

from holdfast.checker.locks.certificate import Certificate
from holdfast.histories.operation import Operation
from holdfast.models.value import Value


class UnknownReason(enum.Enum):
    """Why a check ended without an answer."""

    TIME = "time ran out"
    MEMORY = "memory ran out"
    CANCELLED = "cancelled"


@frozen
class Spent:
    """What a check cost.

    Args:
        seconds: wall-clock time.
        configurations: how many distinct configurations the search visited.
    """

    seconds: float = 0.0
    configurations: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.seconds + other.seconds, self.configurations + other.configurations)


@frozen
class Refusal:
    """An operation that could not come next, and the model's reason."""

    operation: Operation
    reason: str


@frozen
class Configuration:
    """One of the furthest points that the search reached before the completion nobody can explain.

    Args:
        linearized: the operations that had taken effect, in order.
        state: the model's state after them.
        refusals: every operation that was open there and might have come next, and why it could
            not.
    """

    linearized: tuple[Operation, ...]
    state: Hashable
    refusals: tuple[Refusal, ...]


@frozen
class Counterexample:
    """Why one key's operations are not linearizable.

    Args:
        key: the key, or ``None`` where the history has none.
        completion: the operation whose completion is the first that no order of effects explains:
            up to just before it the history is linearizable. It is among ``operations``. With a
            certificate, the first that no order of ``operations`` explains.
        configurations: the furthest points that a search of ``operations`` reaches, a few of them.
        operations: a part of the key's operations that is not linearizable, as small as was found.
            If the history were linearizable, so were this part: it proves the verdict on its own
            (docs/decisions/0005). What completed after ``completion`` has no completion in it. With a
            certificate: the calls that it rests on.
        certificate: where there is a proof by a few operations and their times, that proof. It names
            operations by their numbers in the history; ``holdfast verify`` checks it.
    """

    key: Value
    completion: Operation
    configurations: tuple[Configuration, ...]
    operations: Sequence[Operation]
    certificate: Certificate | None = None


class _NotABool:
    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a verdict is not a bool, as it may be unknown: use isinstance(verdict, Linearizable), "
            "or match it"
        )


@frozen
class Linearizable(_NotABool):
    """There is a legal order; the witness is one, and an independent replay accepted it.

    Args:
        witnesses: for each key its operations in an order of effect, the unknown ones that were
            assumed to have happened included, the others left out.
        engine: the name of the engine that decided; several, joined by ``+``, where keys differ in it.
        spent: what it cost.
        fallback: why a general search decided what the engine chosen could not; ``None`` if none had to.
    """

    witnesses: Mapping[Value, Sequence[Operation]] = field(hash=False)
    engine: str
    spent: Spent = field(eq=False)
    fallback: str | None = None


@frozen
class NotLinearizable(_NotABool):
    """No legal order exists; the counterexample shows why.

    Args:
        counterexample: the failing part of the first key found to fail.
        engine: the name of the engine that decided; several, joined by ``+``, where keys differ in it.
        spent: what it cost.
        fallback: why a general search decided what the engine chosen could not; ``None`` if none had to.
    """

    counterexample: Counterexample
    engine: str
    spent: Spent = field(eq=False)
    fallback: str | None = None


@frozen
class Unknown(_NotABool):
    """The check ended before it knew.

    Args:
        reason: which limit it met.
        detail: how far it had come, in words.
        engine: the name of the engine that tried.
        spent: what it cost.
        fallback: why a general search tried in the chosen engine's stead; ``None`` if it did not.
    """

    reason: UnknownReason
    detail: str
    engine: str
    spent: Spent = field(eq=False)
    fallback: str | None = None


Verdict = Linearizable | NotLinearizable | Unknown
