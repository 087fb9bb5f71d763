"""The runs that ``holdfast demo`` shows: locks and faults, with what theory says must come of them."""

from __future__ import annotations

from attrs import frozen

from holdfast.histories.faults.clock_jump import ClockJump
from holdfast.histories.faults.kill import Kill
from holdfast.histories.faults.pause import Pause
from holdfast.histories.faults.restart import Restart
from holdfast.histories.faults.resume import Resume
from holdfast.histories.live.run import Run
from holdfast.histories.schedule import Schedule, Strike
from holdfast.histories.workload import LOCK, RESOURCE, Workload


@frozen
class Scenario:
    """One run with its claim and its expected findings.

    Args:
        name: short, for files and options.
        title: what happens, in a few words.
        claim: what is claimed of it.
        why: why the findings are what they are.
        run: what is run.
        broken: the keys whose part of the history must turn out not linearizable.
        undetermined: the keys of which theory leaves it open: it depends on who comes first.
    """

    name: str
    title: str
    claim: str
    why: str
    run: Run
    broken: frozenset[str] = frozenset()
    undetermined: frozenset[str] = frozenset()


LONG_HOLD = 0.8
"""A mean hold in seconds, so long that a fault finds a holder in the middle of its work."""


def clock_jump(nodes: int, *, seed: int = 1) -> Run:
    """Return a Redlock run in which the clocks of ``nodes`` of five nodes leap by the time to live."""
    ttl = 3.0
    jump = ClockJump(nodes=tuple(f"n{number + 1}" for number in range(nodes)), by_ms=ttl * 1000)
    workload = Workload(clients=3, seconds=3.5, ttl=ttl, hold=LONG_HOLD, patience=3.0)
    return _run("redlock", workload, Strike(1.0, jump, when="held"), seed=seed)


def pause(system: str, *, fenced: bool, times_ttl: float = 2.0, seed: int = 1) -> Run:
    """Return a run in which the holder stops for ``times_ttl`` times the time to live."""
    ttl = 1.0
    workload = Workload(
        clients=3, seconds=2.0 + times_ttl * ttl, ttl=ttl, hold=0.2, patience=3.0, fenced=fenced
    )
    return _run(
        system,
        workload,
        Strike(1.0, Pause(targets=("holder",))),
        Strike(1.0 + times_ttl * ttl, Resume()),
        seed=seed,
    )


def leader_kill(*, seed: int = 1) -> Run:
    """Return an etcd run in which the leader dies and comes back."""
    workload = Workload(clients=3, seconds=5.0, ttl=2.0, hold=0.03, patience=3.0)
    return _run(
        "etcd", workload, Strike(1.5, Kill(nodes=("leader",))), Strike(3.0, Restart()), seed=seed
    )


def _run(system: str, workload: Workload, *strikes: Strike, seed: int) -> Run:
    return Run(system=system, workload=workload, schedule=Schedule(strikes), seed=seed)


def scenarios(*, seed: int = 1) -> tuple[Scenario, ...]:
    """Return the demo's runs in the order in which they are shown."""
    return (
        Scenario(
            name="a-clock-jump",
            title="Redlock of 5 nodes; the clocks of 3 leap by the TTL",
            claim="one holder at a time",
            why="3 nodes forgot the holder before its time, and 3 of 5 are a majority for the next",
            run=clock_jump(3, seed=seed),
            broken=frozenset({LOCK}),
            undetermined=frozenset({RESOURCE}),
        ),
        Scenario(
            name="b-one-clock-fewer",
            title="the same with 2 clocks (control)",
            claim="one holder at a time",
            why="2 of 5 nodes are no majority",
            run=clock_jump(2, seed=seed),
        ),
        Scenario(
            name="c-client-pause",
            title="Redlock; the holder stops for twice its TTL before it writes",
            claim="one holder at a time, and no update lost",
            why="the lock expired while its holder slept; the holder woke up and wrote all the same",
            run=pause("redlock", fenced=False, seed=seed),
            broken=frozenset({LOCK, RESOURCE}),
        ),
        Scenario(
            name="d-leader-kill",
            title="etcd of 3 nodes; the leader is killed and comes back",
            claim="one holder at a time",
            why="a new leader knows every grant, and renews the leases",
            run=leader_kill(seed=seed),
        ),
        Scenario(
            name="e-fenced-pause",
            title="etcd; the holder stops for twice its TTL; writes carry the fencing token",
            claim="no update lost, even though two believe that they hold",
            why="the lease ran out while its holder slept; its late write came with an old token",
            run=pause("etcd", fenced=True, seed=seed),
            broken=frozenset({LOCK}),
        ),
    )
