"""Calls and their deadlines: one after the other, beside each other, and of clients that were paused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.histories.simulation.scene import Scene

from holdfast.histories.outcome import NoAnswer
from holdfast.histories.simulation.cluster import IndependentRedis
from holdfast.histories.simulation.transport import SimulatedTransport

PING = ("PING",)
MS = 1_000_000


def scene() -> Scene:
    """Return a scene with a node that answers, ``n1``, and one that never does, ``n2``."""
    scene = Scene()
    IndependentRedis(scene.stage, ("n1", "n2"))
    scene.network.servers["n2"].pause()
    return scene


async def waited(transport: SimulatedTransport, node: str, milliseconds: int) -> float:
    """Call ``node`` and return for how many milliseconds it took."""
    began = transport.now()
    try:
        await transport.call(node, PING, milliseconds / 1000)
    except NoAnswer:
        return round((transport.now() - began) * 1000, 6)
    return 0.0


@given(
    st.lists(
        st.tuples(st.sampled_from(["n1", "n2"]), st.integers(-1, 50), st.integers(0, 30)),
        max_size=8,
    )
)
def test_every_call_ends_at_its_own_deadline(calls: list[tuple[str, int, int]]) -> None:
    stage = scene()
    transport = stage.transport()

    async def ask() -> None:
        for node, timeout, rest in calls:
            took = await waited(transport, node, timeout)
            assert took == (max(timeout, 0) if node == "n2" or timeout < 1 else 0)
            await transport.sleep(rest / 1000)

    stage.run(transport, ask())


def test_calls_to_many_end_at_the_deadline_with_what_has_come() -> None:
    stage = scene()
    transport = stage.transport()
    answered, silent = stage.run(transport, transport.call_all(("n1", "n2"), PING, 0.02))
    assert answered == "PONG"
    assert isinstance(silent, NoAnswer)
    assert stage.time.now == 20 * MS


def test_tasks_of_one_client_have_deadlines_of_their_own() -> None:
    stage = scene()
    transport = stage.transport()
    slow = stage.begin(transport, waited(transport, "n2", 30))
    fast = stage.begin(transport, waited(transport, "n2", 10))
    stage.wait(0.02)
    assert (fast.done, slow.done) == (True, False)
    stage.wait(0.02)
    assert (fast.value(), slow.value()) == (10, 30)


@pytest.mark.parametrize("timeout", [10, 30])
def test_a_deadline_that_passes_in_a_pause_is_met_when_the_client_goes_on(timeout: int) -> None:
    stage = scene()
    transport = stage.transport()
    call = stage.begin(transport, waited(transport, "n2", timeout))
    stage.wait(0)
    transport.client.pause()
    stage.wait(0.02)
    transport.client.resume()
    stage.wait(0.02)
    assert call.value() == max(timeout, 20)
