"""The requests of ``locks.etcd_requests`` as gRPC calls, and what gRPC's errors mean.

The ``etcd3`` library brings the channel and the generated messages. Its own methods are passed by:
they take no deadline of their own for each call and drop the server's words on an error, and its
watches go silent when a node dies.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from holdfast.histories.locks.etcd_requests import (
    Deleted,
    DeleteIf,
    EtcdReply,
    Keys,
    KeyValue,
    Lease,
    LeaseGrant,
    LeaseKeepAlive,
    LeaseNotFound,
    LeaseRevoke,
    PutIfAbsent,
    Range,
    WaitForDelete,
)
from holdfast.histories.outcome import NoAnswer, NotSent, ServerRefused

try:
    import etcd3
    from etcd3 import etcdrpc
except TypeError as error:
    raise ImportError(
        "etcd3 cannot be imported beside protobuf 4 or later, unless the process is started with "
        "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION=python in its environment: start a worker process "
        "with the environment that the system names (EtcdSystem.environment)"
    ) from error

CHANNEL_OPTIONS = (
    # Whether a request was repeated is for the lock to know.
    ("grpc.enable_retries", 0),
    # Back at a restarted node within a tenth of a second.
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 100),
    # Not what its name says: how long one attempt to connect may take.
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.use_local_subchannel_pool", 1),
)

NOT_CONNECTED = "failed to connect to all addresses"
"""How gRPC begins to say that there was no connection to send a request over."""

LEASE_NOT_FOUND = "etcdserver: requested lease not found"

REFUSALS = {
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNAUTHENTICATED,
}
"""With these etcd refuses; with UNAVAILABLE it may also say that a request is still under way."""


def connect(socket: Path) -> Any:
    """Return an ``etcd3`` client of the node behind ``socket``; it connects at its first use."""
    # The library joins host and port with a colon, and "unix:" with a path is an address to gRPC.
    return etcd3.client(host="unix", port=str(socket), grpc_options=CHANNEL_OPTIONS)


@contextmanager
def errors_of(node: str) -> Iterator[None]:
    """Turn gRPC's errors into ``NotSent``, ``NoAnswer`` and ``ServerRefused``.

    Whatever is not known to be definite is ``NoAnswer``.
    """
    try:
        yield
    except grpc.RpcError as error:
        code, words = error.code(), error.details() or ""
        told = f"{node}: {words or code.name}"
        if code is grpc.StatusCode.UNAVAILABLE and words.startswith(NOT_CONNECTED):
            raise NotSent(f"{node}: no connection") from error
        if code in REFUSALS and words.startswith("etcdserver: "):
            raise (LeaseNotFound if words == LEASE_NOT_FOUND else ServerRefused)(told) from error
        raise NoAnswer(told) from error


@functools.singledispatch
def perform(request: object, client: Any, timeout: float) -> EtcdReply:
    """Send ``request`` through ``client`` and return the reply.

    Args:
        request: one of ``EtcdRequest``.
        client: what ``connect`` returned.
        timeout: how long to wait, in seconds.

    Raises:
        TypeError: it is no such request.
        grpc.RpcError: see ``errors_of``.
        NoAnswer: the node hung up without a reply.
    """
    raise TypeError(
        f"{request!r} is not a request that an etcd node takes; see locks.etcd_requests"
    )


@perform.register
def _lease_grant(request: LeaseGrant, client: Any, timeout: float) -> Lease:
    reply = client.leasestub.LeaseGrant(etcdrpc.LeaseGrantRequest(TTL=request.ttl), timeout)
    return Lease(reply.ID, reply.TTL)


@perform.register
def _lease_keep_alive(request: LeaseKeepAlive, client: Any, timeout: float) -> Lease:
    message = etcdrpc.LeaseKeepAliveRequest(ID=request.lease)
    with _stream(client.leasestub.LeaseKeepAlive, message, timeout) as replies:
        for reply in replies:
            return Lease(reply.ID, reply.TTL)
    raise NoAnswer("the node hung up")


@perform.register
def _lease_revoke(request: LeaseRevoke, client: Any, timeout: float) -> Lease:
    try:
        client.leasestub.LeaseRevoke(etcdrpc.LeaseRevokeRequest(ID=request.lease), timeout)
    except grpc.RpcError as error:
        if error.details() != LEASE_NOT_FOUND:
            raise
    return Lease(request.lease, 0)


@perform.register
def _put_if_absent(request: PutIfAbsent, client: Any, timeout: float) -> Keys:
    key = request.key.encode()
    put = etcdrpc.PutRequest(key=key, value=request.value.encode(), lease=request.lease)
    read = etcdrpc.RequestOp(request_range=_range_request(request.prefix))
    transaction = etcdrpc.TxnRequest(
        compare=[_has_create_revision(key, 0)],
        success=[etcdrpc.RequestOp(request_put=put), read],
        failure=[read],
    )
    reply = client.kvstub.Txn(transaction, timeout)
    return _keys(reply.responses[-1].response_range)


@perform.register
def _range(request: Range, client: Any, timeout: float) -> Keys:
    return _keys(client.kvstub.Range(_range_request(request.prefix), timeout))


@perform.register
def _delete_if(request: DeleteIf, client: Any, timeout: float) -> Deleted:
    key = request.key.encode()
    delete = etcdrpc.DeleteRangeRequest(key=key)
    transaction = etcdrpc.TxnRequest(
        compare=[_has_create_revision(key, request.create_revision)],
        success=[etcdrpc.RequestOp(request_delete_range=delete)],
    )
    return Deleted(client.kvstub.Txn(transaction, timeout).succeeded)


@perform.register
def _wait_for_delete(request: WaitForDelete, client: Any, timeout: float) -> Deleted:
    key = request.key.encode()
    watch = etcdrpc.WatchRequest(
        create_request=etcdrpc.WatchCreateRequest(
            key=key, filters=[etcdrpc.WatchCreateRequest.NOPUT]
        )
    )
    stub = etcdrpc.WatchStub(client.channel)
    deadline = time.monotonic() + timeout
    with _stream(stub.Watch, watch, timeout) as replies:
        for reply in replies:
            # A watch from a past revision would miss nothing either, but etcd serves such watches
            # only every 100 ms. So it begins now, and what happened before is read.
            left = deadline - time.monotonic()
            if reply.events or (reply.created and _is_gone(request, client, left)):
                return Deleted(True)
    raise NoAnswer("the node ended the watch")


def _is_gone(request: WaitForDelete, client: Any, timeout: float) -> bool:
    read = client.kvstub.Range(etcdrpc.RangeRequest(key=request.key.encode()), timeout)
    return all(entry.create_revision != request.create_revision for entry in read.kvs)


@contextmanager
def _stream(method: Any, message: Any, timeout: float) -> Iterator[Iterable[Any]]:
    """Send ``message`` over a stream of its own, and give the replies to it."""
    call = method(iter([message]), timeout)
    try:
        yield call
    finally:
        call.cancel()


def _range_request(prefix: str) -> Any:
    first = prefix.encode()
    return etcdrpc.RangeRequest(
        key=first,
        range_end=first[:-1] + bytes([first[-1] + 1]),
        sort_target=etcdrpc.RangeRequest.CREATE,
        sort_order=etcdrpc.RangeRequest.ASCEND,
    )


def _has_create_revision(key: bytes, create_revision: int) -> Any:
    return etcdrpc.Compare(
        key=key,
        target=etcdrpc.Compare.CREATE,
        result=etcdrpc.Compare.EQUAL,
        create_revision=create_revision,
    )


def _keys(reply: Any) -> Keys:
    return Keys(
        tuple(
            KeyValue(
                key=entry.key.decode(),
                value=entry.value.decode(),
                create_revision=entry.create_revision,
                lease=entry.lease,
            )
            for entry in reply.kvs
        )
    )
