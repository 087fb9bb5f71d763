"""A real Redis replica: what it has, what it misses, and what it is after it was promoted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.histories.simulation.scene import Scene

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.live.network import Network
from holdfast.histories.live.redis_replication import ReplicatedRedis
from holdfast.histories.live.redis_transport import RedisTransport
from holdfast.histories.locks.transport import run
from holdfast.histories.outcome import ServerRefused
from holdfast.histories.simulation import redis_replication as simulated
from holdfast.histories.systems.system import Settings

pytestmark = pytest.mark.live

SET = ("SET", "k", "v", "NX", "PX", 60_000)
SETTLE_S = 0.5


class Real:
    """A master and its replica over links."""

    def __init__(self, directory: Path) -> None:
        nodes, links = directory / "nodes", directory / "links"
        nodes.mkdir()
        links.mkdir()
        self.network = Network(links)
        self.cluster = ReplicatedRedis(Settings(nodes, linked=True))
        self.network.start(self.cluster.links())
        self.cluster.start()
        sockets = {node: self.cluster.socket(node) for node in self.cluster.nodes}
        self._transport = RedisTransport(sockets, "a test")

    def ask(self, node: str, command: tuple[Any, ...]) -> Any:
        try:
            return run(self._transport.call(node, command, 2.0))
        except ServerRefused as refusal:
            return str(refusal).split()[0] if "replica" in str(refusal) else "refused"

    def cut(self) -> None:
        self.network.cut("n1", "n2")

    def heal(self) -> None:
        self.network.heal("n1", "n2")
        self.wait()

    def wait(self) -> None:
        time.sleep(SETTLE_S)

    def fail_over(self) -> None:
        self.cluster.kill("n1")
        self.cluster.promote("n2")

    def close(self) -> None:
        self._transport.close()
        self.cluster.stop()
        self.network.stop()


class Simulated:
    """The same in virtual time."""

    def __init__(self) -> None:
        self._scene = Scene()
        self._cluster = simulated.ReplicatedRedis(self._scene.stage)
        self._transport = self._scene.transport()

    def ask(self, node: str, command: tuple[Any, ...]) -> Any:
        try:
            return self._scene.ask(self._transport, node, command)
        except ServerRefused as refusal:
            return str(refusal).split()[1] if "replica" in str(refusal) else "refused"

    def cut(self) -> None:
        self._scene.network.cut("n1", "n2", "hold")

    def heal(self) -> None:
        self._scene.network.heal("n1", "n2")
        self._cluster.changed()
        self.wait()

    def wait(self) -> None:
        self._scene.wait(SETTLE_S)

    def fail_over(self) -> None:
        self._cluster.servers["n1"].kill()
        self._cluster.promote("n2")


@pytest.fixture
def real(run_directory: Path) -> Iterator[Real]:
    real = Real(run_directory)
    yield real
    real.close()


def test_real_and_simulated_replicas_agree(real: Real) -> None:
    """What reached the replica is there after the fail-over, what was cut off is not."""
    seen = []
    for pair in (real, Simulated()):
        answers = [
            pair.ask("n1", SET),
            pair.ask("n2", ("SET", "w", "v")) not in ("OK", None),
        ]
        pair.wait()
        answers.append(pair.ask("n2", ("GET", "k")))
        pair.cut()
        answers.append(pair.ask("n1", ("SET", "lost", "v", "NX", "PX", 60_000)))
        answers.append(pair.ask("n1", ("DEL", "k")))
        pair.wait()
        answers.append(pair.ask("n2", ("GET", "lost")))
        pair.heal()
        answers += [pair.ask("n2", ("GET", "lost")), pair.ask("n2", ("GET", "k"))]
        pair.cut()
        answers.append(pair.ask("n1", SET))
        pair.fail_over()
        answers += [pair.ask("n2", SET), pair.ask("n2", ("GET", "lost"))]
        seen.append(answers)
    assert seen[0] == seen[1] == ["OK", True, "v", "OK", 1, None, "v", None, "OK", "OK", "v"]


def test_what_cannot_be_promoted(real: Real) -> None:
    with pytest.raises(CannotStrike, match="a master already"):
        real.cluster.promote("n1")
    real.cluster.kill("n2")
    with pytest.raises(CannotStrike, match="not running"):
        real.cluster.promote("n2")


def test_a_replica_that_comes_back_follows_again(real: Real) -> None:
    real.cluster.kill("n2")
    real.ask("n1", SET)
    real.cluster.restart("n2", keep_data=False)
    deadline = time.monotonic() + 10
    while real.ask("n2", ("GET", "k")) != "v":
        assert time.monotonic() < deadline
        time.sleep(0.05)
