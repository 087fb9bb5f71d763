"""Delays, losses and cuts, each direction on its own."""

from __future__ import annotations

import pytest
from tests.histories.simulation.scene import Scene

from holdfast.histories.outcome import NoAnswer, NotSent
from holdfast.histories.simulation.cluster import IndependentRedis
from holdfast.histories.simulation.network import Conditions, Slow

SET = ("SET", "k", "v", "NX", "PX", 60_000)


def two(conditions: Conditions | None = None) -> Scene:
    scene = Scene(conditions)
    IndependentRedis(scene.stage, ("n1", "n2"))
    return scene


def test_a_round_trip_takes_half_to_one_and_a_half_of_the_mean_each_way() -> None:
    scene = two(Conditions(delay_ms=10))
    transport = scene.transport()
    took = []
    for _ in range(200):
        began = transport.now()
        scene.ask(transport, "n1", ("PING",))
        took.append(transport.now() - began)
    assert 0.010 <= min(took) < 0.013
    assert 0.027 < max(took) <= 0.030


def test_a_slow_direction_delays_that_direction_alone() -> None:
    scene = two(Conditions(delay_ms=0, slow=(Slow("c1", "n1", 300), Slow("n2", "c1", 500))))
    transport = scene.transport()
    assert scene.run(transport, transport.call_all(("n1", "n2"), SET, 0.4))[0] == "OK"
    assert transport.now() == pytest.approx(0.4)  # the reply of n2 is still under way
    assert scene.ask(scene.transport("c2"), "n2", ("GET", "k")) == "v"
    assert transport.now() == pytest.approx(0.4)


def test_what_is_lost_is_sent_again() -> None:
    scene = two(Conditions(delay_ms=0, lost=1.0))
    transport = scene.transport()
    assert scene.ask(transport, "n1", ("PING",)) == "PONG"
    assert transport.now() == pytest.approx(0.4)


def test_a_held_request_takes_effect_when_the_cut_is_healed() -> None:
    scene = two()
    transport = scene.transport()
    scene.network.cut("c1", "n1", "hold")
    with pytest.raises(NoAnswer):
        scene.ask(transport, "n1", SET)
    other = scene.transport("c2")
    assert scene.ask(other, "n1", ("GET", "k")) is None
    scene.network.heal("c1", "n1")
    scene.wait(1)
    assert scene.ask(other, "n1", ("GET", "k")) == "v"


def test_a_held_reply_leaves_the_client_in_doubt_though_the_request_took_effect() -> None:
    scene = two()
    scene.network.cut("n1", "c1", "hold")
    with pytest.raises(NoAnswer):
        scene.ask(scene.transport(), "n1", SET)
    assert scene.ask(scene.transport("c2"), "n1", ("GET", "k")) == "v"


def test_a_held_reply_that_is_healed_in_time_arrives() -> None:
    scene = two()
    transport = scene.transport()
    scene.network.cut("n1", "c1", "hold")
    result = scene.begin(transport, transport.call("n1", SET, 1.0))
    scene.wait(0.5)
    scene.network.heal("n1", "c1")
    scene.wait(0.1)
    assert result.value() == "OK"


@pytest.mark.parametrize(
    ("source", "destination", "error", "value"),
    [("c1", "n1", NotSent, None), ("n1", "c1", NoAnswer, "v")],
    ids=["request", "reply"],
)
def test_a_reset_is_noticed_at_once(
    source: str, destination: str, error: type[Exception], value: str | None
) -> None:
    scene = two()
    transport = scene.transport()
    scene.network.cut(source, destination, "reset")
    with pytest.raises(error):
        scene.ask(transport, "n1", SET)
    assert transport.now() < 0.01
    assert scene.ask(scene.transport("c2"), "n1", ("GET", "k")) == value


def test_what_a_reset_breaks_does_not_come_after_the_heal() -> None:
    scene = two()
    scene.network.cut("c1", "n1", "hold")
    with pytest.raises(NoAnswer):
        scene.ask(scene.transport(), "n1", SET)
    scene.network.cut("c1", "n1", "reset")
    scene.network.heal("c1", "n1")
    scene.wait(1)
    assert scene.ask(scene.transport("c2"), "n1", ("GET", "k")) is None


def test_replies_that_are_late_for_one_node_are_there_for_the_others() -> None:
    scene = two()
    transport = scene.transport()
    scene.network.cut("n2", "c1", "hold")
    first, second = scene.run(transport, transport.call_all(("n1", "n2"), SET, 0.05))
    assert first == "OK"
    assert isinstance(second, NoAnswer)
    assert transport.now() == pytest.approx(0.05)
