"""The calls of a reentrant mutex: each owner's count is known, and its outermost holds are a mutex's."""

from __future__ import annotations

from attrs import define, evolve

from holdfast.checker.frontier import Unexplained
from holdfast.checker.locks.by_token import ByToken
from holdfast.checker.locks.called import FLIPS, Called, OutsideMonitor
from holdfast.checker.locks.certificate import Certificate, Miscounted
from holdfast.checker.locks.rows import ALWAYS, NEVER, Kind
from holdfast.models.lock import ACQUIRE
from holdfast.models.model import Fail, Info, Ok, Result
from holdfast.models.value import Value

UNCLEAR = "an owner's calls overlap, or go on after an unknown outcome"


@define
class _Owner:
    """What is known of an owner.

    Args:
        holds: how often it holds.
        attempts: how many holds it began.
        outermost: the acquire that began its hold.
        until: when its last call returned; ``NEVER`` while one is out or of unknown outcome.
    """

    holds: int = 0
    attempts: int = 0
    outermost: int | None = None
    until: int = ALWAYS


class ByOwner(ByToken):
    """A reentrant mutex. Only an owner's first acquire and last release change anything for others.

    Args:
        holds_max: how often an owner may hold at most.
        failed_release_means_not_holder: whether a failed release means that its owner did not hold.
    """

    def __init__(self, holds_max: int, *, failed_release_means_not_holder: bool) -> None:
        super().__init__(1, failed_release_means_not_holder=failed_release_means_not_holder)
        self._holds_max = holds_max
        self._owners: dict[Value, _Owner] = {}

    @property
    def remembered(self) -> int:
        """How many owners, attempts, demands and holds are kept."""
        return len(self._owners) + super().remembered

    def invoke(self, called: Called) -> None:
        """Take in that a call was made."""
        if called.f not in FLIPS:
            return
        owner = self._owners.setdefault(called.value, _Owner())
        if called.instant < owner.until:
            raise OutsideMonitor(UNCLEAR)
        owner.until = NEVER
        if called.f == ACQUIRE and owner.holds == 0:
            owner.attempts += 1
        if self._is_outermost(called, owner):
            super().invoke(self._of_attempt(called, owner))

    def complete(
        self, called: Called, result: Result, instant: int
    ) -> Certificate | Unexplained | None:
        """Take in how a call ended; return why nothing explains it, or ``None``."""
        if called.f not in FLIPS:
            return self._read(called, result, instant)
        owner = self._owners[called.value]
        owner.until = NEVER if isinstance(result, Info) else instant
        if self._is_wrong(called, owner, result):
            return Miscounted(called.number, owner.outermost)
        outermost = self._is_outermost(called, owner)
        if isinstance(result, Ok) and called.f == ACQUIRE:
            owner.outermost = called.number if outermost else owner.outermost
            owner.holds += 1
        elif isinstance(result, Ok):
            owner.holds -= 1
            owner.outermost = None if outermost else owner.outermost
        if not outermost:
            return None
        return super().complete(self._of_attempt(called, owner), result, instant)

    def _of_attempt(self, called: Called, owner: _Owner) -> Called:
        return evolve(called, value=(called.value, owner.attempts))

    def _is_outermost(self, called: Called, owner: _Owner) -> bool:
        return owner.holds == (0 if FLIPS[called.f] is Kind.ACQUIRE else 1)

    def _is_wrong(self, called: Called, owner: _Owner, result: Result) -> bool:
        """Return whether the owner's own count contradicts the result."""
        if called.f == ACQUIRE:
            return isinstance(result, Ok) and owner.holds == self._holds_max
        if isinstance(result, Fail):
            return self._means and owner.holds > 0
        return isinstance(result, Ok) and owner.holds == 0
