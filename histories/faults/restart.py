"""A dead node that comes back."""

from __future__ import annotations

from attrs import field, frozen

from holdfast.histories.faults import FAULTS
from holdfast.histories.faults.targets import NAMES, listed, resolved_nodes
from holdfast.histories.faults.world import World


@FAULTS.register("restart")
@frozen
class Restart:
    """Killed nodes start again, with the data they had made durable or with none.

    Args:
        nodes: which: names or roles.
        keep_data: whether a node finds what it had made durable; otherwise it comes back empty.
    """

    nodes: tuple[str, ...] = field(default=("killed",), validator=NAMES)
    keep_data: bool = True

    def strike(self, world: World) -> str:
        """Start them."""
        nodes = resolved_nodes(world, self.nodes)
        for node in nodes:
            world.restart(node, keep_data=self.keep_data)
        return f"restarted {listed(nodes)} {'with what was durable' if self.keep_data else 'empty'}"
