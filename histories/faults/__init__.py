"""What can go wrong, one file a fault; each is plain data that strikes a ``World``."""

from __future__ import annotations

from typing import Protocol

from holdfast.histories.faults.world import CannotStrike, World
from holdfast.registry import Registry


class Fault(Protocol):
    """One kind of disturbance, with its parameters as ``attrs`` fields."""

    def strike(self, world: World) -> str:
        """Disturb ``world`` and return in a few words what was done, targets resolved.

        Raises:
            CannotStrike: this world has no such target or power.
        """
        ...


FAULTS: Registry[type[Fault]] = Registry("fault", __name__)

__all__ = ["FAULTS", "CannotStrike", "Fault", "World"]
