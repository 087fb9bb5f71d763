"""Requests and replies stay paired, nothing is sent twice, and failures say what is known."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from holdfast.histories.live.redis_cluster import RedisCluster
from holdfast.histories.live.redis_connection import RedisConnection
from holdfast.histories.outcome import NoAnswer, NotSent, ServerRefused

PING = b"*1\r\n$4\r\nPING\r\n"
SOON = 0.1
LATER = 10

Serve = Callable[[Callable[[socket.socket], None]], Path]


@pytest.fixture
def serve(run_directory: Path) -> Iterator[Serve]:
    """Start a server that misbehaves as told, since a real one would not; return its socket."""
    listener = socket.socket(socket.AF_UNIX)
    path = run_directory / "server"

    def start(behave: Callable[[socket.socket], None]) -> Path:
        listener.bind(str(path))
        listener.listen()

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    behave(client)

        threading.Thread(target=accept, daemon=True).start()
        return path

    yield start
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def connection(start_redis: Callable[..., RedisCluster]) -> Iterator[RedisConnection]:
    cluster = start_redis("n1")
    connection = RedisConnection(cluster.socket("n1"))
    yield connection
    connection.close()


@pytest.mark.live
def test_replies_are_text_numbers_lists_and_nothing(connection: RedisConnection) -> None:
    replies = [
        (("SET", "k", "é", "NX", "PX", 60_000), "OK"),
        (("SET", "k", "v", "NX"), None),
        (("GET", "k"), "é"),
        (("DEL", "k"), 1),
        (("RPUSH", "l", 1, 2.5), 2),
        (("LRANGE", "l", 0, -1), ["1", "2.5"]),
    ]
    assert [connection.call(request, LATER) for request, _ in replies] == [
        reply for _, reply in replies
    ]


@pytest.mark.live
def test_an_error_is_refused_and_the_connection_goes_on(connection: RedisConnection) -> None:
    for command, words in [
        (("SET", "k"), "wrong number of arguments"),
        (("EVAL", "return redis.error_reply('no such luck')", 0), "no such luck"),
    ]:
        with pytest.raises(ServerRefused, match=words):
            connection.call(command, LATER)
        assert connection.call(("PING",), LATER) == "PONG"


def test_a_missing_socket_means_not_sent(tmp_path: Path) -> None:
    with pytest.raises(NotSent, match="no-such-server"):
        RedisConnection(tmp_path / "no-such-server").call(("PING",), LATER)


@pytest.mark.live
def test_a_killed_server_means_not_sent_and_a_new_one_is_found(
    start_redis: Callable[..., RedisCluster],
) -> None:
    cluster = start_redis("n1")
    connection = RedisConnection(cluster.socket("n1"))
    assert connection.call(("PING",), LATER) == "PONG"
    cluster.kill("n1")
    for _ in range(2):
        with pytest.raises(NotSent):
            connection.call(("PING",), LATER)
    cluster.restart("n1", keep_data=False)
    assert connection.call(("PING",), LATER) == "PONG"
    # The connection that the new server closes was idle, so nothing is lost with it.
    cluster.kill("n1")
    cluster.restart("n1", keep_data=False)
    assert connection.call(("PING",), LATER) == "PONG"
    connection.close()


@pytest.mark.live
def test_a_late_reply_is_never_taken_for_the_next(
    start_redis: Callable[..., RedisCluster],
) -> None:
    cluster = start_redis("n1")
    connection = RedisConnection(cluster.socket("n1"))
    assert connection.call(("SET", "k", "0"), LATER) == "OK"
    for number in range(5):
        cluster.pause("n1")
        with pytest.raises(NoAnswer, match="no reply in time"):
            connection.call(("SET", "k", f"late {number}"), SOON)
        cluster.resume("n1")
        assert connection.call(("ECHO", f"own {number}"), LATER) == f"own {number}"
    connection.close()


@pytest.mark.live
def test_a_reply_that_nobody_waited_for_is_never_taken_for_the_next(
    connection: RedisConnection,
) -> None:
    connection.send(("ECHO", "first"))
    connection.send(("ECHO", "second"))
    assert connection.receive(time.monotonic() + LATER) == "second"


@pytest.mark.live
def test_a_reply_that_is_there_is_taken_even_after_the_deadline(
    start_redis: Callable[..., RedisCluster],
) -> None:
    """As by a client that was paused between its request and the reply."""
    cluster = start_redis("n1")
    connection, other = (RedisConnection(cluster.socket("n1")) for _ in range(2))
    connection.send(("SET", "k", "v"))
    while other.call(("GET", "k"), LATER) != "v":
        pass
    # A server writes its replies in no certain order, but those of one round before the next.
    assert other.call(("PING",), LATER) == "PONG"
    assert connection.receive(time.monotonic() - 1) == "OK"
    connection.close()
    other.close()


def test_a_connection_lost_after_the_request_means_no_answer_and_no_second_request(
    serve: Serve,
) -> None:
    received = []

    def hang_up(client: socket.socket) -> None:
        received.append(client.recv(1000))

    connection = RedisConnection(serve(hang_up))
    with pytest.raises(NoAnswer):
        connection.call(("PING",), LATER)
    assert received == [PING]


def test_a_reply_that_takes_too_long_is_no_answer(serve: Serve) -> None:
    def dawdle(client: socket.socket) -> None:
        client.recv(1000)
        time.sleep(3)
        with contextlib.suppress(BrokenPipeError):
            client.sendall(b"+PONG\r\n")

    with pytest.raises(NoAnswer):
        RedisConnection(serve(dawdle)).call(("PING",), SOON)


def test_half_a_reply_means_no_answer(serve: Serve) -> None:
    released = threading.Event()

    def stammer(client: socket.socket) -> None:
        client.recv(1000)
        client.sendall(b"$5\r\nhel")
        released.wait(LATER)

    connection = RedisConnection(serve(stammer))
    with pytest.raises(NoAnswer):
        connection.call(("PING",), SOON)
    released.set()


def test_connecting_says_nothing_so_a_paused_node_cannot_block_it(serve: Serve) -> None:
    received = []

    def listen(client: socket.socket) -> None:
        received.append(client.recv(1000))
        client.sendall(b"+PONG\r\n")

    assert RedisConnection(serve(listen)).call(("PING",), LATER) == "PONG"
    assert received == [PING]


def test_a_server_that_is_loading_its_data_refuses(serve: Serve) -> None:
    def load(client: socket.socket) -> None:
        client.recv(1000)
        client.sendall(b"-LOADING Redis is loading the dataset in memory\r\n")

    with pytest.raises(ServerRefused, match="loading"):
        RedisConnection(serve(load)).call(("PING",), LATER)
