"""A node's own clock: it may be ahead of real time, run at its own rate, and leap."""

from __future__ import annotations

from holdfast.histories.simulation.virtual_time import NS_PER_S, VirtualTime

EPOCH_NS = 1_700_000_000 * NS_PER_S
"""What a right wall clock shows at the start."""


class NodeClock:
    """The clock of one node.

    Args:
        time: real time.
    """

    __slots__ = ("_lead_ns", "_rate", "_since", "_time")

    def __init__(self, time: VirtualTime) -> None:
        self._time = time
        self._lead_ns = EPOCH_NS
        self._rate = 1.0
        self._since = 0

    def now_ns(self) -> int:
        """Return what it shows, in nanoseconds."""
        now = self._time.now
        if self._rate == 1.0:
            return now + self._lead_ns
        return now + self._lead_ns + int((now - self._since) * (self._rate - 1.0))

    def set(self, *, offset: float, rate: float) -> None:
        """Set it ``offset`` seconds ahead of real time, to run at ``rate`` from now on."""
        self._lead_ns = EPOCH_NS + round(offset * NS_PER_S)
        self._rate = rate
        self._since = self._time.now

    def read(self) -> tuple[float, float]:
        """Return how far it is ahead, in seconds, and its rate."""
        return (self.now_ns() - EPOCH_NS - self._time.now) / NS_PER_S, self._rate

    def real_ns(self, shown_ns: int) -> int:
        """Return how much real time passes until it shows ``shown_ns``, if it is let alone."""
        return max(0, int((shown_ns - self.now_ns()) / self._rate) + 1)
