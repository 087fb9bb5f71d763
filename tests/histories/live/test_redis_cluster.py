"""Real Redis servers under every fault that can hit them."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.live import redis_cluster
from holdfast.histories.live.programs import find_libfaketime, find_program, find_redis
from holdfast.histories.live.redis_cluster import RedisCluster
from holdfast.histories.live.redis_connection import RedisConnection
from holdfast.histories.outcome import NoAnswer, NotSent
from holdfast.histories.systems.system import Settings

pytestmark = pytest.mark.live

LATER = 10
LONG_MS = 60_000
CLOSE = pytest.approx
NEAR = 0.05
"""How far a clock may seem off, in seconds, on a machine that is busy while it is looked at."""

StartRedis = Callable[..., RedisCluster]

needs_faketime = pytest.mark.skipif(
    sys.platform != "linux" or find_libfaketime({}) is None, reason="libfaketime does not run here"
)


def ask(cluster: RedisCluster, node: str, *command: str | int, timeout: float = LATER) -> Any:
    connection = RedisConnection(cluster.socket(node))
    try:
        return connection.call(command, timeout)
    finally:
        connection.close()


def lead(cluster: RedisCluster, node: str) -> float:
    """Return by how many seconds the server's clock is ahead, as the server itself says."""
    looks = []
    for _ in range(5):
        before = time.time()
        seconds, microseconds = ask(cluster, node, "TIME")
        after = time.time()
        looks.append((after - before, int(seconds) + int(microseconds) / 1e6 - after))
    return min(looks)[1]


def test_five_nodes_that_know_nothing_of_each_other(start_redis: StartRedis) -> None:
    cluster = start_redis()
    assert cluster.nodes == ("n1", "n2", "n3", "n4", "n5")
    assert ask(cluster, "n1", "SET", "k", "v") == "OK"
    assert [ask(cluster, node, "GET", "k") for node in cluster.nodes] == ["v"] + [None] * 4
    assert list(cluster.links()) == []
    with pytest.raises(CannotStrike, match="no leader"):
        cluster.leader()


def test_only_the_unix_socket_is_served(start_redis: StartRedis) -> None:
    cluster = start_redis("storage")
    assert ask(cluster, "storage", "CONFIG", "GET", "port") == ["port", "0"]
    assert cluster.socket("storage").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("durable", "keep_data", "found"),
    [(False, True, None), (False, False, None), (True, True, "v"), (True, False, None)],
)
def test_what_a_restarted_node_remembers(
    start_redis: StartRedis, durable: bool, keep_data: bool, found: str | None
) -> None:
    cluster = start_redis("n1", durable=durable)
    for _ in range(2):
        assert ask(cluster, "n1", "SET", "k", "v", "NX") == ("OK")
        cluster.kill("n1")
        cluster.kill("n1")
        with pytest.raises(NotSent):
            ask(cluster, "n1", "PING")
        cluster.restart("n1", keep_data=keep_data)
        assert ask(cluster, "n1", "GET", "k") == found
        ask(cluster, "n1", "DEL", "k")


def test_a_durable_node_writes_before_it_answers(start_redis: StartRedis) -> None:
    cluster = start_redis("n1", durable=True)
    assert ask(cluster, "n1", "CONFIG", "GET", "appendfsync") == ["appendfsync", "always"]


def test_a_paused_node_answers_when_it_is_resumed(start_redis: StartRedis) -> None:
    cluster = start_redis("n1")
    for _ in range(2):
        cluster.pause("n1")
        with pytest.raises(NoAnswer):
            ask(cluster, "n1", "PING", timeout=0.1)
        cluster.resume("n1")
        assert ask(cluster, "n1", "PING") == "PONG"
    cluster.pause("n1")
    cluster.kill("n1")
    cluster.restart("n1", keep_data=False)
    assert ask(cluster, "n1", "PING") == "PONG"


