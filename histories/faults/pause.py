"""A client or node that stops for a while, as in a long garbage collection."""

from __future__ import annotations

from attrs import field, frozen

from holdfast.histories.faults import FAULTS
from holdfast.histories.faults.targets import NAMES, listed, resolved
from holdfast.histories.faults.world import World


@FAULTS.register("pause")
@frozen
class Pause:
    """Clients or nodes stop wherever they are, until they are resumed.

    Args:
        targets: who: names or roles.
    """

    targets: tuple[str, ...] = field(default=("holder",), validator=NAMES)

    def strike(self, world: World) -> str:
        """Pause them."""
        names = resolved(world, self.targets)
        for name in names:
            world.pause(name)
        return f"paused {listed(names)}"
