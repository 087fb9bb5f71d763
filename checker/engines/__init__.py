"""Decision procedures, one file each: a problem and a watch go in, an answer by places comes out."""

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
    """A configuration from which nothing can come next: what was linearized, in order, and the state."""

    places: tuple[int, ...]
    state: Hashable


@frozen
class NoOrder:
    """No legal order exists: the operation whose return nothing survives, and how far the search came."""

    completion: int
    dead_ends: tuple[DeadEnd, ...]
    configurations: int


@frozen
class GaveUp:
    """The watch ended the search after this many of the returns had been explained at best."""

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
