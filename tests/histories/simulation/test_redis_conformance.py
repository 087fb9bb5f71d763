"""The same commands to a simulated and to a real Redis node: the answers agree, ends of keys included.

The nodes' clocks leap by seconds, so that no answer hangs on how fast the machine is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.histories.simulation.scene import Scene

from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.live.directory import RunDirectory
from holdfast.histories.live.redis_cluster import RedisCluster
from holdfast.histories.live.redis_transport import RedisTransport
from holdfast.histories.locks.redlock import COMPARE_AND_DELETE
from holdfast.histories.locks.transport import run
from holdfast.histories.outcome import ServerRefused
from holdfast.histories.resource import FENCED
from holdfast.histories.simulation.cluster import IndependentRedis
from holdfast.histories.systems.system import Settings

pytestmark = pytest.mark.live

KEYS = ("a", "b")
TTL_MS = 10_000
PTTL_CLOSE_MS = 2_000
"""How far apart two answers to PTTL may be: real time passes on one side."""

Command = tuple[Any, ...]


@frozen
class Leap:
    """The node's clock leaps; then every key is looked at, as Redis deletes what has ended by itself."""

    by_s: int


def commands() -> st.SearchStrategy[Command]:
    key, value = st.sampled_from(KEYS), st.sampled_from(("x", "y"))
    ttl = st.sampled_from((TTL_MS, 2 * TTL_MS, str(TTL_MS), 0, -1, "soon"))
    number = st.integers(0, 3)
    return st.one_of(
        st.tuples(st.just("SET"), key, value, st.just("NX"), st.just("PX"), ttl),
        st.tuples(st.just("SET"), key, value, st.just("PX"), ttl, st.just("NX")),
        st.tuples(st.just("SET"), key, value, st.just("PX"), ttl),
        st.tuples(st.just("SET"), key, value, st.just("NX")),
        st.tuples(st.just("SET"), key, value),
        st.tuples(st.just("SET"), key, value, st.sampled_from(("PX", "NY"))),
        st.tuples(st.just("EVAL"), st.just(COMPARE_AND_DELETE), st.just(1), key, value),
        st.tuples(st.sampled_from(("GET", "DEL", "PTTL")), key),
        st.tuples(st.just("EVAL"), st.just(FENCED), st.just(1), key, number),
        st.tuples(st.just("EVAL"), st.just(FENCED), st.just(1), key, number, number),
        st.tuples(st.just("HSET"), key, st.just("value"), number),
        st.tuples(st.just("HSET"), key, st.just("fence"), number, st.just("value"), number),
        st.tuples(st.just("HGET"), key, st.sampled_from(("value", "fence"))),
        st.just(("NOSUCH",)),
    )


def scripts() -> st.SearchStrategy[list[Command | Leap]]:
    leaps = st.sampled_from((6, 16, -6, -30)).map(Leap)
    return st.lists(st.one_of(commands(), commands(), leaps), max_size=12)


class Simulated:
    def __init__(self) -> None:
        self._scene = Scene()
        self._server = IndependentRedis(self._scene.stage, ("n1",)).servers["n1"]
        self._transport = self._scene.transport()

    def ask(self, command: Command) -> Any:
        return self._scene.ask(self._transport, "n1", command)

    def leap(self, by_s: int) -> None:
        lead, rate = self._server.clock.read()
        self._server.clock.set(offset=lead + by_s, rate=rate)


class Real:
    def __init__(self, cluster: RedisCluster, transport: RedisTransport) -> None:
        self._cluster = cluster
        self._transport = transport

    def ask(self, command: Command) -> Any:
        return run(self._transport.call("n1", command, 5.0))

    def leap(self, by_s: int) -> None:
        lead, rate = self._cluster.clock("n1")
        self._cluster.set_clock("n1", offset=lead + by_s, rate=rate)

    def forget(self) -> None:
        self.ask(("FLUSHALL",))
        self._cluster.set_clock("n1", offset=0, rate=1)


@pytest.fixture(scope="module")
def real() -> Iterator[Real]:
    with RunDirectory() as directory:
        cluster = RedisCluster(Settings(Path(directory)), names=("n1",))
        try:
            cluster.start()
            try:
                cluster.set_clock("n1", offset=0, rate=1)
            except CannotStrike as problem:
                pytest.skip(str(problem))
            transport = RedisTransport({"n1": cluster.socket("n1")}, "conformance")
            yield Real(cluster, transport)
            transport.close()
        finally:
            cluster.stop()


def answers(node: Simulated | Real, script: Sequence[Command | Leap]) -> list[Any]:
    given: list[Any] = []
    for step in script:
        if isinstance(step, Leap):
            node.leap(step.by_s)
            given += [answer(node, ("PTTL", key)) for key in KEYS]
        else:
            given.append(answer(node, step))
    return given


def answer(node: Simulated | Real, command: Command) -> Any:
    try:
        reply = node.ask(command)
    except ServerRefused:
        return "refused"
    if command[0] == "PTTL" and reply > 0:
        return Left(reply)
    return reply


@frozen(eq=False)
class Left:
    """An answer to PTTL, equal to any other that is close."""

    milliseconds: int

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Left):
            return NotImplemented
        return abs(self.milliseconds - other.milliseconds) <= PTTL_CLOSE_MS

    __hash__ = None  # type: ignore[assignment]


@given(script=scripts())
@settings(max_examples=150, deadline=None)
def test_answers_agree(real: Real, script: list[Command | Leap]) -> None:
    real.forget()
    assert answers(Simulated(), script) == answers(real, script)


def test_keys_end_by_the_nodes_clock_whichever_way_it_leaps(real: Real) -> None:
    """A script that Hypothesis need not find: it would tell a node that ends keys by real time."""
    real.forget()
    script: list[Command | Leap] = [
        ("SET", "a", "x", "NX", "PX", TTL_MS),
        Leap(-6),
        Leap(14),
        ("SET", "a", "y", "NX", "PX", TTL_MS),
        Leap(6),
        ("SET", "a", "y", "NX", "PX", TTL_MS),
        ("EVAL", COMPARE_AND_DELETE, 1, "a", "x"),
        Leap(-30),
        ("EVAL", COMPARE_AND_DELETE, 1, "a", "y"),
        ("SET", "b", "x", "PX", TTL_MS),
        ("SET", "b", "y"),
        ("PTTL", "b"),
    ]
    expected = answers(Simulated(), script)
    assert answers(real, script) == expected
    assert [reply for reply in expected if not isinstance(reply, Left)] == [
        "OK", -2, -2, None, -2, -2, "OK", 0, -2, 1, "OK", "OK", -1,
    ]  # fmt: skip
