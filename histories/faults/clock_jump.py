"""A wall clock that leaps."""

from __future__ import annotations

from attrs import Attribute, field, frozen

from holdfast.histories.faults import FAULTS
from holdfast.histories.faults.targets import NAMES, listed, resolved_nodes
from holdfast.histories.faults.world import World

LARGEST_MS = 10 * 365 * 24 * 3600 * 1000.0
"""A server's clock that leaps much farther ends the server, which is another fault."""


def _within_reason(instance: object, attribute: Attribute[float], milliseconds: float) -> None:
    if not abs(milliseconds) <= LARGEST_MS:
        raise ValueError(
            f"{attribute.name} is {milliseconds}: give milliseconds, at most ten years of them"
        )


@FAULTS.register("clock-jump")
@frozen
class ClockJump:
    """The wall clocks of nodes leap, each on from where it is, and go on at their rates.

    Args:
        nodes: whose clocks: names or roles.
        by_ms: how far ahead, in milliseconds; below zero, back.
    """

    nodes: tuple[str, ...] = field(default=("n1",), validator=NAMES)
    by_ms: float = field(default=10_000.0, validator=_within_reason)

    def strike(self, world: World) -> str:
        """Move the clocks."""
        nodes = resolved_nodes(world, self.nodes)
        for node in nodes:
            lead, rate = world.clock(node)
            world.set_clock(node, offset=lead + self.by_ms / 1000, rate=rate)
        way = "ahead" if self.by_ms >= 0 else "back"
        clocks = "clock" if len(nodes) == 1 else "clocks"
        return f"moved the {clocks} of {listed(nodes)} {way} by {abs(self.by_ms):.15g} ms"
