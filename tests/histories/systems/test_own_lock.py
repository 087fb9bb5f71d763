from __future__ import annotations

import pytest

from holdfast.checker.assertion import LinearizabilityError, assert_linearizable
from holdfast.histories.header import header_of
from holdfast.histories.live.run import Run, record
from holdfast.histories.locks.lock import Grant
from holdfast.histories.locks.redlock import Redlock
from holdfast.histories.locks.transport import Transport
from holdfast.histories.simulation.run import simulate
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.systems.own_lock import own_lock
from holdfast.histories.workload import Workload
from holdfast.registry import UnknownName


class GrantsAlways:
    """No lock at all."""

    def __init__(self, transport: Transport, name: str, ttl: float) -> None:
        self._transport = transport

    async def acquire(self, token: str, patience: float) -> Grant:
        await self._transport.sleep(0.001)
        return Grant(token)

    async def release(self, grant: Grant) -> None:
        await self._transport.sleep(0.001)


no_lock = own_lock(GrantsAlways)
sound_lock = own_lock(Redlock)
on_etcd = own_lock(GrantsAlways, on="etcd", model="fenced-mutex")
nowhere = own_lock(GrantsAlways, on="nowhere")

WORKLOAD = Workload(clients=2, seconds=0.5)


def test_it_is_the_users_lock_that_runs() -> None:
    with pytest.raises(LinearizabilityError, match="two holders at once, key 'lock'"):
        assert_linearizable(simulate(Trial(f"{__name__}:no_lock", WORKLOAD)).history())
    assert_linearizable(simulate(Trial(f"{__name__}:sound_lock", WORKLOAD)).history())


def test_it_says_what_it_claims_and_runs_on_the_nodes_of_another() -> None:
    system = on_etcd()
    assert (system.lock_model, system.fenced, system.programs) == ("fenced-mutex", True, ("etcd",))
    assert system.environment
    assert (no_lock().fenced, no_lock().programs) == (False, ("redis-server",))


def test_a_recording_names_it_so_that_it_can_be_replayed() -> None:
    header = header_of(simulate(Trial(f"{__name__}:no_lock", WORKLOAD)).history())
    assert header is not None
    assert header.system == f"{__name__}:no_lock"


def test_unknown_nodes_are_refused() -> None:
    with pytest.raises(UnknownName, match="no system 'nowhere'"):
        simulate(Trial(f"{__name__}:nowhere"))


class Misspelt(GrantsAlways):
    """A lock with a mistake that would otherwise pass for a lock that is never granted."""

    async def acquire(self, token: str, patience: float) -> Grant:
        names: dict[str, Grant] = {}
        return names[token]


misspelt = own_lock(Misspelt)


def test_a_mistake_in_it_ends_a_simulated_run() -> None:
    with pytest.raises(KeyError, match="-1") as caught:
        simulate(Trial(f"{__name__}:misspelt", WORKLOAD))
    assert "a mistake in it" in caught.value.__notes__[0]


@pytest.mark.live
def test_a_mistake_in_it_ends_a_live_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("live") / "run.jsonl"
    with pytest.raises(RuntimeError, match=r"(?s)KeyError: 'c.-1'.*a mistake in it"):
        record(Run(f"{__name__}:misspelt", WORKLOAD), path)
