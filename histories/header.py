"""The first line of a recording: what was run, so that the file can be judged and told on its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from attrs import field, frozen

from holdfast.histories.history import History
from holdfast.histories.operation import Process
from holdfast.models.value import thaw

HEADER = "recording"
"""The ``f`` of the note that carries the header."""

SIMULATED = "simulated"
"""What the header of a simulated recording names as the programs that ran."""

TOOK = "took_ns"
"""The field of a fault's note that says how long it took to strike, in nanoseconds."""

NOT_STRUCK = "not-struck"
"""The ``f`` of the note on a fault that could not strike."""

STOPPED = "stopped"
"""The ``f`` of the note that a run was ended before its time."""

NO_FAULTS = frozenset({HEADER, NOT_STRUCK, STOPPED})
"""The notes that tell of no fault."""


@frozen
class Header:
    """What a recording says of itself.

    Args:
        system: the name of the system under test.
        clients: how many clients there were; client ``c1`` had the processes 0, ``clients``, and so on.
        seed: the seed of the clients' choices.
        models: for each key, the model that it is claimed to follow, as ``holdfast check --model`` takes it.
        workload: how the clients behaved, as data.
        schedule: which faults were to strike when, as data.
        programs: the server programs that ran, by name.
        network: how the simulated network was, as data; empty for a real one.
        durable: whether nodes kept their data over a kill.
        version: the version of holdfast that recorded.
    """

    system: str
    clients: int
    seed: int
    models: Mapping[str, str] = field(factory=dict)
    workload: Mapping[str, Any] = field(factory=dict)
    schedule: Mapping[str, Any] = field(factory=dict)
    programs: Mapping[str, str] = field(factory=dict)
    network: Mapping[str, Any] = field(factory=dict)
    durable: bool = False
    version: str = ""

    def to_data(self) -> dict[str, Any]:
        """Return the header as JSON data."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]


def header_of(history: History) -> Header | None:
    """Return the header of a recording made by holdfast, or ``None`` for any other history."""
    for note in history.notes[:1]:
        if note.f == HEADER:
            try:
                return msgspec.convert(thaw(note.value), type=Header)
            except (msgspec.ValidationError, TypeError):
                return None
    return None


def client_of(process: Process, header: Header | None) -> str:
    """Return the name of the client behind ``process``: ``c2``, or ``process 7`` where nobody knows."""
    if header is None or not isinstance(process, int):
        return f"process {process}"
    return f"c{process % header.clients + 1}"
