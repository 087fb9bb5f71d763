"""A schedule: which faults strike when. Plain data, the same for live servers and for a simulation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from attrs import asdict, field, frozen

from holdfast.histories.errors import HistoryError
from holdfast.histories.faults import FAULTS, Fault
from holdfast.histories.json_file import read_json, write_json
from holdfast.registry import UnknownName

REMEDY = 'a schedule is {"faults": [{"at": SECONDS, "fault": NAME, …}]}; see holdfast list faults'

LATEST_S = 1e9

When = Literal["held"]


@frozen
class Strike:
    """One fault and its time.

    Args:
        at: seconds from the start of the run, when the servers are up and the clients begin.
        fault: what happens then.
        when: ``held`` to wait, from ``at`` on, until a client is in the middle of its work under the lock.
    """

    at: float
    fault: Fault
    when: When | None = None


def _in_order(strikes: Iterable[Strike]) -> tuple[Strike, ...]:
    return tuple(sorted(strikes, key=lambda strike: strike.at))


@frozen
class Schedule:
    """All the faults of a run.

    Args:
        strikes: in the order of their times; those of one time in the order given.
    """

    strikes: tuple[Strike, ...] = field(default=(), converter=_in_order)

    def to_data(self) -> dict[str, Any]:
        """Return the schedule as JSON data."""
        return {"faults": [_strike_data(strike) for strike in self.strikes]}

    @classmethod
    def from_data(cls, data: Any, *, source: str = "schedule") -> Schedule:
        """Return the schedule that ``data`` describes.

        Raises:
            HistoryError: it describes none; the message names the entry and the remedy.
        """
        if not isinstance(data, dict) or not isinstance(data.get("faults"), list):
            raise HistoryError("this is not a schedule", remedy=REMEDY, source=source)
        return cls(
            _strike(entry, source=source, number=number)
            for number, entry in enumerate(data["faults"], start=1)
        )

    @classmethod
    def read(cls, path: Path) -> Schedule:
        """Return the schedule that the JSON file at ``path`` holds.

        Raises:
            HistoryError: the file holds none.
            OSError: the file cannot be read.
        """
        return cls.from_data(read_json(path, remedy=REMEDY), source=str(path))

    def write(self, path: Path) -> None:
        """Write the schedule to ``path`` as JSON."""
        write_json(path, self.to_data())


def name_of(fault: Fault) -> str:
    """Return the name under which the fault's kind is registered.

    Raises:
        UnknownName: it is registered under none.
    """
    for name, kind in FAULTS:
        if kind is type(fault):
            return name
    raise UnknownName(
        f"the fault {type(fault).__name__} has no name; put @FAULTS.register(NAME) above its class"
    )


def fault_of(name: str, parameters: dict[str, Any]) -> Fault:
    """Return the fault of that name with those parameters.

    Raises:
        UnknownName: no fault has that name.
        msgspec.ValidationError: the parameters do not fit; the message says which.
    """
    kind = FAULTS[name]
    known = [attribute.name for attribute in kind.__attrs_attrs__]  # type: ignore[attr-defined]
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        takes = ", ".join(known) or "no parameter"
        raise msgspec.ValidationError(f"there is no parameter {unknown[0]!r}; it takes {takes}")
    return msgspec.convert(parameters, type=kind)


def _strike_data(strike: Strike) -> dict[str, Any]:
    when = {} if strike.when is None else {"when": strike.when}
    parameters = asdict(strike.fault)  # type: ignore[arg-type]
    return {"at": strike.at, **when, "fault": name_of(strike.fault), **parameters}


def _strike(entry: Any, *, source: str, number: int) -> Strike:
    def wrong(problem: object) -> HistoryError:
        return HistoryError(f"fault {number}: {problem}", remedy=REMEDY, source=source)

    if not isinstance(entry, dict):
        raise wrong("it is not an object")
    parameters = dict(entry)
    at, name = parameters.pop("at", None), parameters.pop("fault", None)
    when = parameters.pop("when", None)
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at <= LATEST_S:
        raise wrong(f"its time 'at' is {at!r:.40}, not seconds from the start")
    if when is not None and when not in get_args(When):
        raise wrong(f"its 'when' is {when!r}; it can be {', '.join(get_args(When))}")
    if not isinstance(name, str):
        raise wrong("it has no 'fault', the name of its kind")
    try:
        return Strike(float(at), fault_of(name, parameters), when)
    except UnknownName as error:
        raise wrong(error) from None
    except ValueError as error:  # msgspec.ValidationError is one
        raise wrong(f"{name}: {error}") from None