def test_what_a_node_cannot_suffer_now(start_redis: StartRedis) -> None:
    cluster = start_redis("n1")
    with pytest.raises(CannotStrike, match="n1 is running"):
        cluster.restart("n1", keep_data=True)
    cluster.kill("n1")
    for strike in (cluster.pause, cluster.resume):
        with pytest.raises(CannotStrike, match="n1 is not running"):
            strike("n1")


def test_stop_ends_every_node_and_may_be_repeated(start_redis: StartRedis) -> None:
    cluster = start_redis("n1", "n2")
    cluster.pause("n1")
    cluster.stop()
    cluster.stop()
    for node in cluster.nodes:
        with pytest.raises(NotSent):
            ask(cluster, node, "PING")


def test_a_server_that_does_not_come_up_shows_its_log(run_directory: Path) -> None:
    server = run_directory / "server"
    server.write_text("#!/bin/sh\necho out of luck\nexit 1\n")
    server.chmod(0o755)
    cluster = RedisCluster(Settings(run_directory, programs={"redis-server": server}), ("n1", "n2"))
    with pytest.raises(RuntimeError, match=r"out of luck$"):
        cluster.start()
    cluster.stop()


def test_a_directory_with_a_long_name_is_refused(tmp_path: Path) -> None:
    cluster = RedisCluster(Settings(tmp_path / ("long" * 20)), ("n1",))
    with pytest.raises(ValueError, match="too long for a unix socket"):
        cluster.start()
    cluster.stop()


