from __future__ import annotations

import os
from pathlib import Path

import pytest

from holdfast.histories.faults.clock_jump import ClockJump
from holdfast.histories.faults.kill import Kill
from holdfast.histories.faults.pause import Pause
from holdfast.histories.faults.world import CannotStrike
from holdfast.histories.formats import read_history
from holdfast.histories.live.own_clients import LiveCluster, live_cluster
from holdfast.histories.live.redis_connection import RedisConnection
from holdfast.histories.outcome import DefiniteFailure
from holdfast.histories.recorder import Recorder

pytestmark = pytest.mark.live


def test_the_servers_answer_are_struck_and_are_gone_afterwards(tmp_path: Path) -> None:
    with (
        Recorder(tmp_path / "history.jsonl", clients=1) as recorder,
        live_cluster("redlock", recorder) as cluster,
    ):
        assert cluster.nodes == ("n1", "n2", "n3", "n4", "n5")
        assert ask(cluster, "n1", "SET", "lock", "mine", "PX", 60_000) == "OK"
        cluster.strike(ClockJump(("n1",), 60_000.0))
        assert ask(cluster, "n1", "GET", "lock") is None
        cluster.strike(Kill(("n2",)))
        with pytest.raises(DefiniteFailure):
            ask(cluster, "n2", "PING")
        with pytest.raises(CannotStrike, match="there is no 'c1' here"):
            cluster.strike(Pause(("c1",)))
        server = str(ask(cluster, "n1", "INFO", "server"))
        process = int(server.partition("process_id:")[2].split()[0])
        os.kill(process, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    notes = read_history(tmp_path / "history.jsonl").notes
    assert [note.f for note in notes] == ["clock-jump", "kill"]


def ask(cluster: LiveCluster, node: str, *command: str | int) -> object:
    connection = RedisConnection(cluster.socket(node))
    try:
        answer: object = connection.call(command, 1.0)
        return answer
    finally:
        connection.close()
