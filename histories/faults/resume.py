"""The end of a pause."""

from __future__ import annotations

from attrs import field, frozen

from holdfast.histories.faults import FAULTS
from holdfast.histories.faults.targets import NAMES, listed, resolved
from holdfast.histories.faults.world import World


@FAULTS.register("resume")
@frozen
class Resume:
    """Paused clients or nodes go on from where they stopped.

    Args:
        targets: who: names or roles.
    """

    targets: tuple[str, ...] = field(default=("paused",), validator=NAMES)

    def strike(self, world: World) -> str:
        """Resume them."""
        names = resolved(world, self.targets)
        for name in names:
            world.resume(name)
        return f"resumed {listed(names)}"
