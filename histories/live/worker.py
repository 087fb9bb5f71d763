"""One client as a process of its own, so that it can be paused like a real one.

Started by the harness as ``python -m holdfast.histories.live.worker ASSIGNMENT``, where the assignment is
the JSON of ``Assignment``.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
from attrs import frozen

from holdfast.histories.live.journal import JournalEnd
from holdfast.histories.locks.transport import run
from holdfast.histories.resource import Resource
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.systems.own_lock import OwnLock
from holdfast.histories.workload import NAME, LockClient, Workload


@frozen
class Assignment:
    """What a worker is told.

    Args:
        system: the name of the system under test.
        number: which client it is, from 0.
        seed: the seed of its choices.
        sockets: where it reaches each node.
        storage: where it reaches the server that keeps the resource.
        journal: where its events go.
        workload: how it behaves.
    """

    system: str
    number: int
    seed: int
    sockets: Mapping[str, str]
    storage: str
    journal: str
    workload: Workload


def work(assignment: Assignment) -> None:
    """Be the client of ``assignment`` until its workload is over."""
    from holdfast.histories.live.redis_transport import RedisTransport  # only workers need redis

    seed = f"{assignment.seed}/{assignment.number}"
    system = SYSTEMS[assignment.system]()
    sockets = {node: Path(path) for node, path in assignment.sockets.items()}
    transport = system.connect(sockets, seed)
    storage = RedisTransport({"storage": Path(assignment.storage)}, seed)
    journal = JournalEnd(Path(assignment.journal), assignment.number)
    client = LockClient(
        assignment.number,
        assignment.workload,
        transport=transport,
        lock=system.lock(transport, NAME, assignment.workload.ttl),
        resource=Resource(storage, "storage"),
        journal=journal,
        # Such a lock is on our transports, which raise nothing else; in other systems a library may.
        strict=isinstance(system, OwnLock),
    )
    journal.wait_for_start()
    run(client.work())


def main() -> None:
    """Run the worker that the command line describes."""
    # Ctrl-C is the harness's to handle: it ends its workers itself, after their last event is safe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work(msgspec.json.decode(sys.argv[1], type=Assignment))


if __name__ == "__main__":
    main()
