"""How bad things may get: the bounds of the schedules that are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from attrs import evolve, field, frozen, validators

_not_negative = validators.ge(0.0)
_positive = validators.gt(0.0)

Seconds = float


@frozen
class Bounds:
    """What the drawn trials keep to.

    Args:
        clients: how many clients there are, at most; at least two.
        ttl: the lock's time to live, in seconds.
        seconds: how long clients begin new rounds.
        holds: mean times of the work under the lock, in seconds, the simplest first.
        think: the mean time between a release and the next acquire, in seconds.
        patience: how long an acquire tries, in seconds.
        fenced: whether fencing tokens go along to the resource.
        disturbances: how many there are, at most.
        nodes_at_once: how many nodes one disturbance strikes, at most.
        jump_ttls: how far clocks leap, at most, in times to live; 0 for not at all.
        drift: by what share of real time clocks run too fast or too slow, at most; 0 for not at all.
        longest_ttls: how long a pause, a death or a cut lasts, at most, in times to live.
        client_pauses: whether clients are paused.
        node_pauses: whether nodes are paused.
        node_deaths: whether nodes are killed and started again.
        durable: whether nodes keep their data over that.
        client_cuts: whether clients are cut off from nodes.
        node_cuts: whether nodes are cut off from each other.
        promotions: whether a replica takes the place of a master.
        delays_ms: mean times that a message takes one way, in milliseconds, the simplest first.
        lost: the largest share of messages that have to be sent again.
    """

    clients: int = field(default=3, validator=validators.ge(2))
    ttl: Seconds = field(default=1.0, validator=_positive)
    seconds: Seconds = field(default=1.5, validator=_positive)
    holds: tuple[Seconds, ...] = field(default=(0.5, 0.1), validator=validators.min_len(1))
    think: Seconds = field(default=0.02, validator=_not_negative)
    patience: Seconds = field(default=1.5, validator=_positive)
    fenced: bool = True
    disturbances: int = field(default=4, validator=validators.ge(0))
    nodes_at_once: int = field(default=3, validator=validators.ge(1))
    jump_ttls: float = field(default=2.0, validator=_not_negative)
    drift: float = field(default=3.0, validator=_not_negative)
    longest_ttls: float = field(default=3.0, validator=_positive)
    client_pauses: bool = True
    node_pauses: bool = True
    node_deaths: bool = True
    durable: bool = False
    client_cuts: bool = True
    node_cuts: bool = True
    promotions: bool = True
    delays_ms: tuple[float, ...] = field(default=(0.1, 1.0, 5.0), validator=validators.min_len(1))
    lost: float = field(default=0.02, validator=[_not_negative, validators.le(1.0)])

    def assuming(self, *assumptions: str) -> Bounds:
        """Return the bounds with these assumptions kept.

        Args:
            assumptions: names of ``ASSUMPTIONS``.

        Raises:
            ValueError: there is no such assumption.
        """
        bounds = self
        for assumption in assumptions:
            if assumption not in _KEPT:
                raise ValueError(f"no assumption {assumption!r}; there are: {', '.join(_KEPT)}")
            bounds = _KEPT[assumption](bounds)
        return bounds


ASSUMPTIONS: Mapping[str, str] = {
    "clocks": "clocks leap nowhere and run right to half a percent",
    "data": "nodes keep their data when they die",
    "awake": "clients are never paused",
    "heard": "clients reach every node",
    "master": "no replica takes the place of a master",
}
"""What a search can be told to assume, by name."""

_KEPT: Mapping[str, Callable[[Bounds], Bounds]] = {
    "clocks": partial(evolve, jump_ttls=0.0, drift=0.005),
    "data": partial(evolve, durable=True),
    "awake": partial(evolve, client_pauses=False),
    "heard": partial(evolve, client_cuts=False),
    "master": partial(evolve, promotions=False),
}
