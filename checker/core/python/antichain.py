"""Configurations at one return, none of which can do all that another can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator

from holdfast.checker.core.python.configuration import (
    Configuration,
    compared,
    covers,
    same,
    total,
    within,
)
from holdfast.checker.core.python.moves import Tools, Unknowns
from holdfast.checker.core.python.scene import Scene


class Antichain:
    """Those configurations, in the order in which they were added."""

    def __init__(self, tools: Tools, scene: Scene) -> None:
        self._tools = tools
        self._scene = scene
        self._entries: list[Configuration | None] = []
        self._places: defaultdict[Hashable, list[int]] = defaultdict(list)

    def add(self, config: Configuration) -> None:
        """Add a configuration unless another one does; drop those that it does."""
        done = compared(config, self._scene) if self._tools.dominance else config.done
        places = self._places[done, config.state]
        alive = [(place, self._entries[place]) for place in places]
        if any(other is not None and self._does(other, config) for _, other in alive):
            return
        for place, other in alive:
            if other is not None and self._does(config, other):
                self._entries[place] = None
                places.remove(place)
        places.append(len(self._entries))
        self._entries.append(config)

    def __iter__(self) -> Iterator[Configuration]:
        """Yield those that are left, and those that are added meanwhile."""
        return (config for config in self._entries if config is not None)

    def __len__(self) -> int:
        return len(self._entries)

    def _does(self, first: Configuration, second: Configuration) -> bool:
        """Return whether whatever the second can still do, the first can do as well."""
        if not self._tools.dominance:
            return same(first, second)
        if not covers(first, second, self._scene):
            return False
        if self._tools.unknowns is Unknowns.THRIFTY:
            return total(first.used) <= total(second.used)
        return within(first.used, second.used)
