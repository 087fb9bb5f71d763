"""A simulated Redis node: what locks and the shared resource ask of one, and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from holdfast.histories.locks.redlock import COMPARE_AND_DELETE
from holdfast.histories.outcome import ServerRefused
from holdfast.histories.resource import FENCED
from holdfast.histories.simulation.network import NS_PER_MS
from holdfast.histories.simulation.server import Message, Server

WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
PXAT_LARGEST = (1 << 63) - 1

Command = Sequence[Any]
Text = str | dict[str, str]
Snapshot = tuple[dict[str, Text], dict[str, int]]


class RedisNode:
    """Strings that end by the node's own wall clock, hashes, and the two scripts that are sent to it.

    A key ends once the clock shows a millisecond later than its time, as in Redis; nothing else
    deletes it, so a clock that is set back brings nothing back and makes keys live longer.

    Args:
        server: the node.
        durable: whether it logs every write to disk before it answers.
    """

    def __init__(self, server: Server, *, durable: bool = False) -> None:
        self._server = server
        self._clock = server.clock
        self._durable = durable
        self._values: dict[str, Text] = {}
        self._ends: dict[str, int] = {}
        self._commands: Mapping[str, Callable[[Command], Any]] = {
            "SET": self._set,
            "EVAL": self._eval,
            "GET": self._get,
            "DEL": self._del,
            "PTTL": self._pttl,
            "HGET": self._hget,
            "HSET": self._hset,
            "PING": lambda command: "PONG",
        }

    def serve(self, message: Message) -> None:
        """Do what ``message`` asks and reply, if with an error."""
        command = message[0]
        try:
            reply = self._commands.get(command[0], _unknown)(command)
        except ServerRefused as refusal:
            reply = refusal
        server = self._server
        server.wires.reply(server, message, reply)

    def snapshot(self) -> Snapshot:
        """Return a copy of all data."""
        values = {
            key: dict(value) if isinstance(value, dict) else value
            for key, value in self._values.items()
        }
        return values, dict(self._ends)

    def restore(self, snapshot: Snapshot) -> None:
        """Have the data of ``snapshot`` and no other."""
        self._values, self._ends = snapshot

    def crash(self) -> None:
        """Keep nothing in memory; what is durable is on disk."""
        if not self._durable:
            self._forget()

    def recover(self, *, keep_data: bool) -> None:
        """Begin with what is on disk, or with nothing."""
        if not keep_data:
            self._forget()

    def wake(self) -> None:
        """Have nothing to catch up with: keys end when they are looked at."""

    def _forget(self) -> None:
        self._values.clear()
        self._ends.clear()

    def _lookup(self, key: str) -> Text | None:
        ends = self._ends.get(key)
        if ends is not None and self._clock.now_ns() // NS_PER_MS > ends:
            self._delete(key)
            return None
        return self._values.get(key)

    def _delete(self, key: str) -> None:
        del self._values[key]
        self._ends.pop(key, None)

    def _set(self, command: Command) -> str | None:
        key = command[1]
        exclusive, lasts = _set_options(tuple(command[3:]))
        if exclusive and key in self._values and self._lookup(key) is not None:
            return None
        self._values[key] = str(command[2])
        if lasts is None:
            self._ends.pop(key, None)
        else:
            self._ends[key] = self._clock.now_ns() // NS_PER_MS + lasts
        return "OK"

    def _get(self, command: Command) -> str | None:
        return self._string(command[1])

    def _string(self, key: str) -> str | None:
        value = self._lookup(key)
        if isinstance(value, dict):
            raise ServerRefused(WRONG_TYPE)
        return value

    def _del(self, command: Command) -> int:
        deleted = 0
        for key in command[1:]:
            if self._lookup(key) is not None:
                self._delete(key)
                deleted += 1
        return deleted

    def _pttl(self, command: Command) -> int:
        if self._lookup(command[1]) is None:
            return -2
        ends = self._ends.get(command[1])
        return -1 if ends is None else ends - self._clock.now_ns() // NS_PER_MS

    def _hash(self, key: str) -> dict[str, str]:
        value = self._lookup(key)
        if isinstance(value, str):
            raise ServerRefused(WRONG_TYPE)
        return {} if value is None else value

    def _hget(self, command: Command) -> str | None:
        return self._hash(command[1]).get(command[2])

    def _hset(self, command: Command) -> int:
        fields = self._hash(command[1])
        names, values = command[2::2], command[3::2]
        added = sum(name not in fields for name in dict.fromkeys(names))
        fields.update(zip(names, map(str, values), strict=True))
        self._values[command[1]] = fields
        return added

    def _eval(self, command: Command) -> Any:
        script = _SCRIPTS.get(command[1])
        if script is None:
            raise ServerRefused("ERR the simulation knows no such script")
        return script(self, command[3], command[4:])

    def _compare_and_delete(self, key: str, arguments: Command) -> int:
        value = self._values.get(key)
        # Most find another value: then it does not matter whether that has ended.
        may_match = value.__class__ is dict or value == str(arguments[0])
        if may_match and self._string(key) is not None:
            self._delete(key)
            return 1
        return 0

    def _fenced(self, key: str, arguments: Command) -> list[str | None]:
        fields = self._hash(key)
        seen = fields.get("fence", str(arguments[0]))
        if int(arguments[0]) < int(seen):
            return ["stale", seen]
        fields["fence"] = str(arguments[0])
        if len(arguments) > 1:
            fields["value"] = str(arguments[1])
        self._values[key] = fields
        return ["done", fields.get("value")]


def _unknown(command: Command) -> Any:
    raise ServerRefused(f"ERR unknown command '{command[0]}'")


@lru_cache(maxsize=256)
def _set_options(options: tuple[Any, ...]) -> tuple[bool, int | None]:
    """Return whether SET is to set only what is not there, and for how many milliseconds.

    Raises:
        ServerRefused: these are no options.
    """
    exclusive, lasts = False, None
    rest = list(options)
    while rest:
        option = rest.pop(0)
        if option == "NX" and not exclusive:
            exclusive = True
        elif option == "PX" and rest and lasts is None:
            lasts = _lasting(rest.pop(0))
        else:
            raise ServerRefused("ERR syntax error")
    return exclusive, lasts


def _lasting(milliseconds: Any) -> int:
    try:
        lasts = int(milliseconds)
    except ValueError:
        raise ServerRefused("ERR value is not an integer or out of range") from None
    if lasts <= 0:
        raise ServerRefused("ERR invalid expire time in set")
    return lasts


_SCRIPTS: Mapping[str, Callable[[RedisNode, str, Command], Any]] = {
    COMPARE_AND_DELETE: RedisNode._compare_and_delete,
    FENCED: RedisNode._fenced,
}
