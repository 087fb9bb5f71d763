"""A wall clock that runs too fast or too slow."""

from __future__ import annotations

import math

from attrs import Attribute, field, frozen

from holdfast.histories.faults import FAULTS
from holdfast.histories.faults.targets import NAMES, listed, resolved_nodes
from holdfast.histories.faults.world import World


def _positive(instance: object, attribute: Attribute[float], rate: float) -> None:
    if not 0 < rate < math.inf:
        raise ValueError(f"{attribute.name} must be above 0, not {rate}: clocks do not stand still")


@FAULTS.register("clock-rate")
@frozen
class ClockRate:
    """The wall clocks of nodes drift, each from where it is: too fast, too slow, or no more.

    Args:
        nodes: whose clocks: names or roles.
        rate: seconds of the clock per real second; 1 ends the drift and keeps what it has come to.
    """

    nodes: tuple[str, ...] = field(default=("n1",), validator=NAMES)
    rate: float = field(default=2.0, validator=_positive)

    def strike(self, world: World) -> str:
        """Set the rates."""
        nodes = resolved_nodes(world, self.nodes)
        for node in nodes:
            lead, _ = world.clock(node)
            world.set_clock(node, offset=lead, rate=self.rate)
        clocks = "clock" if len(nodes) == 1 else "clocks"
        return f"set the {clocks} of {listed(nodes)} to {self.rate:.15g} times real time"
