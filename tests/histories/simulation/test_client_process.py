"""Coroutines of clients that are paused, resumed and cancelled."""

from __future__ import annotations

from tests.histories.simulation.scene import Scene

from holdfast.histories.simulation.cluster import IndependentRedis
from holdfast.histories.simulation.transport import SimulatedTransport


async def ticks(transport: SimulatedTransport, seen: list[float]) -> None:
    while True:
        await transport.sleep(1)
        seen.append(transport.now())


def test_a_paused_client_does_nothing_and_then_what_was_due() -> None:
    scene, seen = Scene(), list[float]()
    transport = scene.transport()
    transport.spawn(ticks(transport, seen))
    scene.wait(2.5)
    transport.client.pause()
    scene.wait(4)
    assert seen == [1, 2]
    transport.client.resume()
    scene.wait(2)
    assert seen == [1, 2, 6.5, 7.5, 8.5]


def test_a_cancelled_task_ends_at_its_next_sleep_or_call() -> None:
    scene, seen = Scene(), list[float]()
    transport = scene.transport()
    task = transport.spawn(ticks(transport, seen))
    scene.wait(1.5)
    task.cancel()
    scene.wait(5)
    assert seen == [1]
    assert not transport.client.tasks


def test_a_reply_that_came_while_the_client_was_paused_is_read_when_it_goes_on() -> None:
    scene = Scene()
    IndependentRedis(scene.stage, ("n1",))
    transport = scene.transport()
    result = scene.begin(transport, transport.call("n1", ("PING",), 0.1))
    scene.wait(0)
    transport.client.pause()
    scene.wait(10)
    assert not result.done
    transport.client.resume()
    scene.wait(0)
    # As live: what stands in the socket is read, however late.
    assert result.value() == "PONG"


def test_what_is_left_at_the_end_is_closed() -> None:
    scene = Scene()
    transport = scene.transport()
    ended = []

    async def work() -> None:
        try:
            await transport.sleep(10)
        finally:
            ended.append(True)

    transport.spawn(work())
    scene.wait(1)
    transport.client.close()
    assert ended == [True]
