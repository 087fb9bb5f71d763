"""Grants that were lost before their holder gave them back: early, or kept although they were lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from attrs import frozen

from holdfast.checker.explain.holds import Hold
from holdfast.checker.explain.proof import KEPT_AFTER_LOSS, LOST_BEFORE_RELEASE, LOST_EARLY
from holdfast.checker.locks.certificate import DeniedHolder
from holdfast.histories.header import Header
from holdfast.histories.history import History

NS_PER_S = 1_000_000_000


@frozen
class Loss:
    """A grant that was lost.

    Args:
        finding: how, by its name.
        words: who lost it, and the times that show it.
    """

    finding: str
    words: str


def ttl_of(model: object, header: Header | None) -> int | None:
    """Return the lock's time to live in nanoseconds: the model's, or as recorded; ``None`` if unknown."""
    ttl = getattr(model, "ttl", None)
    if isinstance(ttl, int):
        return ttl
    seconds = None if header is None else header.workload.get("ttl")
    return round(seconds * NS_PER_S) if isinstance(seconds, (int, float)) else None


def losses(
    holds: Sequence[Hold], ttl: int | None, last_instant: int, at: Callable[[int], str]
) -> list[Loss]:
    """Return which grants were lost early, and which were kept after they were lost.

    Args:
        holds: grants in the order in which they returned.
        ttl: the lock's time to live in nanoseconds, if it is known.
        last_instant: when the recording ends.
        at: returns an instant with its unit.
    """
    found = []
    for hold, after in pairwise(holds):
        given_back = last_instant if hold.given_back is None else hold.given_back
        if hold.refusal is None or after.granted >= given_back:
            continue
        expired = ""
        if ttl is not None and after.granted < hold.asked + ttl:
            lived = (after.granted - hold.asked) / 1e6
            words = (
                f"{hold.client} had lost it early: {lived:.1f} ms after it asked, "
                f"within the time to live of {_told(ttl)}, it was {after.client}'s."
            )
            found.append(Loss(LOST_EARLY, words))
        elif ttl is not None and hold.asked + ttl < given_back:
            # It may have been granted as late as it returned, but it counts from when it was asked for.
            expired = (
                f" Its time to live of {_told(ttl)} from when it asked had ended at "
                f"{at(hold.asked + ttl)}."
            )
        words = (
            f"{hold.client} kept it after it was lost, up to {at(given_back)}: "
            f"its release was refused.{expired}"
        )
        found.append(Loss(KEPT_AFTER_LOSS, words))
    return found


def denied_finding(found: DeniedHolder, history: History, ttl: int | None) -> Loss:
    """Return how a lock was lost whose holder was told at its release that it does not hold."""
    asked, told = history[found.hold.acquire].invoked, history[found.release].completed
    lived = (told or asked) - asked
    if ttl is None:
        return Loss(LOST_BEFORE_RELEASE, "The lock's time to live is not recorded.")
    until = f"{_told(lived)} after it asked, its time to live being {_told(ttl)}"
    if lived < ttl:
        return Loss(LOST_EARLY, f"That was {until}.")
    return Loss(LOST_BEFORE_RELEASE, f"That was {until}: it had expired.")


def _told(nanoseconds: int) -> str:
    return f"{nanoseconds / 1e6:.0f} ms"
