"""How faults name what they strike: names and roles, resolved when the fault strikes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import validators

from holdfast.histories.faults.world import CannotStrike, World

NAMES = validators.deep_iterable(
    member_validator=validators.instance_of(str),
    iterable_validator=validators.and_(validators.instance_of(tuple), validators.min_len(1)),
)
"""The attrs validator of a field that holds one or more targets."""


def resolved(world: World, targets: Iterable[str]) -> tuple[str, ...]:
    """Return the nodes and clients that ``targets`` mean now, each once.

    Raises:
        CannotStrike: a target means nothing here, or nobody now.
    """
    names: dict[str, None] = {}
    for target in targets:
        meant = world.resolve(target)
        if not meant:
            raise CannotStrike(f"nothing here is {target!r} now")
        names.update(dict.fromkeys(meant))
    return tuple(names)


def resolved_nodes(world: World, targets: Iterable[str]) -> tuple[str, ...]:
    """Return the nodes that ``targets`` mean now, each once.

    Raises:
        CannotStrike: a target means nothing here, or a client.
    """
    names = resolved(world, targets)
    for name in names:
        if name not in world.nodes:
            raise CannotStrike(f"{name} is not a node; name one of {listed(world.nodes)}")
    return names


def listed(names: Iterable[str]) -> str:
    """Return the names in words."""
    return ", ".join(names)


def arrows(directions: Sequence[tuple[str, str]]) -> str:
    """Return (source, destination) pairs in words, those that go both ways as one."""
    words = []
    for source, destination in directions:
        if (destination, source) not in directions:
            words.append(f"{source}→{destination}")
        elif directions.index((source, destination)) < directions.index((destination, source)):
            words.append(f"{source}↔{destination}")
    return listed(words)
