"""The calls of a mutex or semaphore by token, as its monitor takes them; with fencing tokens, too."""

from __future__ import annotations

from holdfast.checker.frontier import Unexplained
from holdfast.checker.locks.called import FLIPS, Called, OutsideMonitor
from holdfast.checker.locks.certificate import Certificate
from holdfast.checker.locks.fence_order import NO_ROOM, FenceOrder, NoRoom
from holdfast.checker.locks.rows import NEVER, Kind
from holdfast.checker.locks.says import kind_of
from holdfast.checker.locks.token_monitor import TokenMonitor, UsedAgain
from holdfast.models.fenced_mutex import fence_of
from holdfast.models.lock import ACQUIRE, RELEASE
from holdfast.models.model import Call, Fail, Info, Ok, Result

UNSEEN = "a read found the lock held when nobody certainly held it"


class ByToken:
    """A lock by token.

    Args:
        permits: how many may hold at once.
        failed_release_means_not_holder: whether a failed release means that its token did not hold.
    """

    def __init__(self, permits: int, *, failed_release_means_not_holder: bool) -> None:
        self._means = failed_release_means_not_holder
        self._monitor = TokenMonitor(permits)

    @property
    def remembered(self) -> int:
        """How many attempts, demands and holds are kept."""
        return self._monitor.remembered

    def invoke(self, called: Called) -> None:
        """Take in that a call was made."""
        if called.f in FLIPS:
            try:
                self._monitor.invoke(called.number, FLIPS[called.f], called.value, called.instant)
            except UsedAgain as error:
                raise OutsideMonitor(str(error)) from None

    def complete(
        self, called: Called, result: Result, instant: int
    ) -> Certificate | Unexplained | None:
        """Take in how a call ended; return why nothing explains it, or ``None``."""
        if called.f == ACQUIRE:
            if isinstance(result, Ok):
                return self._granted(called, result, instant)
            return self._monitor.not_granted(called.value, known=isinstance(result, Fail))
        if called.f == RELEASE:
            if isinstance(result, Ok):
                return self._released(called, instant)
            if isinstance(result, Info):
                self._monitor.release_lost(called.number, called.value)
                return None
            return self._not_released(called, instant)
        return self._read(called, result, instant)

    def _granted(
        self, called: Called, result: Ok, instant: int
    ) -> Certificate | Unexplained | None:
        return self._monitor.granted(called.value, instant)

    def _released(self, called: Called, instant: int) -> Certificate | Unexplained | None:
        return self._monitor.released(called.number, called.value, instant)

    def _not_released(self, called: Called, instant: int) -> Certificate | Unexplained | None:
        return self._monitor.not_released(called.number, called.value, instant, means=self._means)

    def _read(
        self, called: Called, result: Result, instant: int
    ) -> Certificate | Unexplained | None:
        kind = None if isinstance(result, Fail) else kind_of(Call(called.f), result)
        if kind is Kind.FREE:
            return self._monitor.found_free(called.number, called.instant, instant)
        seen = True
        if kind is Kind.HELD:
            seen = self._monitor.was_full(called.instant)
        elif kind is Kind.HOLDER:
            assert isinstance(result, Ok)
            seen = self._monitor.held_by(result.value, called.instant)
        if not seen:
            raise OutsideMonitor(UNSEEN)
        return None


class Fenced(ByToken):
    """A mutex by token whose fencing tokens rise.

    Args:
        failed_release_means_not_holder: whether a failed release means that its token did not hold.
    """

    def __init__(self, *, failed_release_means_not_holder: bool) -> None:
        super().__init__(1, failed_release_means_not_holder=failed_release_means_not_holder)
        self._order = FenceOrder()

    def invoke(self, called: Called) -> None:
        """Take in that a call was made."""
        super().invoke(called)
        if called.f == RELEASE and called.instant < self._monitor.began(called.value) < NEVER:
            raise OutsideMonitor(NO_ROOM)

    def complete(
        self, called: Called, result: Result, instant: int
    ) -> Certificate | Unexplained | None:
        """Take in how a call ended; return why nothing explains it, or ``None``."""
        try:
            return super().complete(called, result, instant)
        except NoRoom as error:
            raise OutsideMonitor(str(error)) from None

    def _granted(
        self, called: Called, result: Ok, instant: int
    ) -> Certificate | Unexplained | None:
        certain = self._monitor.end(called.value) == NEVER
        wrong = super()._granted(called, result, instant)
        fence = fence_of(result)
        if wrong is not None or fence is None:
            return wrong
        if not certain:
            raise NoRoom(NO_ROOM)
        return self._order.granted(called.number, fence, called.instant, instant)

    def _released(self, called: Called, instant: int) -> Certificate | Unexplained | None:
        before, begin = self._monitor.end(called.value), self._monitor.began(called.value)
        wrong = super()._released(called, instant)
        if wrong is None and begin == NEVER:
            self._order.happened(instant, held=self._monitor.held)
        elif wrong is None and before < called.instant:
            self._order.lasted(begin)
        return wrong

    def _not_released(self, called: Called, instant: int) -> Certificate | Unexplained | None:
        begin = self._monitor.began(called.value)
        wrong = super()._not_released(called, instant)
        if wrong is None and begin < NEVER:
            self._order.lasted(begin)
        return wrong
