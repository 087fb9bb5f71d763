"""The same requests to simulated and to real etcd nodes: the answers agree, ends of leases included."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.histories.etcd_client import EtcdClient, etcd_clients, etcd_cluster
from tests.histories.simulation.scene import Scene

from holdfast.histories.live.directory import RunDirectory
from holdfast.histories.locks import etcd_requests
from holdfast.histories.outcome import NoAnswer, ServerRefused
from holdfast.histories.simulation.etcd_cluster import SimulatedEtcd

pytestmark = pytest.mark.live

Step = tuple[Any, ...]
"""The node, the request's name, and its arguments; a lease is named by its place among those granted."""

NODES = ("n1", "n2", "n3")
KEYS = ("a", "b", "ab")
WAIT_S = 0.15
LATEST_REVISION = 8


def steps() -> st.SearchStrategy[Step]:
    node, key, lease = st.sampled_from(NODES), st.sampled_from(KEYS), st.integers(0, 2)
    revision = st.integers(0, LATEST_REVISION)
    return st.one_of(
        st.tuples(node, st.just("LeaseGrant"), st.sampled_from((60, 90))),
        st.tuples(node, st.just("PutIfAbsent"), key, st.sampled_from(("x", "y")), lease),
        st.tuples(node, st.just("PutIfAbsent"), key, st.just("z"), st.just(None)),
        st.tuples(node, st.just("Range"), st.sampled_from(("", "a"))),
        st.tuples(node, st.just("DeleteIf"), key, revision),
        st.tuples(node, st.just("WaitForDelete"), key, revision),
        st.tuples(node, st.sampled_from(("LeaseKeepAlive", "LeaseRevoke")), lease),
    )


class Simulated:
    def __init__(self) -> None:
        self._scene = Scene()
        SimulatedEtcd(self._scene.stage)
        self._transport = self._scene.transport()

    def ask(self, node: str, name: str, timeout: float, **arguments: Any) -> Any:
        request = getattr(etcd_requests, name)(**arguments)
        return attrs.asdict(self._scene.ask(self._transport, node, request, timeout))

    def wait(self, seconds: float) -> None:
        self._scene.wait(seconds)


class Real:
    def __init__(self, client: EtcdClient) -> None:
        self._client = client

    def ask(self, node: str, name: str, timeout: float, **arguments: Any) -> Any:
        return self._client.ask(node, name, timeout=timeout, **arguments)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


@pytest.fixture(scope="module")
def real() -> Iterator[Real]:
    with (
        RunDirectory() as directory,
        etcd_cluster(Path(directory)) as cluster,
        etcd_clients(cluster) as (client,),
    ):
        yield Real(client)


PLACES = itertools.count()


