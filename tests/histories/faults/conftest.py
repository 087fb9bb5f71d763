"""A small world that faults can strike and that writes down what they do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from attrs import Factory, define

from holdfast.histories.faults import CannotStrike, Fault
from holdfast.histories.faults.world import CutMode


@define
class RecordingWorld:
    """Three nodes that all talk to each other, two clients; n2 leads and c2 holds."""

    clocks: Mapping[str, tuple[float, float]] = Factory(dict)
    paused: tuple[str, ...] = ()
    killed: tuple[str, ...] = ()
    cut_now: tuple[tuple[str, str], ...] = ()
    nodes: Sequence[str] = ("n1", "n2", "n3")
    clients: Sequence[str] = ("c1", "c2")
    done: list[tuple[object, ...]] = Factory(list)

    def resolve(self, target: str) -> tuple[str, ...]:
        roles = {
            "nodes": tuple(self.nodes),
            "clients": tuple(self.clients),
            "leader": ("n2",),
            "holder": ("c2",),
            "paused": self.paused,
            "killed": self.killed,
        }
        if target in (*self.nodes, *self.clients):
            return (target,)
        if target in roles:
            return roles[target]
        raise CannotStrike(f"there is no {target!r} here")

    def clock(self, node: str) -> tuple[float, float]:
        return self.clocks.get(node, (0.0, 1.0))

    def directions(self) -> Sequence[tuple[str, str]]:
        everyone = (*self.clients, *self.nodes)
        return tuple(
            (source, destination)
            for source in everyone
            for destination in everyone
            if source != destination and (source in self.nodes or destination in self.nodes)
        )

    def cuts(self) -> Sequence[tuple[str, str]]:
        return self.cut_now

    def set_clock(self, node: str, *, offset: float, rate: float) -> None:
        self.done.append(("set_clock", node, offset, rate))

    def pause(self, target: str) -> None:
        self.done.append(("pause", target))

    def resume(self, target: str) -> None:
        self.done.append(("resume", target))

    def kill(self, node: str) -> None:
        self.done.append(("kill", node))

    def restart(self, node: str, *, keep_data: bool) -> None:
        self.done.append(("restart", node, keep_data))

    def cut(self, source: str, destination: str, *, mode: CutMode = "hold") -> None:
        self.done.append(("cut", source, destination, mode))

    def promote(self, node: str) -> None:
        self.done.append(("promote", node))

    def heal(self, source: str, destination: str) -> None:
        self.done.append(("heal", source, destination))


@pytest.fixture
def struck() -> Callable[..., tuple[str, list[tuple[object, ...]]]]:
    """Strikes a world in the state given with a fault; returns its words and what it did."""

    def strike(fault: Fault, **state: object) -> tuple[str, list[tuple[object, ...]]]:
        world = RecordingWorld(**state)  # type: ignore[arg-type]
        try:
            return fault.strike(world), world.done
        except CannotStrike as problem:
            return f"cannot: {problem}", world.done

    return strike
