"""What a client's transport makes of real etcd nodes that serve, are killed, paused and restarted."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.histories.etcd_client import EtcdClient, etcd_clients, etcd_cluster, eventually

from holdfast.histories.live.etcd_cluster import EtcdCluster
from holdfast.histories.locks.etcd_requests import LeaseNotFound
from holdfast.histories.outcome import NoAnswer, NotSent, ServerRefused
from holdfast.histories.systems.etcd import EtcdSystem

SHORT = 0.3

pytestmark = pytest.mark.live


@pytest.fixture
def cluster(run_directory: Path) -> Iterator[EtcdCluster]:
    with etcd_cluster(run_directory) as cluster:
        yield cluster


@pytest.fixture
def client(cluster: EtcdCluster) -> Iterator[EtcdClient]:
    with etcd_clients(cluster) as (client,):
        yield client


def put(client: EtcdClient, key: str, lease: int = 0, node: str = "n1") -> list[dict[str, Any]]:
    """Create a key under ``p/`` and return all keys there."""
    reply = client.ask(node, "PutIfAbsent", key=f"p/{key}", value=key, lease=lease, prefix="p/")
    return reply["keys"]  # type: ignore[no-any-return]


def test_keys_stand_in_the_order_of_their_creation_at_every_node(client: EtcdClient) -> None:
    first = put(client, "b")[0]["create_revision"]
    put(client, "a")
    # Outside of the prefix: what follows "p/" in the order of keys, and what the prefix begins with.
    client.ask("n1", "PutIfAbsent", key="p0", value="", lease=0, prefix="p/")
    client.ask("n1", "PutIfAbsent", key="p", value="", lease=0, prefix="p/")
    for node in ("n1", "n2", "n3"):
        keys = client.ask(node, "Range", prefix="p/")["keys"]
        assert [key["value"] for key in keys] == ["b", "a"]
        assert keys[0]["create_revision"] == first < keys[1]["create_revision"]


def test_a_key_that_exists_is_not_created_again(client: EtcdClient) -> None:
    before = put(client, "k")
    again = client.ask("n2", "PutIfAbsent", key="p/k", value="another", lease=0, prefix="p/")
    assert again["keys"] == before


def test_a_key_goes_only_with_its_create_revision(client: EtcdClient) -> None:
    (key,) = put(client, "k")
    revision = key["create_revision"]
    deletes = [
        client.ask("n2", "DeleteIf", key="p/k", create_revision=created)["deleted"]
        for created in (revision - 1, revision + 1, 0, revision, revision)
    ]
    assert deletes == [False, False, False, True, False]


def test_a_lease_takes_its_keys_along(client: EtcdClient) -> None:
    lease = client.ask("n1", "LeaseGrant", ttl=1)
    assert lease["ttl"] == 1, "the election timeout stretches short leases"
    assert put(client, "k", lease["id"])[0]["lease"] == lease["id"]
    for node in ("n1", "n2", "n3"):
        assert client.ask(node, "LeaseKeepAlive", lease=lease["id"])["ttl"] == 1
    assert eventually(lambda: client.ask("n1", "Range", prefix="p/")["keys"] == [])
    assert client.ask("n1", "LeaseKeepAlive", lease=lease["id"])["ttl"] == 0


def test_a_lease_that_was_revoked_is_refused(client: EtcdClient) -> None:
    lease = client.ask("n1", "LeaseGrant", ttl=60)["id"]
    put(client, "k", lease)
    for _ in range(2):
        assert client.ask("n2", "LeaseRevoke", lease=lease)["ttl"] == 0
    with pytest.raises(LeaseNotFound, match="requested lease not found"):
        put(client, "k", lease)
    assert client.ask("n3", "Range", prefix="p/")["keys"] == []


def test_what_etcd_refuses_is_definite(client: EtcdClient) -> None:
    with pytest.raises(ServerRefused, match="too large lease TTL"):
        client.ask("n1", "LeaseGrant", ttl=10**10)


def test_a_wait_ends_when_the_key_is_deleted_by_whomever(
    cluster: EtcdCluster, client: EtcdClient
) -> None:
    (key,) = put(client, "k")
    wait = {"key": "p/k", "create_revision": key["create_revision"]}
    with etcd_clients(cluster) as (other,):
        other.begin("ask", "n3", "WaitForDelete", wait, 20)
        put(client, "another")
        # The wait has begun by now, most likely; what it does if not, the next one shows.
        time.sleep(SHORT)
        client.ask("n1", "DeleteIf", **wait)
        assert other.end() == {"deleted": True}
        assert other.ask("n2", "WaitForDelete", **wait) == {"deleted": True}
        # A key of the same name is another key.
        put(client, "k")
        assert other.ask("n2", "WaitForDelete", **wait) == {"deleted": True}


def test_a_wait_in_vain_has_no_answer(client: EtcdClient) -> None:
    (key,) = put(client, "k")
    with pytest.raises(NoAnswer):
        client.ask(
            "n1",
            "WaitForDelete",
            key="p/k",
            create_revision=key["create_revision"],
            timeout=SHORT,
        )


def test_a_wait_notices_that_its_node_is_dead(cluster: EtcdCluster, client: EtcdClient) -> None:
    (key,) = put(client, "k", node="n2")
    wait = {"key": "p/k", "create_revision": key["create_revision"]}
    client.begin("ask", "n2", "WaitForDelete", wait, 60)
    time.sleep(SHORT)
    cluster.kill("n2")
    # Long before the time-out.
    with pytest.raises(NoAnswer, match="n2"):
        client.end()


def test_nothing_is_sent_to_a_dead_node_until_it_is_back(
    cluster: EtcdCluster, client: EtcdClient
) -> None:
    client.ask("n2", "Range", prefix="p/")
    cluster.kill("n2")

    def not_sent() -> bool:
        try:
            client.ask("n2", "Range", prefix="p/", timeout=SHORT)
        except NotSent:
            return True
        except NoAnswer:  # the connection broke under this one
            return False
        raise AssertionError("a dead node answered")

    assert eventually(not_sent)
    assert all(not_sent() for _ in range(20))

    def answers(node: str) -> bool:
        try:
            return bool(client.ask(node, "Range", prefix="p/", timeout=SHORT) == {"keys": []})
        except (NotSent, NoAnswer):  # as long as a new leader is being elected
            return False

    assert eventually(lambda: answers("n1"))
    cluster.restart("n2", keep_data=True)
    assert eventually(lambda: answers("n2"))


def test_a_node_that_stands_still_gives_no_answer(cluster: EtcdCluster, client: EtcdClient) -> None:
    # Without the leader none would answer.
    paused = next(node for node in cluster.nodes if node != cluster.leader())
    (key,) = put(client, "k", node=paused)
    delete = {"key": "p/k", "create_revision": key["create_revision"]}
    cluster.pause(paused)
    with pytest.raises(NoAnswer):
        client.ask(paused, "DeleteIf", timeout=SHORT, **delete)
    client.begin("ask_all", "LeaseKeepAlive", {"lease": 1}, 2)
    replies = dict(zip(cluster.nodes, client.end(), strict=True))
    assert replies.pop(paused) == "NoAnswer"
    assert list(replies.values()) == [{"id": 1, "ttl": 0}] * 2
    cluster.resume(paused)
    # Only now may the node read what it was sent; whether it acts on it is anybody's guess.
    assert client.ask(paused, "DeleteIf", **delete)["deleted"] in (True, False)
    assert client.ask(paused, "Range", prefix="p/")["keys"] == []


def test_a_client_that_stood_still_goes_on(client: EtcdClient) -> None:
    (key,) = put(client, "k")
    wait = {"key": "p/k", "create_revision": key["create_revision"]}
    client.begin("ask", "n2", "WaitForDelete", wait, 2 * SHORT)
    time.sleep(SHORT)
    client.pause()
    time.sleep(2 * SHORT)
    client.resume()
    with pytest.raises(NoAnswer):
        client.end()
    assert client.ask("n2", "DeleteIf", **wait) == {"deleted": True}


def test_without_its_environment_it_says_what_to_do() -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    for name in EtcdSystem().environment:
        environment.pop(name, None)
    imported = subprocess.run(
        [sys.executable, "-c", "import holdfast.histories.live.etcd_transport"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert imported.returncode == 1
    last = imported.stderr.splitlines()[-1]
    assert last.startswith("ImportError: etcd3")
    assert "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION=python" in last
