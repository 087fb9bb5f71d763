"""What an etcd cluster has agreed on: keys, leases and one revision counter."""

from __future__ import annotations

from attrs import frozen

from holdfast.histories.locks.etcd_requests import (
    Deleted,
    DeleteIf,
    EtcdReply,
    EtcdRequest,
    Keys,
    KeyValue,
    Lease,
    LeaseGrant,
    LeaseNotFound,
    LeaseRevoke,
    PutIfAbsent,
    Range,
    WaitForDelete,
)

SHORTEST_TTL = 1
"""The least time to live that is granted, in seconds: one and a half election timeouts, rounded up."""

NO_LEASE = 0


@frozen
class Change:
    """A request that changes what is agreed on, as it stands in the log.

    Args:
        request: what is asked.
        lease: the number of the lease that it grants, if it grants one.
    """

    request: EtcdRequest
    lease: int = NO_LEASE


class EtcdStore:
    """The state that the log's changes lead to, applied one after the other.

    Attributes:
        leases: the time to live of each lease, in seconds.
    """

    def __init__(self) -> None:
        self.leases: dict[int, int] = {}
        self._keys: dict[str, KeyValue] = {}
        self._revision = 1

    def apply(self, change: Change) -> EtcdReply | LeaseNotFound:
        """Make ``change`` and return the reply, or the refusal."""
        match change.request:
            case LeaseGrant(ttl):
                self.leases[change.lease] = granted = max(ttl, SHORTEST_TTL)
                return Lease(change.lease, granted)
            case LeaseRevoke(lease):
                return self._revoke(lease)
            case PutIfAbsent() as put:
                return self._put(put)
            case DeleteIf(key, create_revision):
                return self._delete(key, create_revision)
            case request:
                raise TypeError(f"{request!r} changes nothing: it does not belong in the log")

    def read(self, request: Range | WaitForDelete) -> Keys | Deleted:
        """Return the reply to a request that changes nothing."""
        if isinstance(request, Range):
            return self._range(request.prefix)
        return Deleted(self.is_gone(request))

    def is_gone(self, request: WaitForDelete) -> bool:
        """Return whether there is no such key of that create revision."""
        found = self._keys.get(request.key)
        return found is None or found.create_revision != request.create_revision

    def _revoke(self, lease: int) -> Lease:
        self.leases.pop(lease, None)
        owned = [key for key, entry in self._keys.items() if entry.lease == lease]
        for key in owned:
            del self._keys[key]
        self._revision += bool(owned)
        return Lease(lease, 0)

    def _put(self, put: PutIfAbsent) -> Keys | LeaseNotFound:
        if put.key not in self._keys:
            if put.lease != NO_LEASE and put.lease not in self.leases:
                return LeaseNotFound("etcdserver: requested lease not found")
            self._revision += 1
            self._keys[put.key] = KeyValue(put.key, put.value, self._revision, put.lease)
        return self._range(put.prefix)

    def _delete(self, key: str, create_revision: int) -> Deleted:
        found = self._keys.get(key)
        if found is None or found.create_revision != create_revision:
            # To etcd a key that does not exist has the create revision 0: the transaction succeeds.
            return Deleted(found is None and create_revision == 0)
        del self._keys[key]
        self._revision += 1
        return Deleted(True)

    def _range(self, prefix: str) -> Keys:
        # Keys are never changed in place: the order of creation is the order of insertion.
        return Keys(tuple([entry for key, entry in self._keys.items() if key.startswith(prefix)]))
