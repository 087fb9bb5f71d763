"""Decision procedures, one file each: a problem and a watch go in, an answer comes out."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from attrs import frozen

from holdfast.checker.budget import Watch
from holdfast.checker.problem import Problem
from holdfast.checker.verdict import UnknownReason
from holdfast.registry import Registry


@frozen
class Order:
    """A legal order: the places of the operations that take effect."""

    places: tuple[int, ...]
    configurations: int


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
            returned before it an order exists.
        dead_ends: how far the search came, a few examples; an engine that does not search has none.
        configurations: how many were visited.
    """

    completion: int
    dead_ends: tuple[DeadEnd, ...]
    configurations: int


@frozen
class GaveUp:
    """The watch ended the search, when this many of the returns had been explained at best."""

    reason: UnknownReason
    returns_explained: int
    configurations: int


Answer = Order | NoOrder | GaveUp


class Engine(Protocol):
    """A decision procedure."""

    def decide(self, problem: Problem, watch: Watch) -> Answer:
        """Return whether the problem's operations have a legal order."""
        ...


ENGINES: Registry[type[Engine]] = Registry("engine", __name__)
