"""Trials for those who test locks: what clients do, and what goes wrong, drawn together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen
from hypothesis import strategies as st

from holdfast.histories.faults.clock_jump import ClockJump
from holdfast.histories.faults.clock_rate import ClockRate
from holdfast.histories.faults.cut import Cut
from holdfast.histories.faults.heal import Heal
from holdfast.histories.faults.kill import Kill
from holdfast.histories.faults.partition import Partition
from holdfast.histories.faults.pause import Pause
from holdfast.histories.faults.promote import Promote
from holdfast.histories.faults.restart import Restart
from holdfast.histories.faults.resume import Resume
from holdfast.histories.schedule import Schedule, Strike
from holdfast.histories.simulation.network import Conditions
from holdfast.histories.simulation.run import Layout, layout_of
from holdfast.histories.simulation.trial import Trial
from holdfast.histories.strategies.bounds import Bounds
from holdfast.histories.workload import Workload, client_name

TICKS = 20
"""In how many steps the time of a run, or the longest disturbance, is drawn."""

SEEDS = 1000


@frozen
class _Drawn:
    """One disturbance as it is drawn: whole numbers, the simplest 0, whatever its kind."""

    at: float
    lasting: float
    targets: tuple[str, ...]
    amount: int
    client: str
    held: bool


Strikes = tuple[Strike, ...]
Make = Callable[[_Drawn, Bounds], Strikes]


def schedules(system: str, bounds: Bounds | None = None) -> st.SearchStrategy[Trial]:
    """Return a strategy for trials of ``system``: calls and faults together.

    A trial has a flat list of disturbances, each drawn as one tuple of whole numbers of which 0 is
    the simplest; one that means nothing where it strikes is noted and passed over. So they shrink
    to the few that matter.

    Args:
        system: the name of a system that can be simulated.
        bounds: how bad things may get.

    Raises:
        UnknownName: there is no such system.
    """
    limits = Bounds() if bounds is None else bounds
    layout = layout_of(system)
    targets = _targets(layout.nodes, layout.roles, limits.nodes_at_once)
    makers = _makers(limits, layout)
    tick = limits.seconds / TICKS
    longest = limits.longest_ttls * limits.ttl / TICKS

    def strikes(drawn: tuple[int, int, int]) -> Strikes:
        what, when, who = drawn
        kind, amount = divmod(what, AMOUNTS)
        at, lasting = divmod(when, TICKS)
        target, client = divmod(who, 2 * limits.clients)
        held, client = client % 2 == 0, client // 2
        return makers[kind](
            _Drawn(
                at=round(at * tick, 6),
                lasting=round((TICKS - lasting) * longest, 6),
                targets=targets[target],
                amount=amount,
                client=client_name(client),
                held=held,
            ),
            limits,
        )

    def trial(drawn: tuple[list[Any], int, int, int, int, int]) -> Trial:
        disturbances, seed, fewer, hold, delay, lost = drawn
        return Trial(
            system,
            _workload(limits, 2 + fewer, limits.holds[hold]),
            Schedule(strike for one in disturbances for strike in strikes(one)),
            seed,
            Conditions(limits.delays_ms[delay], limits.lost * lost),
            limits.durable,
        )

    # Three choices an item: Hypothesis deletes at most five in a row, the list's own one included.
    disturbance = st.tuples(
        st.integers(0, len(makers) * AMOUNTS - 1) if makers else st.nothing(),
        st.integers(0, TICKS * TICKS - 1),
        st.integers(0, len(targets) * 2 * limits.clients - 1),
    )
    return st.tuples(
        st.lists(disturbance, max_size=limits.disturbances if makers else 0),
        st.integers(0, SEEDS - 1),
        st.integers(0, limits.clients - 2),
        st.integers(0, len(limits.holds) - 1),
        st.integers(0, len(limits.delays_ms) - 1),
        st.integers(0, 1 if limits.lost else 0),
    ).map(trial)


def _workload(bounds: Bounds, clients: int, hold: float) -> Workload:
    return Workload(
        clients=clients,
        seconds=bounds.seconds,
        ttl=bounds.ttl,
        hold=hold,
        think=bounds.think,
        patience=bounds.patience,
        fenced=bounds.fenced,
    )


def _targets(nodes: Sequence[str], roles: Sequence[str], at_once: int) -> Sequence[tuple[str, ...]]:
    """Return whom a disturbance may strike: roles first, then few nodes before many."""
    several = [
        (*nodes[first:], *nodes[:first])[:count]
        for count in range(1, min(at_once, len(nodes)) + 1)
        for first in range(len(nodes) if count < len(nodes) else 1)
    ]
    return [*((role,) for role in roles), *several]


def _makers(bounds: Bounds, layout: Layout) -> Sequence[Make]:
    """Return the kinds of disturbances that are within ``bounds``, the simplest first."""
    kinds: Mapping[Make, bool] = {
        _jump: bounds.jump_ttls > 0,
        _drift: bounds.drift > 0,
        _pause_client: bounds.client_pauses,
        _die: bounds.node_deaths,
        _pause_nodes: bounds.node_pauses,
        _fail_over: bounds.promotions and bool(layout.replicas),
        _part_nodes: bounds.node_cuts and layout.linked,
        _mute_nodes: bounds.node_cuts and layout.linked,
        _deafen_nodes: bounds.node_cuts and layout.linked,
        _part_client: bounds.client_cuts,
        _mute_client: bounds.client_cuts,
        _deafen_client: bounds.client_cuts,
    }
    return [kind for kind, allowed in kinds.items() if allowed]


SHARES = (1.0, 0.5, 0.25, -1.0, -0.5, -0.25)
"""Of the largest amount, the simplest first."""

AMOUNTS = len(SHARES)


def _when(drawn: _Drawn, fault: Any) -> Strike:
    return Strike(drawn.at, fault, "held" if drawn.held else None)


def _jump(drawn: _Drawn, bounds: Bounds) -> Strikes:
    by_ms = round(SHARES[drawn.amount] * bounds.jump_ttls * bounds.ttl * 1000)
    return (_when(drawn, ClockJump(drawn.targets, by_ms)),)


def _drift(drawn: _Drawn, bounds: Bounds) -> Strikes:
    share = SHARES[drawn.amount] * bounds.drift
    rate = 1 + share if share > 0 else 1 / (1 - share)
    return (_when(drawn, ClockRate(drawn.targets, round(rate, 9))),)


def _lasting(drawn: _Drawn, fault: Any, end: Any) -> Strikes:
    return (_when(drawn, fault), Strike(drawn.at + drawn.lasting, end))


def _pause_client(drawn: _Drawn, bounds: Bounds) -> Strikes:
    who = ("holder",) if drawn.held else (drawn.client,)
    pause = Strike(drawn.at, Pause(who))
    return (pause, Strike(drawn.at + drawn.lasting, Resume()))


def _die(drawn: _Drawn, bounds: Bounds) -> Strikes:
    # The simplest death is the briefest, where the simplest pause or cut is the longest: what a node
    # forgets does most harm while others still rely on it.
    longest = bounds.longest_ttls * bounds.ttl
    brief = evolve(drawn, lasting=round(longest + longest / TICKS - drawn.lasting, 6))
    return _lasting(brief, Kill(drawn.targets), Restart(keep_data=bounds.durable))


def _pause_nodes(drawn: _Drawn, bounds: Bounds) -> Strikes:
    return _lasting(drawn, Pause(drawn.targets), Resume())


def _fail_over(drawn: _Drawn, bounds: Bounds) -> Strikes:
    # The master and replica of the only system that has them.
    at = drawn.at
    return (_when(drawn, Kill(("n1",))), Strike(at, Promote(("n2",))))


def _part_nodes(drawn: _Drawn, bounds: Bounds) -> Strikes:
    return _lasting(drawn, Partition((drawn.targets, ("nodes",)), _mode(drawn)), Heal())


def _mute_nodes(drawn: _Drawn, bounds: Bounds) -> Strikes:
    return _lasting(drawn, Cut(drawn.targets, ("nodes",), _mode(drawn)), Heal())


def _deafen_nodes(drawn: _Drawn, bounds: Bounds) -> Strikes:
    return _lasting(drawn, Cut(("nodes",), drawn.targets, _mode(drawn)), Heal())


def _part_client(drawn: _Drawn, bounds: Bounds) -> Strikes:
    return _lasting(drawn, Partition(((drawn.client,), drawn.targets), _mode(drawn)), Heal())


def _mute_client(drawn: _Drawn, bounds: Bounds) -> Strikes:
    return _lasting(drawn, Cut((drawn.client,), drawn.targets, _mode(drawn)), Heal())


def _deafen_client(drawn: _Drawn, bounds: Bounds) -> Strikes:
    return _lasting(drawn, Cut(drawn.targets, (drawn.client,), _mode(drawn)), Heal())


def _mode(drawn: _Drawn) -> Any:
    return "hold" if drawn.amount % 2 == 0 else "reset"
