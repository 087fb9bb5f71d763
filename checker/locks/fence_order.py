"""Whether fencing tokens rise, told event by event beside the monitor of a mutex by token.

The certain holds stand in a forced order, that in which they begin, and their fencing tokens must rise. A
hold of unknown fencing token that certainly happened (its acquire's outcome is unknown, its release
succeeded) took one too: it is put into the latest gap between certain holds, if there is room. What
that leaves open is outside, as an earlier gap may have room, or the gaps be other ones.
"""

from __future__ import annotations

from attrs import define

from holdfast.checker.locks.certificate import FenceBackwards
from holdfast.checker.locks.rows import ALWAYS
from holdfast.models.fenced_mutex import BEFORE_THE_FIRST

NO_ROOM = "an unknown acquire needs a fencing token, and its place among the others is open"


class NoRoom(ValueError):
    """Where a hold of unknown fencing token lies is open."""


@define
class FenceOrder:
    """The fencing tokens of the certain holds, in the order in which these begin.

    Args:
        highest: the highest, of the latest hold.
        of: the acquire that got it.
        returned: when that returned.
        room: how many numbers are free between it and the one before.
        unknown: how many holds of unknown fencing token came after it.
        placed: when the last hold of unknown fencing token was put somewhere.
    """

    highest: int = BEFORE_THE_FIRST
    of: int = -1
    returned: int = ALWAYS
    room: int = 0
    unknown: int = 0
    placed: int = ALWAYS

    def granted(
        self, acquire: int, fence: int, invoked: int, instant: int
    ) -> FenceBackwards | None:
        """Take in the fencing token of a hold that certainly begins now.

        Raises:
            NoRoom: unknown ones lie between it and the one before, and there is no room for them.
        """
        if fence <= self.highest:
            after = acquire if invoked > self.returned else -1
            return FenceBackwards(self.of, after, self.of, acquire)
        room = fence - self.highest - 1 - self.unknown
        if room < 0:
            raise NoRoom(NO_ROOM)
        self.highest, self.of, self.returned = fence, acquire, instant
        self.room, self.unknown = room, 0
        return None

    def happened(self, instant: int, *, held: bool) -> None:
        """Take in that a hold of unknown fencing token certainly happened.

        Args:
            instant: now, by when it had ended.
            held: whether somebody else certainly holds now; then it came before that.

        Raises:
            NoRoom: it came before, but there is no room there.
        """
        self.placed = instant
        if not held:
            self.unknown += 1
            return
        if self.room == 0:
            raise NoRoom(NO_ROOM)
        self.room -= 1

    def lasted(self, begin: int) -> None:
        """Take in that a hold which began at ``begin`` lasts longer than was thought.

        Raises:
            NoRoom: something was put where it now holds.
        """
        if begin < self.placed:
            raise NoRoom(NO_ROOM)
