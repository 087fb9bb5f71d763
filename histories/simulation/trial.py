"""A trial: all that a run is made of, as plain data, for simulation and for real servers alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from attrs import field, frozen

from holdfast.histories.errors import HistoryError
from holdfast.histories.json_file import read_json, write_json
from holdfast.histories.schedule import Schedule
from holdfast.histories.simulation.network import Conditions
from holdfast.histories.workload import Workload

REMEDY = (
    'a file to replay is {"system": NAME, "seed": N, "workload": {…}, "network": {…}, '
    '"faults": […]}, as holdfast simulate writes it'
)


@frozen
class Trial:
    """One run to be tried.

    Args:
        system: the name of the system under test.
        workload: how the clients behave.
        schedule: which faults strike when.
        seed: the seed of all choices: the clients', and in simulation the network's and the nodes'.
        network: how the simulated network is; on real servers it is as it is.
        durable: whether nodes keep their data over a kill.
    """

    system: str
    workload: Workload = field(factory=Workload)
    schedule: Schedule = field(factory=Schedule)
    seed: int = 0
    network: Conditions = field(factory=Conditions)
    durable: bool = False

    def to_data(self) -> dict[str, Any]:
        """Return the trial as JSON data; what reads schedules reads it too."""
        return {
            "system": self.system,
            "seed": self.seed,
            "workload": msgspec.to_builtins(self.workload),
            "network": msgspec.to_builtins(self.network),
            "durable": self.durable,
            **self.schedule.to_data(),
        }

    @classmethod
    def from_data(cls, data: Any, *, source: str = "trial") -> Trial:
        """Return the trial that ``data`` describes.

        Raises:
            HistoryError: it describes none; the message names the field and the remedy.
        """
        schedule = Schedule.from_data(data, source=source)
        rest = {name: value for name, value in data.items() if name != "faults"}
        try:
            fields = msgspec.convert(rest, type=_Fields)
        except ValueError as error:  # msgspec.ValidationError is one
            raise HistoryError(
                f"this cannot be replayed: {error}", remedy=REMEDY, source=source
            ) from None
        return cls(
            fields.system, fields.workload, schedule, fields.seed, fields.network, fields.durable
        )

    @classmethod
    def read(cls, path: Path) -> Trial:
        """Return the trial that the JSON file at ``path`` holds.

        Raises:
            HistoryError: the file holds none.
            OSError: the file cannot be read.
        """
        return cls.from_data(read_json(path, remedy=REMEDY), source=str(path))

    def write(self, path: Path, **remarks: Any) -> None:
        """Write the trial to ``path`` as JSON.

        Args:
            path: the file.
            remarks: further fields, which are not read again.
        """
        data = {**self.to_data(), **remarks}
        write_json(path, data)


class _Fields(msgspec.Struct):
    """The fields of a trial's file, but for the faults."""

    system: str
    seed: int = 0
    workload: Workload = msgspec.field(default_factory=Workload)
    network: Conditions = msgspec.field(default_factory=Conditions)
    durable: bool = False
