"""A point of the search, and when one makes another superfluous."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from holdfast.checker.core.python.scene import Scene
from holdfast.checker.core.python.trail import Trail

Used = tuple[tuple[int, int], ...]
"""How many operations of unknown outcome were taken to have happened, by class, sorted."""


class Configuration(NamedTuple):
    """A point of the search at some return: which open operations took effect, and what came of it.

    Attributes:
        done: which, as a bit mask over slots.
        spare: which may have taken effect unseen, just before the latest overwriting operation: the
            overwriting ones that were open by then, so all of them that are done.
        state: the model's state after them.
        used: the operations of unknown outcome that took effect.
        trail: how it came about.
    """

    done: int = 0
    spare: int = 0
    state: int = 0
    used: Used = ()
    trail: Trail = None


def compared(config: Configuration, scene: Scene) -> int:
    """Return what two configurations must have done alike if one is to cover the other."""
    return config.done & ~scene.observing & ~scene.overwriting


def covers(first: Configuration, second: Configuration, scene: Scene) -> bool:
    """Return whether whatever the second can still do, the first can do as well.

    Both are at the same place and in the same state, and alike in what is ``compared``. Operations of
    unknown outcome are left to ``within``.
    """
    observed_as_much = not second.done & scene.observing & ~first.done
    overwrote_no_more = not first.done & scene.overwriting & ~second.done
    # So it can let pass also what the second alone has overwritten with, as that is spare.
    passes_as_much = not second.spare & ~first.spare
    return observed_as_much and overwrote_no_more and passes_as_much


def same(first: Configuration, second: Configuration) -> bool:
    """Return whether there is no difference but in how they came about."""
    return first[:-1] == second[:-1]


def with_one_more(used: Used, cls: int) -> Used:
    """Return ``used`` with one more of a class."""
    counts = dict(used)
    counts[cls] = counts.get(cls, 0) + 1
    return tuple(sorted(counts.items()))


def within(few: Used, many: Used, classes: Container[int] | None = None) -> bool:
    """Return whether no class, or none of ``classes``, is used more often in the one than in the other."""
    if not few or few == many:
        return True
    counts = dict(many)
    return all(
        count <= counts.get(cls, 0) for cls, count in few if classes is None or cls in classes
    )


def total(used: Used) -> int:
    """Return how many operations of unknown outcome were used."""
    return sum(count for _, count in used)
