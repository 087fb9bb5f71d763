"""A replica that takes its master's place."""

from __future__ import annotations

from attrs import field, frozen

from holdfast.histories.faults import FAULTS
from holdfast.histories.faults.targets import NAMES, listed, resolved_nodes
from holdfast.histories.faults.world import World


@FAULTS.register("promote")
@frozen
class Promote:
    """Replicas become masters with what they have, as when a master is taken for dead.

    Args:
        nodes: which: names or roles.
    """

    nodes: tuple[str, ...] = field(default=("n2",), validator=NAMES)

    def strike(self, world: World) -> str:
        """Promote them."""
        nodes = resolved_nodes(world, self.nodes)
        for node in nodes:
            world.promote(node)
        return f"promoted {listed(nodes)}"
