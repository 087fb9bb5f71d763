"""What a lock protects: a number on a server of its own that clients read and write."""

from __future__ import annotations

from typing import Any

from holdfast.histories.locks.transport import Transport
from holdfast.histories.outcome import StaleToken

KEY = "resource"
TIMEOUT_SECONDS = 1.0

# A read raises the mark as a write does. If it did not, a stale holder could still write between
# its successor's read and write, and the successor's write would undo its: an update would be lost.
FENCED = """
local fence, seen = tonumber(ARGV[1]), tonumber(redis.call('HGET', KEYS[1], 'fence') or ARGV[1])
if fence < seen then
  return {'stale', tostring(seen)}
end
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
if ARGV[2] then
  redis.call('HSET', KEYS[1], 'value', ARGV[2])
end
return {'done', redis.call('HGET', KEYS[1], 'value')}
"""


class Resource:
    """One client's access to the number, which is 0 at first.

    Args:
        transport: how its server is reached.
        node: the server's name.
    """

    def __init__(self, transport: Transport, node: str = "storage") -> None:
        self._transport = transport
        self._node = node

    async def read(self, fence: int | None) -> int:
        """Return the number.

        Args:
            fence: the fencing token of the reader's grant, or ``None`` to read without one.

        Raises:
            StaleToken: a higher fencing token has been seen.
        """
        if fence is None:
            value = await self._call("HGET", KEY, "value")
        else:
            value = await self._fenced(fence)
        return int(value or 0)

    async def write(self, value: int, fence: int | None) -> None:
        """Set the number to ``value``.

        Args:
            value: the new number.
            fence: the fencing token of the writer's grant, or ``None`` to write without one, which
                is always accepted.

        Raises:
            StaleToken: a higher fencing token has been seen; nothing was written.
        """
        if fence is None:
            await self._call("HSET", KEY, "value", value)
        else:
            await self._fenced(fence, value)

    async def _fenced(self, fence: int, *value: int) -> str | None:
        answer, detail = await self._call("EVAL", FENCED, 1, KEY, fence, *value)
        if answer == "stale":
            raise StaleToken(f"fencing token {fence} is stale: {detail} has been seen")
        return detail  # type: ignore[no-any-return]

    async def _call(self, *command: str | int) -> Any:
        return await self._transport.call(self._node, command, TIMEOUT_SECONDS)
