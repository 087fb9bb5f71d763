"""Decision procedures, one file each: a problem and a watch go in, an answer comes out."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol, runtime_checkable

from attrs import frozen

from holdfast.checker.budget import Watch
from holdfast.checker.locks.certificate import Certificate
from holdfast.checker.problem import Problem
from holdfast.checker.verdict import UnknownReason
from holdfast.models.model import Model
from holdfast.registry import Registry


@frozen
class Order:
    """A legal order: the places of the operations that take effect.

    Args:
        places: the operations, in order.
        configurations: how many were visited.
        fallback: why a general search decided in the engine's stead; ``None`` if it decided itself.
    """

    places: Sequence[int]
    configurations: int
    fallback: str | None = None


@frozen
class DeadEnd:
    """A configuration in which nothing can come next: what was linearized, in order; the state."""

    places: tuple[int, ...]
    state: Hashable


@frozen
class NoOrder:
    """No legal order exists.

    Args:
        completion: the place of the operation whose return no configuration survives; for all that
            returned before it an order exists. With a certificate, the last to return that it names.
        dead_ends: how far the search came, a few examples; an engine that does not search has none.
        configurations: how many were visited.
        certificate: the few operations, by number, that prove it, where there is such a proof.
        fallback: why a general search decided in the engine's stead; ``None`` if it decided itself.
    """

    completion: int
    dead_ends: tuple[DeadEnd, ...]
    configurations: int
    certificate: Certificate | None = None
    fallback: str | None = None


@frozen
class GaveUp:
    """The watch ended the search, when this many of the returns had been explained at best."""

    reason: UnknownReason
    returns_explained: int
    configurations: int
    fallback: str | None = None


Answer = Order | NoOrder | GaveUp


class Engine(Protocol):
    """A decision procedure."""

    def decide(self, problem: Problem, watch: Watch) -> Answer:
        """Return whether the problem's operations have a legal order."""
        ...


@runtime_checkable
class Specialist(Protocol):
    """An engine's class that says what it was made for: there, ``auto`` prefers it to a general one."""

    def suits(self, model: Model[Any]) -> bool:
        """Return whether the engine was made for ``model``."""
        ...


ENGINES: Registry[type[Engine]] = Registry("engine", __name__)
