"""One client's way to several real Redis nodes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.histories.live.redis_cluster import RedisCluster
from holdfast.histories.live.redis_transport import RedisTransport
from holdfast.histories.locks.transport import run
from holdfast.histories.outcome import NoAnswer, NotSent, ServerRefused

SOON = 0.1
LATER = 10

StartRedis = Callable[..., RedisCluster]
ConnectRedis = Callable[[RedisCluster], RedisTransport]


@pytest.mark.live
def test_each_node_answers_for_itself(start_redis: StartRedis, connect_redis: ConnectRedis) -> None:
    cluster = start_redis("n1", "n2", "n3", "n4")
    transport = connect_redis(cluster)
    assert transport.nodes == ("n1", "n2", "n3", "n4")
    assert run(transport.call("n4", ("RPUSH", "k", "v"), LATER)) == 1
    cluster.kill("n2")
    cluster.pause("n3")
    replies = run(transport.call_all(transport.nodes, ("SET", "k", "v", "GET"), 0.5))
    assert replies[0] is None
    assert [type(reply) for reply in replies[1:]] == [NotSent, NoAnswer, ServerRefused]
    cluster.resume("n3")
    cluster.restart("n2", keep_data=False)
    replies = run(transport.call_all(("n3", "n2"), ("GET", "k"), LATER))
    assert replies == ["v", None]


@pytest.mark.live
def test_a_late_reply_of_one_node_is_never_taken_for_its_next(
    start_redis: StartRedis, connect_redis: ConnectRedis
) -> None:
    cluster = start_redis("n1", "n2")
    transport = connect_redis(cluster)
    for number in range(3):
        cluster.pause("n1")
        late = run(transport.call_all(transport.nodes, ("ECHO", f"late {number}"), SOON))
        assert isinstance(late[0], NoAnswer)
        assert late[1] == f"late {number}"
        cluster.resume("n1")
        own = run(transport.call_all(transport.nodes, ("ECHO", f"own {number}"), LATER))
        assert own == [f"own {number}"] * 2


def test_all_are_asked_before_any_is_waited_for(run_directory: Path) -> None:
    """Three servers that answer only once all three have been asked, as no real one would."""
    asked = threading.Barrier(3, timeout=LATER)
    sockets = {f"n{number}": run_directory / f"n{number}" for number in range(3)}

    def answer(listener: socket.socket) -> None:
        with listener, listener.accept()[0] as client:
            client.recv(1000)
            asked.wait()
            client.sendall(b"+PONG\r\n")

    for path in sockets.values():
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        threading.Thread(target=answer, args=[listener], daemon=True).start()
    transport = RedisTransport(sockets, seed="a test")
    assert run(transport.call_all(transport.nodes, ("PING",), LATER)) == ["PONG"] * 3
    transport.close()


@pytest.mark.live
def test_a_background_call_neither_blocks_its_owner_nor_takes_its_replies(
    start_redis: StartRedis, connect_redis: ConnectRedis
) -> None:
    transport = connect_redis(start_redis("n1"))
    taken = []

    async def wait_for_an_item() -> None:
        taken.append(await transport.call("n1", ("BLPOP", "list", LATER), LATER))

    background = transport.spawn(wait_for_an_item())
    for number in range(100):
        assert run(transport.call("n1", ("ECHO", number), LATER)) == str(number)
    assert run(transport.call("n1", ("RPUSH", "list", "item"), LATER)) == 1
    background.thread.join(LATER)
    assert taken == [["list", "item"]]


@pytest.mark.live
@pytest.mark.parametrize("everywhere", [False, True])
def test_a_cancelled_background_sends_nothing_more(
    start_redis: StartRedis, connect_redis: ConnectRedis, everywhere: bool
) -> None:
    transport = connect_redis(start_redis("n1"))
    sent, cancelled = threading.Event(), threading.Event()

    async def write_twice() -> None:
        for value in ("before", "after"):
            request = ("SET", "k", value)
            if everywhere:
                await transport.call_all(["n1"], request, LATER)
            else:
                await transport.call("n1", request, LATER)
            sent.set()
            cancelled.wait(LATER)

    background = transport.spawn(write_twice())
    assert sent.wait(LATER)
    background.cancel()
    cancelled.set()
    background.thread.join(LATER)
    assert not background.thread.is_alive()
    assert run(transport.call("n1", ("GET", "k"), LATER)) == "before"
