"""A network that is whole again."""

from __future__ import annotations

from itertools import product

from attrs import field, frozen, validators

from holdfast.histories.faults import FAULTS
from holdfast.histories.faults.targets import NAMES, arrows, resolved
from holdfast.histories.faults.world import CannotStrike, World


@FAULTS.register("heal")
@frozen
class Heal:
    """Cuts are healed: all of them, or those named.

    Args:
        pairs: (source, destination) of the cuts to heal, names or roles; none means every cut.
    """

    pairs: tuple[tuple[str, str], ...] = field(
        default=(), validator=validators.deep_iterable(NAMES, validators.instance_of(tuple))
    )

    def strike(self, world: World) -> str:
        """Heal what is cut and named, and nothing else."""
        named = {
            direction
            for source, destination in self.pairs
            for direction in product(resolved(world, (source,)), resolved(world, (destination,)))
        }
        healed = [cut for cut in world.cuts() if cut in named or not self.pairs]
        if not healed:
            raise CannotStrike("nothing of that is cut" if self.pairs else "nothing is cut")
        for source, destination in healed:
            world.heal(source, destination)
        return f"healed {arrows(healed)}"
