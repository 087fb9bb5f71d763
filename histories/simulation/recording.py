"""What was recorded in a simulated run: the same events as live, held in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import frozen

from holdfast.histories.formats.jsonl import line_of
from holdfast.histories.history import History
from holdfast.histories.operation import NEMESIS, Event, EventType, frozen_event
from holdfast.histories.simulation.holders import Holders
from holdfast.histories.simulation.virtual_time import VirtualTime


@frozen
class Recording:
    """A simulated run.

    Args:
        events: what was recorded, the header first.
        not_struck: for each fault that could not strike, why.
    """

    events: tuple[Event, ...]
    not_struck: tuple[str, ...] = ()

    def history(self, source: str = "simulation") -> History:
        """Return the history of the events."""
        header, *events = self.events
        lines = enumerate((frozen_event(header), *events), start=1)
        return History.from_lines(lines, source=source)

    def to_bytes(self) -> bytes:
        """Return the lines of a JSONL file."""
        return b"".join(map(line_of, self.events))

    def write(self, path: Path) -> None:
        """Write a new JSONL file.

        Raises:
            FileExistsError: there is a file at ``path``.
        """
        with path.open("xb") as stream:
            stream.write(self.to_bytes())


class Journal:
    """Where the clients' events go; implements ``holdfast.histories.workload.Journal``.

    Args:
        time: stamps them.
        holders: learns of them.
    """

    __slots__ = ("_holders", "_time", "events")

    def __init__(self, time: VirtualTime, holders: Holders) -> None:
        self.events: list[Event] = []
        self._time = time
        self._holders = holders

    def record(
        self, type: EventType, process: int, f: str, value: Any, key: str, error: str | None
    ) -> None:
        """Record one event."""
        now, events = self._time.now, self.events
        events.append(Event(type, process, f, value, now, len(events), key, None, error))
        self._holders.observe(type, process, f, key)

    def note(self, f: str, value: Any = None, **extra: Any) -> None:
        """Record a fault or a remark."""
        self.events.append(
            Event("info", NEMESIS, f, value, self._time.now, len(self.events), extra=extra)
        )
