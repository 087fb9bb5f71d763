"""Real servers for clients of one's own: code as it is, with our servers, faults and recorder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from holdfast.histories.faults import Fault
from holdfast.histories.live.directory import RunDirectory
from holdfast.histories.live.holders import Holders
from holdfast.histories.live.world import LiveWorld
from holdfast.histories.recorder import Recorder
from holdfast.histories.schedule import name_of
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.systems.system import Cluster, Settings


class LiveCluster:
    """The running servers of a system.

    Attributes:
        nodes: their names.
    """

    def __init__(self, cluster: Cluster, recorder: Recorder | None) -> None:
        self.nodes: Sequence[str] = tuple(cluster.nodes)
        self._cluster = cluster
        self._recorder = recorder
        # The clients are threads or processes that are not ours: faults can only strike nodes.
        self._world = LiveWorld(cluster, {}, None, Holders(1))

    def socket(self, node: str) -> Path:
        """Return the unix socket on which ``node`` serves clients."""
        return self._cluster.socket(node)

    def strike(self, fault: Fault) -> None:
        """Have ``fault`` strike the nodes now, and note it in the recording.

        Raises:
            CannotStrike: it needs what there is not here, such as links that can be cut, or clients.
        """
        words = fault.strike(self._world)
        if self._recorder is not None:
            self._recorder.note(name_of(fault), words)


@contextmanager
def live_cluster(
    system: str,
    recorder: Recorder | None = None,
    *,
    programs: Mapping[str, Path] | None = None,
    durable: bool = False,
) -> Iterator[LiveCluster]:
    """Start the servers of ``system`` and yield them; they are gone after the block.

    Call it from the main thread: servers end with the thread that started them.

    Args:
        system: the name of a system; it says which servers there are, its own lock is not used.
        recorder: where faults are noted.
        programs: paths of server programs to use in place of those found, by program name.
        durable: whether nodes keep their data over a kill.

    Raises:
        ServerMissing: a server program was not found.
        UnknownName: there is no such system.
        RuntimeError: a server did not come up.
    """
    with RunDirectory() as directory:
        settings = Settings(directory, programs=dict(programs or {}), durable=durable)
        cluster = SYSTEMS[system]().cluster(settings)
        try:
            cluster.start()
            yield LiveCluster(cluster, recorder)
        finally:
            cluster.stop()
