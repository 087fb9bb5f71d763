"""Why a lock's history is not linearizable: a few operations and the instants that prove it.

Each class is one rule. ``holdfast.checker.verify`` checks that the operations named are as the rule
says; the rule's docstring says why no lock behaves so. Operations are named by their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import Attribute, evolve, field, fields, frozen

COUNT: Mapping[str, Any] = {"count": True}
"""Marks a field that counts, where all others name operations."""


@frozen
class CertainHold:
    """A hold and the time during which its client is certain to hold.

    It holds from when ``since`` returned (the acquire, or a read that told it as the holder) until
    ``until`` was invoked (its release, or a read that told it as the holder later still).

    Args:
        acquire: the acquire that began it.
        since: the acquire, or a read of ``holder`` that returned before it did.
        until: the release that ended it, the first that may have, or a later read of ``holder``;
            ``None`` if nothing can have ended it.
    """

    acquire: int
    since: int
    until: int | None


@frozen
class StrangersRelease:
    """A release succeeded though its token cannot have held then.

    Args:
        release: the release.
        instead: its token's acquire, invoked after the release returned; or another release of the
            token that succeeded; ``None`` if the token has no acquire (or a monitor forgot the other).
    """

    release: int
    instead: int | None


@frozen
class StrangersRead:
    """A read told a token as the holder that cannot have held then.

    Args:
        read: the read.
        instead: its token's acquire, invoked after the read returned; or its release, which returned
            before the read was invoked; ``None`` if the token has no acquire.
    """

    read: int
    instead: int | None


@frozen
class TooManyHolders:
    """More tokens than the lock has permits were all certain to hold at one instant.

    Args:
        holds: one more than there are permits; the times in which they are certain have an instant
            in common.
    """

    holds: tuple[CertainHold, ...]


@frozen
class TakenTwice:
    """A token was granted the lock again while it certainly held.

    Args:
        first: the acquire that was granted first.
        second: the other; no release of the token was invoked before it returned.
    """

    first: int
    second: int


@frozen
class NeverFree:
    """Something needs an instant at which a permit is free, while all were certainly taken.

    Args:
        holds: as many as there are permits; all were certain during all of the operations' time.
        needing: a read that found the lock free; or the acquire and the release of another token,
            which overlap, so that it held at some instant of both.
    """

    holds: tuple[CertainHold, ...]
    needing: tuple[int, ...]


@frozen
class DeniedHolder:
    """A release was answered "not the holder" while its token certainly held.

    Args:
        hold: the token's hold.
        release: the failed release, within the time in which the hold is certain.
    """

    hold: CertainHold
    release: int


@frozen
class FenceBackwards:
    """A grant has a higher fencing token than one that certainly came later, or both have the same.

    Args:
        returned: an operation of the token with the higher fencing token that cannot have taken effect
            before the other's was granted (and given back).
        invoked: an operation of the other token, invoked after that returned; -1 if the other token was
            never given back.
        higher: the acquire with the higher or same fencing token.
        lower: the acquire with the lower or same.
    """

    returned: int
    invoked: int
    higher: int
    lower: int


@frozen
class FenceSkipped:
    """Fencing tokens are consecutive, but one is missing and no acquire can have got it.

    Args:
        before: the acquire with the fencing token before the gap.
        after: the acquire with the one after it.
        lost: the acquires of unknown outcome that may have been granted by then: too few.
    """

    before: int
    after: int
    lost: tuple[int, ...]


@frozen
class NeverHeld:
    """Observations that somebody held lie between certain holds, and too few others can have held then.

    Args:
        holds: the certain holds between, before and after which they lie.
        observations: the failed acquires, or reads, that found the lock held in between.
        frees: what in between, or across one of the holds, needs the lock to be free.
        lost: the acquires of unknown outcome, or of tokens whose own calls overlap, that may have held
            for some of the observations: too few.
    """

    holds: tuple[CertainHold, ...]
    observations: tuple[int, ...]
    frees: tuple[int, ...]
    lost: tuple[int, ...]


@frozen
class Miscounted:
    """A call contradicts how often its owner certainly held, by the owner's own calls alone.

    Args:
        call: an acquire beyond what its owner may hold; a release without a hold; a failed acquire though
            the owner held and might have held once more; or a failed release though it held.
        outermost: the acquire since which the owner held; ``None`` if it did not hold.
    """

    call: int
    outermost: int | None


@frozen
class TooManyFlips:
    """No order has some calls to a lock without owners, whatever came before and whatever else happened.

    Args:
        completion: that of the operations which returned last.
        operations: calls that happened. In the time from the first invocation to the last return of them,
            of all others only what reaches into it can have changed the lock, and that is not enough.
    """

    completion: int
    operations: tuple[int, ...]


@frozen
class Outnumbered:
    """In some time a lock without owners was taken (or given back) more often than that allows.

    Args:
        first: the acquire (or release) with whose invocation that time begins.
        last: the one with whose return it ends. All calls like these that lie between the two instants took
            effect there, and of the others too few can have: only those that reach into that time.
        least: how many like these took effect there, at least.
        most: how many of the others can have, at most.
    """

    first: int
    last: int
    least: int = field(metadata=COUNT)
    most: int = field(metadata=COUNT)


@frozen
class LeasesTooLong:
    """Leases that must follow each other are too long for that.

    Args:
        operations: the acquires in the order in which they must have been granted, each followed by the
            release that bounds it, if there is one; these tokens alone have no legal order.
    """

    operations: tuple[int, ...]


Certificate = (
    StrangersRelease
    | StrangersRead
    | TooManyHolders
    | TakenTwice
    | NeverFree
    | DeniedHolder
    | FenceBackwards
    | FenceSkipped
    | NeverHeld
    | Miscounted
    | TooManyFlips
    | Outnumbered
    | LeasesTooLong
)


def is_count(attribute: Attribute[Any]) -> bool:
    """Return whether a field of a certificate is a number of things, and not that of an operation."""
    return bool(attribute.metadata == COUNT)


def named(certificate: Certificate) -> tuple[int, ...]:
    """Return the operations that a certificate names, each once, in rising order."""

    def found(value: Any) -> Iterator[int]:
        if isinstance(value, int):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                yield from found(item)
        elif value is not None:
            for one in fields(type(value)):
                if not is_count(one):
                    yield from found(getattr(value, one.name))

    return tuple(sorted({number for number in found(certificate) if number >= 0}))


def renumbered(certificate: Certificate, numbers: Sequence[int]) -> Certificate:
    """Return a certificate whose operations are named by other numbers.

    Args:
        certificate: names operations by their places.
        numbers: by place, the number that the operation has in its history.
    """

    def renamed(value: Any) -> Any:
        if value is None or isinstance(value, int):
            return value if value is None or value < 0 else numbers[value]
        if isinstance(value, tuple):
            return tuple(renamed(item) for item in value)
        return evolve(
            value,
            **{
                one.name: renamed(getattr(value, one.name))
                for one in fields(type(value))
                if not is_count(one)
            },
        )

    return renamed(certificate)  # type: ignore[no-any-return]
