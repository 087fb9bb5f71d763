"""The lock that most of us have written once: one Redis node, SET NX PX, compare-and-delete."""

from holdfast.histories.locks.lock import Grant
from holdfast.histories.locks.redlock import COMPARE_AND_DELETE
from holdfast.histories.outcome import NoAnswer, NotAcquired, NotHeld, NotSent
from holdfast.histories.systems.own_lock import own_lock

TIMEOUT = 0.05  # seconds


class MyLock:
    """One client's end of the lock."""

    def __init__(self, transport, name, ttl):
        self.transport, self.name, self.ttl = transport, name, ttl

    async def acquire(self, token, patience):
        """Try until the lock is ours or patience ends; an unknown answer is left unknown."""
        take = ("SET", self.name, token, "NX", "PX", round(self.ttl * 1000))
        give_up = self.transport.now() + patience
        while (began := self.transport.now()) < give_up:
            if await self.transport.call("n1", take, TIMEOUT) == "OK":
                return Grant(token, valid_until=began + 0.9 * self.ttl)
            await self.transport.sleep(0.02)
        raise NotAcquired("somebody else holds it")

    async def release(self, grant):
        """Give the lock back if it is still ours."""
        give_back = ("EVAL", COMPARE_AND_DELETE, 1, self.name, grant.token)
        try:
            deleted = await self.transport.call("n1", give_back, TIMEOUT)
        except NotSent as error:
            raise NoAnswer("not given back; the time to live will do it") from error
        if not deleted:
            raise NotHeld("somebody else holds it, or nobody")


on_redis = own_lock(MyLock)
