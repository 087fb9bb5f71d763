"""The system ``redlock`` from its registration to a grant."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from holdfast.histories.locks.transport import run
from holdfast.histories.outcome import NotAcquired
from holdfast.histories.systems import SYSTEMS
from holdfast.histories.systems.system import Settings
from holdfast.models import MODELS


def test_what_it_says_of_itself() -> None:
    system = SYSTEMS["redlock"]()
    assert "at most one client" in system.claim
    assert not system.fenced
    assert system.lock_model in MODELS.names()


def test_listing_it_needs_no_server_and_no_client_library() -> None:
    script = (
        "import sys; import holdfast.histories.systems.redlock;"
        "print([name for name in sys.modules if name == 'redis' or '.live' in name])"
    )
    listed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert listed.stdout == "[]\n"


@pytest.mark.live
def test_two_clients_and_one_lock(run_directory: Path) -> None:
    system = SYSTEMS["redlock"]()
    cluster = system.cluster(Settings(run_directory))
    try:
        cluster.start()
        sockets = {node: cluster.socket(node) for node in cluster.nodes}
        first, second = (
            system.lock(system.connect(sockets, f"client {number}"), "lock", 60.0)
            for number in range(2)
        )
        grant = run(first.acquire("a", 5))
        with pytest.raises(NotAcquired):
            run(second.acquire("b", 0))
        run(first.release(grant))
        run(second.release(run(second.acquire("c", 5))))
    finally:
        cluster.stop()
