"""What a lock may ask of an etcd node, and what the node replies, as plain data.

The requests are the part of etcd's API that a lock by revisions needs, with etcd's meaning
(https://etcd.io/docs/v3.5/learning/api/). A cluster keeps keys, leases and one revision counter,
which rises by one with every change of keys. Each request takes effect at one instant between its
sending and its reply, in one order for all nodes, and ``Range`` reads the newest state. A lease
that was not renewed for its time to live ends, and its keys are deleted with it.
"""

from __future__ import annotations

from attrs import frozen

from holdfast.histories.outcome import ServerRefused


class LeaseNotFound(ServerRefused):
    """The request names a lease that has ended: its keys are gone, and it can get no new ones."""


@frozen
class LeaseGrant:
    """Begin a lease. The reply is a ``Lease``; its ``ttl`` may be longer than what was asked.

    Args:
        ttl: the time to live, in whole seconds.
    """

    ttl: int


@frozen
class LeaseKeepAlive:
    """Let the time to live of ``lease`` begin anew.

    The reply is a ``Lease``, with ``ttl`` 0 if it has ended.
    """

    lease: int


@frozen
class LeaseRevoke:
    """End ``lease`` and delete its keys.

    The reply is a ``Lease`` with ``ttl`` 0, also if it had ended before.
    """

    lease: int


@frozen
class PutIfAbsent:
    """Create ``key``, unless it exists, and read all keys under ``prefix``, at one instant.

    The reply is ``Keys``, with the key among them. Where neither key nor lease exists, it is
    refused with ``LeaseNotFound``.

    Args:
        key: the key to create, if its create revision is 0, which means that it does not exist.
        value: its value.
        lease: the lease that it ends with.
        prefix: which keys to read.
    """

    key: str
    value: str
    lease: int
    prefix: str


@frozen
class Range:
    """Read all keys that begin with ``prefix``. The reply is ``Keys``."""

    prefix: str


@frozen
class DeleteIf:
    """Delete ``key`` if it has that create revision. The reply is ``Deleted``."""

    key: str
    create_revision: int


@frozen
class WaitForDelete:
    """Wait until there is no ``key`` of that create revision; there may be none from the start.

    The reply is ``Deleted``. It may come late but is never wrong, as such a key never comes back. A
    node that is cut off from the others may give none.
    """

    key: str
    create_revision: int


EtcdRequest = (
    LeaseGrant | LeaseKeepAlive | LeaseRevoke | PutIfAbsent | Range | DeleteIf | WaitForDelete
)


@frozen
class Lease:
    """A lease as of a reply.

    Args:
        id: its number.
        ttl: how long it lives from now on without being renewed, in seconds; 0 if it has ended.
    """

    id: int
    ttl: int


@frozen
class KeyValue:
    """A key as of a reply.

    Args:
        key: its name.
        value: its value.
        create_revision: the revision that created it; no other key that a lock creates ever has the
            same, not even one of the same name.
        lease: the lease that it ends with.
    """

    key: str
    value: str
    create_revision: int
    lease: int


@frozen
class Keys:
    """The keys under a prefix, at one instant.

    Args:
        keys: in the order of their create revisions.
    """

    keys: tuple[KeyValue, ...]


@frozen
class Deleted:
    """Whether a key is gone.

    Args:
        deleted: whether this request deleted it (``DeleteIf``) or it is gone (``WaitForDelete``).
    """

    deleted: bool


EtcdReply = Lease | Keys | Deleted
