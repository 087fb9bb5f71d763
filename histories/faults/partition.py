"""A network partition: two groups that do not hear of each other."""

from __future__ import annotations

from itertools import product
from typing import ClassVar

from attrs import field, frozen, validators

from holdfast.histories.faults import FAULTS
from holdfast.histories.faults.cut import cut_all
from holdfast.histories.faults.targets import NAMES, listed, resolved
from holdfast.histories.faults.world import CannotStrike, CutMode, World


@FAULTS.register("partition")
@frozen
class Partition:
    """Two groups of nodes and clients are severed from each other, both ways.

    Args:
        groups: the two, each of names or roles; whoever is in both belongs to the first, so that
            ``[["leader"], ["nodes"]]`` severs the leader from the other nodes.
        mode: ``hold`` keeps what is sent until the cuts are healed; ``reset`` breaks connections.
    """

    groups: tuple[tuple[str, ...], tuple[str, ...]] = field(
        default=(("n1",), ("nodes", "clients")),
        validator=validators.deep_iterable(NAMES, validators.instance_of(tuple)),
    )
    mode: CutMode = "hold"
    needs_links: ClassVar[bool] = True

    def strike(self, world: World) -> str:
        """Cut both ways between every two of different groups."""
        one = resolved(world, self.groups[0])
        other = [name for name in resolved(world, self.groups[1]) if name not in one]
        if not other:
            raise CannotStrike(
                f"nobody is left in the second group: {listed(one)} are in the first"
            )
        across = [*product(one, other), *product(other, one)]
        if not cut_all(world, across, self.mode):
            raise CannotStrike(f"nothing is sent between {listed(one)} and {listed(other)}")
        return f"severed {listed(one)} from {listed(other)} ({self.mode})"
