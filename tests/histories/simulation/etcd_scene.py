"""A simulated etcd cluster with a client, for tests."""

from __future__ import annotations

from typing import Any

from tests.histories.simulation.scene import Scene

from holdfast.histories.locks.etcd_requests import Keys, PutIfAbsent
from holdfast.histories.simulation.etcd_cluster import SimulatedEtcd

NODES = ("n1", "n2", "n3")


class Etcd:
    def __init__(self, seed: int = 0) -> None:
        self.scene = Scene(seed=seed)
        self.cluster = SimulatedEtcd(self.scene.stage)
        self.transport = self.scene.transport()

    def ask(self, request: Any, node: str | None = None, timeout: float = 1.0) -> Any:
        return self.scene.ask(self.transport, node or self.leader, request, timeout)

    def put(self, key: str, lease: int = 0, node: str | None = None) -> Keys:
        keys: Keys = self.ask(PutIfAbsent(f"p/{key}", key, lease, "p/"), node)
        return keys

    @property
    def leader(self) -> str:
        return self.cluster.leader()

    @property
    def follower(self) -> str:
        return next(node for node in NODES if node != self.leader)

    def strike(self, act: str, node: str) -> None:
        getattr(self.cluster.servers[node], act)()
        self.cluster.changed()

    def isolate(self, node: str) -> None:
        for other in NODES:
            if other != node:
                self.scene.network.cut(node, other, "hold")
                self.scene.network.cut(other, node, "hold")
        self.cluster.changed()

    def silence(self) -> None:
        """Hold back all that nodes say to each other, without the cluster's taking note of it."""
        for one in NODES:
            for other in NODES:
                if one != other:
                    self.scene.network.cut(one, other, "hold")

    def heal(self) -> None:
        for source, destination in self.scene.network.cuts():
            self.scene.network.heal(source, destination)
        self.cluster.changed()

    def restart(self, node: str, *, keep_data: bool = True) -> None:
        self.cluster.servers[node].recover(keep_data=keep_data)
        self.cluster.servers[node].start()
        self.cluster.changed()


def values(keys: Keys) -> list[str]:
    return [entry.value for entry in keys.keys]