@needs_faketime
@pytest.mark.parametrize(("leap_ms", "freed"), [(LONG_MS, True), (LONG_MS // 2, False)])
def test_a_clock_that_jumps_by_the_time_to_live_frees_the_key(
    start_redis: StartRedis, leap_ms: int, freed: bool
) -> None:
    cluster = start_redis("n1", "n2")
    for node in cluster.nodes:
        assert ask(cluster, node, "SET", "k", "v", "PX", LONG_MS) == "OK"
    cluster.set_clock("n1", offset=leap_ms / 1000, rate=1)
    assert ask(cluster, "n1", "SET", "k", "w", "NX") == ("OK" if freed else None)
    assert ask(cluster, "n2", "SET", "k", "w", "NX") is None


@needs_faketime
@pytest.mark.parametrize(("offset", "rate"), [(100, 1), (-100, 1), (0, 20), (100, 0.5), (-100, 3)])
def test_the_clock_is_what_was_set(start_redis: StartRedis, offset: float, rate: float) -> None:
    cluster = start_redis("n1", "n2")
    assert cluster.clock("n1") == (0, 1)
    time.sleep(0.2)  # so that a rate taken from the start of the process would show
    cluster.set_clock("n1", offset=offset, rate=rate)
    for _ in range(2):
        assert lead(cluster, "n1") == CLOSE(cluster.clock("n1")[0], abs=NEAR * max(rate, 1))
        assert cluster.clock("n1")[1] == rate
        time.sleep(0.2)
    assert cluster.clock("n1")[0] - offset == 0 or rate != 1
    assert cluster.clock("n2") == (0, 1)
    assert lead(cluster, "n2") == CLOSE(0, abs=NEAR)
    cluster.set_clock("n1", offset=0, rate=1)
    assert lead(cluster, "n1") == CLOSE(0, abs=NEAR)


@needs_faketime
def test_a_fast_clock_ends_a_key_early(start_redis: StartRedis) -> None:
    cluster = start_redis("n1")
    assert ask(cluster, "n1", "SET", "k", "v", "PX", LONG_MS) == "OK"
    cluster.set_clock("n1", offset=0, rate=1000)
    deadline = time.monotonic() + LATER
    while ask(cluster, "n1", "GET", "k") == "v" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ask(cluster, "n1", "GET", "k") is None
    assert cluster.clock("n1")[0] > 0.9 * LONG_MS / 1000


@needs_faketime
@pytest.mark.parametrize("down", [False, True])
def test_a_restarted_node_keeps_its_clock_fault(start_redis: StartRedis, down: bool) -> None:
    cluster = start_redis("n1", durable=True)
    assert ask(cluster, "n1", "SET", "k", "v", "PX", LONG_MS) == "OK"
    if down:
        cluster.kill("n1")
    cluster.set_clock("n1", offset=LONG_MS / 2000, rate=2)
    if not down:
        cluster.kill("n1")
    cluster.restart("n1", keep_data=True)
    assert lead(cluster, "n1") == CLOSE(cluster.clock("n1")[0], abs=NEAR)
    assert cluster.clock("n1")[0] > LONG_MS / 2000
    assert cluster.clock("n1")[1] == 2
    assert ask(cluster, "n1", "GET", "k") == "v"
    cluster.set_clock("n1", offset=LONG_MS / 1000, rate=2)
    assert ask(cluster, "n1", "GET", "k") is None


@needs_faketime
def test_no_client_ever_finds_a_node_whose_clock_is_not_right_yet(start_redis: StartRedis) -> None:
    cluster = start_redis("n1")
    seen: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            with contextlib.suppress(NotSent, NoAnswer):
                seen.append(lead(cluster, "n1"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(5):
        cluster.kill("n1")
        cluster.restart("n1", keep_data=False)
        time.sleep(0.05)
    over.set()
    watcher.join()
    assert len(seen) > 5
    assert [lead for lead in seen if abs(lead) > NEAR] == []


@needs_faketime
def test_libfaketime_leaves_nothing_behind(start_redis: StartRedis) -> None:
    """Not even while it runs: so a killed harness leaves nothing either."""
    cluster = start_redis("n1")
    (pid,) = (
        line.partition(":")[2].strip()
        for line in ask(cluster, "n1", "INFO", "server").splitlines()
        if line.startswith("process_id:")
    )
    assert int(pid) > 0
    assert list(Path("/dev/shm").glob(f"*faketime*_{pid}")) == []


@needs_faketime
def test_a_node_that_does_not_come_up_leaves_no_shared_memory(
    run_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = find_redis({}).server.path
    server = run_directory / "server"
    server.write_text(
        f'#!/bin/sh\necho $$ >> {run_directory}/pids\nexec {real} "$@" --unixsocket elsewhere\n'
    )
    server.chmod(0o755)
    monkeypatch.setattr(redis_cluster, "READY_SECONDS", 0.5)
    cluster = RedisCluster(Settings(run_directory, programs={"redis-server": server}), ("n1", "n2"))
    with pytest.raises(RuntimeError, match="not ready"):
        cluster.start()
    pids = (run_directory / "pids").read_text().split()
    assert len(pids) == 4  # two were trials
    left = [f"*faketime*_{pid}" for pid in pids]
    assert any(list(Path("/dev/shm").glob(name)) for name in left)
    cluster.stop()
    assert not any(list(Path("/dev/shm").glob(name)) for name in left)


def test_a_server_whose_clock_cannot_be_set_serves_all_the_same(run_directory: Path) -> None:
    real = find_program("redis-server", {}).path
    server = run_directory / "server"
    server.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo malloc=jemalloc && exit\nexec {real} "$@"\n'
    )
    server.chmod(0o755)
    cluster = RedisCluster(Settings(run_directory, programs={"redis-server": server}), ("n1",))
    try:
        cluster.start()
        assert ask(cluster, "n1", "PING") == "PONG"
        assert cluster.clock("n1") == (0, 1)
        with pytest.raises(CannotStrike, match=r"clock of n1 cannot be set: .*jemalloc"):
            cluster.set_clock("n1", offset=1, rate=1)
        cluster.kill("n1")
        cluster.restart("n1", keep_data=True)
        assert ask(cluster, "n1", "PING") == "PONG"
    finally:
        cluster.stop()
