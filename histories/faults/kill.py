"""A node that dies."""

from __future__ import annotations

from attrs import field, frozen

from holdfast.histories.faults import FAULTS
from holdfast.histories.faults.targets import NAMES, listed, resolved_nodes
from holdfast.histories.faults.world import World


@FAULTS.register("kill")
@frozen
class Kill:
    """Nodes die without warning and stay dead until they are restarted.

    Args:
        nodes: which: names or roles.
    """

    nodes: tuple[str, ...] = field(default=("n1",), validator=NAMES)

    def strike(self, world: World) -> str:
        """Kill them."""
        nodes = resolved_nodes(world, self.nodes)
        for node in nodes:
            world.kill(node)
        return f"killed {listed(nodes)}"