class Session:
    """A script's place of its own in a cluster: revisions count from where it begins."""

    def __init__(self, cluster: Simulated | Real) -> None:
        self._cluster = cluster
        self._prefix = f"{next(PLACES):06}/"
        self._leases: list[int] = []
        self._first = 0
        self._first = self._put("begin", "", 0, "n1")["keys"][0]["create_revision"]

    def answer(self, step: Step) -> Any:
        node, name, *arguments = step
        try:
            return getattr(self, f"_{name}")(node, *arguments)
        except (ServerRefused, NoAnswer) as error:
            return type(error).__name__

    def wait(self, seconds: float) -> None:
        self._cluster.wait(seconds)

    def _LeaseGrant(self, node: str, ttl: int) -> Any:  # noqa: N802 - as the request
        reply = self._cluster.ask(node, "LeaseGrant", 5.0, ttl=ttl)
        self._leases.append(reply["id"])
        return reply["ttl"]

    def _PutIfAbsent(self, node: str, key: str, value: str, lease: int | None) -> Any:  # noqa: N802
        number = 0 if lease is None else self._lease(lease)
        return self._shown(self._put(key, value, number, node))

    def _Range(self, node: str, start: str) -> Any:  # noqa: N802
        return self._shown(self._cluster.ask(node, "Range", 5.0, prefix=self._prefix + start))

    def _DeleteIf(self, node: str, key: str, revision: int) -> Any:  # noqa: N802
        return self._cluster.ask(
            node, "DeleteIf", 5.0, key=self._prefix + key, create_revision=self._first + revision
        )

    def _WaitForDelete(self, node: str, key: str, revision: int) -> Any:  # noqa: N802
        return self._cluster.ask(
            node,
            "WaitForDelete",
            WAIT_S,
            key=self._prefix + key,
            create_revision=self._first + revision,
        )

    def _LeaseKeepAlive(self, node: str, lease: int) -> Any:  # noqa: N802
        reply = self._cluster.ask(node, "LeaseKeepAlive", 5.0, lease=self._lease(lease))
        return reply["ttl"]

    def _LeaseRevoke(self, node: str, lease: int) -> Any:  # noqa: N802
        return self._cluster.ask(node, "LeaseRevoke", 5.0, lease=self._lease(lease))["ttl"]

    def _put(self, key: str, value: str, lease: int, node: str) -> Any:
        return self._cluster.ask(
            node,
            "PutIfAbsent",
            5.0,
            key=self._prefix + key,
            value=value,
            lease=lease,
            prefix=self._prefix,
        )

    def _lease(self, place: int) -> int:
        return self._leases[place] if place < len(self._leases) else 4711 + place

    def _shown(self, reply: Any) -> Any:
        return [
            (
                entry["key"].removeprefix(self._prefix),
                entry["value"],
                entry["create_revision"] - self._first,
                self._leases.index(entry["lease"]) if entry["lease"] else None,
            )
            for entry in reply["keys"]
        ]


def answers(cluster: Simulated | Real, script: Sequence[Step]) -> list[Any]:
    session = Session(cluster)
    return [session.answer(step) for step in script]


@given(script=st.lists(steps(), max_size=10))
@settings(max_examples=60, deadline=None)
def test_answers_agree(real: Real, script: list[Step]) -> None:
    assert answers(Simulated(), script) == answers(real, script)


def test_a_script_of_every_kind(real: Real) -> None:
    script: list[Step] = [
        ("n1", "LeaseGrant", 60),
        ("n2", "PutIfAbsent", "b", "x", 0),
        ("n3", "PutIfAbsent", "a", "y", 0),
        ("n1", "PutIfAbsent", "b", "again", 0),
        ("n1", "DeleteIf", "b", 2),
        ("n1", "WaitForDelete", "b", 1),
        ("n2", "DeleteIf", "b", 1),
        ("n2", "WaitForDelete", "b", 1),
        ("n3", "PutIfAbsent", "b", "new", 0),
        ("n1", "LeaseRevoke", 0),
        ("n1", "PutIfAbsent", "b", "none", 0),
        ("n1", "LeaseKeepAlive", 0),
        ("n1", "PutIfAbsent", "b", "free", None),
    ]
    expected = answers(Simulated(), script)
    assert answers(real, script) == expected
    assert expected[4:] == [
        {"deleted": False},
        "NoAnswer",
        {"deleted": True},
        {"deleted": True},
        [("begin", "", 0, None), ("a", "y", 2, 0), ("b", "new", 4, 0)],
        0,
        "LeaseNotFound",
        0,
        [("begin", "", 0, None), ("b", "free", 6, None)],
    ]


def test_a_lease_lives_as_long_as_it_is_renewed(real: Real) -> None:
    """A lease of one second is there after 0.8 s, and gone 2 s after it was renewed."""
    seen = []
    for cluster in (Simulated(), real):
        session = Session(cluster)
        session.answer(("n1", "LeaseGrant", 1))
        session.answer(("n2", "PutIfAbsent", "a", "x", 0))
        session.wait(0.8)
        renewed = session.answer(("n3", "LeaseKeepAlive", 0))
        session.wait(0.8)
        there = len(session.answer(("n1", "Range", "a")))
        session.wait(1.2)
        gone = len(session.answer(("n1", "Range", "a")))
        seen.append((renewed, there, gone, session.answer(("n2", "LeaseKeepAlive", 0))))
    assert seen[0] == seen[1] == (1, 1, 0, 0)
