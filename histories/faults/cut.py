"""A network that loses what goes one way."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import ClassVar

from attrs import field, frozen

from holdfast.histories.faults import FAULTS
from holdfast.histories.faults.targets import NAMES, arrows, listed, resolved
from holdfast.histories.faults.world import CannotStrike, CutMode, World


@FAULTS.register("cut")
@frozen
class Cut:
    """Nothing that the sources send reaches the destinations; what goes the other way does.

    Args:
        sources: who is no longer heard: names or roles.
        destinations: by whom: names or roles.
        mode: ``hold`` keeps what is sent until the cut is healed; ``reset`` breaks connections.
    """

    sources: tuple[str, ...] = field(default=("n1",), validator=NAMES)
    destinations: tuple[str, ...] = field(default=("nodes", "clients"), validator=NAMES)
    mode: CutMode = "hold"
    needs_links: ClassVar[bool] = True

    def strike(self, world: World) -> str:
        """Cut the ways from each source to each destination."""
        sources, destinations = resolved(world, self.sources), resolved(world, self.destinations)
        directions = cut_all(world, product(sources, destinations), self.mode)
        if not directions:
            raise CannotStrike(f"{listed(sources)} sends nothing to {listed(destinations)}")
        return f"cut {arrows(directions)} ({self.mode})"


def cut_all(
    world: World, wanted: Iterable[tuple[str, str]], mode: CutMode
) -> list[tuple[str, str]]:
    """Cut the ``wanted`` directions in which anything is sent, and return these."""
    among = set(wanted)
    directions = [direction for direction in world.directions() if direction in among]
    for source, destination in directions:
        world.cut(source, destination, mode=mode)
    return directions
