"""What the harness asks of an etcd node: its state, and who belongs to the cluster.

Over etcd's JSON gateway (https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/), since the user's
process cannot import the ``etcd3`` library (see ``etcd_calls``).
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen


class EtcdApiError(Exception):
    """A node did not answer in time, or refused; the message says which."""


@frozen
class NodeStatus:
    """What a node says of itself.

    Args:
        member: its number in the cluster.
        leader: the number of the member that it follows; 0 if it knows of none.
        term: the raft term; a leader of a higher term has replaced those of lower ones.
    """

    member: int
    leader: int
    term: int


@frozen
class Member:
    """A node as the cluster knows it.

    Args:
        id: its number, which it keeps for as long as it keeps its data.
        peer_url: where the other nodes reach it.
    """

    id: int
    peer_url: str


class EtcdApi:
    """The JSON interface of one node.

    Args:
        socket: the unix socket on which it serves clients.
        timeout: how long to wait for an answer, in seconds.
    """

    def __init__(self, socket: Path, timeout: float) -> None:
        self._socket = socket
        self._timeout = timeout

    def status(self) -> NodeStatus:
        """Return the node's own view."""
        reply = self._post("/v3/maintenance/status", {})
        return NodeStatus(
            member=int(reply["header"]["member_id"]),
            leader=int(reply.get("leader", 0)),
            term=int(reply.get("raftTerm", 0)),
        )

    def write(self) -> None:
        """Have the cluster agree on a change that changes nothing: to delete what is not there."""
        key = base64.b64encode(b"holdfast-was-here").decode()
        self._post("/v3/kv/deleterange", {"key": key})

    def members(self) -> tuple[Member, ...]:
        """Return the members of the cluster, by its newest state."""
        reply = self._post("/v3/cluster/member/list", {"linearizable": True})
        return tuple(
            Member(id=int(member["ID"]), peer_url=member["peerURLs"][0])
            for member in reply["members"]
        )

    def remove_member(self, member: int) -> None:
        """Expel a member."""
        self._post("/v3/cluster/member/remove", {"ID": str(member)})

    def add_member(self, peer_url: str) -> None:
        """Admit a new member, which is to be started with no data."""
        self._post("/v3/cluster/member/add", {"peerURLs": [peer_url]})

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        connection = _UnixConnection(self._socket, self._timeout)
        try:
            connection.request("POST", path, json.dumps(body))
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise EtcdApiError(f"no answer from {self._socket.name}: {error!r}") from error
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise EtcdApiError(f"{path} refused: {text.decode(errors='replace').strip()}")
        reply: dict[str, Any] = json.loads(text)
        return reply


def listens(path: Path) -> bool:
    """Return whether somebody accepts connections on the unix socket at ``path``."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
