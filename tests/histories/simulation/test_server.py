"""Nodes that are paused, killed and started again."""

from __future__ import annotations

import pytest
from tests.histories.simulation.scene import Scene

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.outcome import NoAnswer, NotSent
from holdfast.histories.simulation.cluster import IndependentRedis
from holdfast.histories.simulation.server import Server

SET = ("SET", "k", "v", "NX", "PX", 60_000)


def one(*, durable: bool = False) -> tuple[Scene, Server]:
    scene = Scene(durable=durable)
    return scene, IndependentRedis(scene.stage, ("n1",)).servers["n1"]


def test_a_paused_node_takes_requests_and_does_them_when_it_goes_on() -> None:
    scene, node = one()
    node.pause()
    with pytest.raises(NoAnswer):
        scene.ask(scene.transport(), "n1", SET)
    node.resume()
    assert scene.ask(scene.transport(), "n1", ("GET", "k")) == "v"


def test_a_dead_node_refuses_at_once_and_has_got_nothing() -> None:
    scene, node = one()
    node.kill()
    transport = scene.transport()
    with pytest.raises(NotSent):
        scene.ask(transport, "n1", SET)
    assert transport.now() < 0.01


@pytest.mark.parametrize("paused", [False, True], ids=["under way", "waiting"])
def test_a_request_dies_with_its_connection(paused: bool) -> None:
    scene, node = one()
    transport = scene.transport()
    if paused:
        node.pause()
    result = scene.begin(transport, transport.call("n1", SET, 10.0))
    scene.wait(0.001 if paused else 0.00001)
    node.kill()
    node.recover(keep_data=True)
    node.start()
    scene.wait(0.1)
    with pytest.raises(NoAnswer):
        result.value()
    assert scene.ask(transport, "n1", ("GET", "k")) is None


@pytest.mark.parametrize(
    ("durable", "keep_data", "value"),
    [(False, True, None), (True, True, "v"), (True, False, None)],
)
def test_what_a_node_knows_after_a_restart(
    durable: bool, keep_data: bool, value: str | None
) -> None:
    scene, node = one(durable=durable)
    transport = scene.transport()
    scene.ask(transport, "n1", SET)
    node.kill()
    node.recover(keep_data=keep_data)
    node.start()
    assert scene.ask(transport, "n1", ("GET", "k")) == value


def test_what_cannot_be_done() -> None:
    _, node = one()
    with pytest.raises(CannotStrike, match="must be killed"):
        node.recover(keep_data=True)
    node.kill()
    for act in (node.pause, node.resume):
        with pytest.raises(CannotStrike, match="not running"):
            act()
