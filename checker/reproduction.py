"""From a failing history back to the trial that made it, as a file and as code to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.histories.header import SIMULATED, header_of
from holdfast.histories.history import History
from holdfast.models.value import Value

if TYPE_CHECKING:
    from holdfast.histories.simulation.trial import Trial

CODE = """\
from holdfast import Trial, assert_linearizable, simulate

trial = Trial.from_data({data})
assert_linearizable(simulate(trial).history(){keys})"""


def trial_of(history: History) -> Trial | None:
    """Return the trial that ``history`` is a run of, or ``None`` where it does not say."""
    from holdfast.histories.simulation.trial import Trial

    header = header_of(history)
    if header is None:
        return None
    return Trial.from_data(
        {
            "system": header.system,
            "seed": header.seed,
            "workload": dict(header.workload),
            "network": dict(header.network),
            "durable": header.durable,
            **header.schedule,
        },
        source=history.source,
    )


def reproduction(history: History, key: Value = None) -> str | None:
    """Return Python code that simulates ``history`` again, or ``None`` if it was not simulated.

    Args:
        history: what was recorded.
        key: the key that the code is to check; all of them by default.
    """
    header = header_of(history)
    if header is None or SIMULATED not in header.programs.values():
        return None
    trial = trial_of(history)
    if trial is None:
        return None
    keys = "" if key is None else f", keys=[{key!r}]"
    return CODE.format(data=_literal(_telling(trial)), keys=keys)


def _telling(trial: Trial) -> dict[str, Any]:
    """Return the trial's data without what would be so anyway."""
    from holdfast.histories.simulation.trial import Trial

    data, plain = trial.to_data(), Trial(trial.system).to_data()
    for name in ("workload", "network"):
        data[name] = {key: value for key, value in data[name].items() if value != plain[name][key]}
    return (
        {"system": data["system"]}
        | {name: value for name, value in data.items() if value != plain[name] and value != {}}
        | {"faults": data["faults"]}
    )


def _literal(data: dict[str, Any]) -> str:
    """Return ``data`` as a Python literal, an entry a line, and a fault a line."""
    lines = []
    for name, value in data.items():
        if name == "faults" and value:
            faults = "".join(f"        {fault!r},\n" for fault in value)
            lines.append(f"    'faults': [\n{faults}    ],\n")
        else:
            lines.append(f"    {name!r}: {value!r},\n")
    return "{\n" + "".join(lines) + "}"
