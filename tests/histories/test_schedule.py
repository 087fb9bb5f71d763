"""Schedules as data: there and back, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_type_hints

import attrs
import msgspec
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.errors import HistoryError
from holdfast.histories.faults import FAULTS, World
from holdfast.histories.faults.clock_jump import ClockJump
from holdfast.histories.faults.heal import Heal
from holdfast.histories.faults.partition import Partition
from holdfast.histories.faults.pause import Pause
from holdfast.histories.faults.restart import Restart
from holdfast.histories.faults.world import CutMode
from holdfast.histories.schedule import Schedule, Strike, name_of
from holdfast.registry import UnknownName

names = st.sampled_from(["n1", "n2", "c1", "nodes", "leader", "holder"])
groups = st.lists(names, min_size=1, max_size=3).map(tuple)
values: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    float: st.floats(min_value=1e-9, max_value=1e9),
    CutMode: st.sampled_from(["hold", "reset"]),
    tuple[str, ...]: groups,
    tuple[tuple[str, str], ...]: st.lists(st.tuples(names, names)).map(tuple),
    tuple[tuple[str, ...], tuple[str, ...]]: st.tuples(groups, groups),
}


def faults_of(name: str) -> st.SearchStrategy[Any]:
    kind: Any = FAULTS[name]
    types = get_type_hints(kind)
    fields = [attribute.name for attribute in attrs.fields(kind)]
    return st.builds(kind, **{field: values[types[field]] for field in fields})


strikes = st.builds(
    Strike,
    at=st.floats(min_value=0, max_value=1e6),
    fault=st.sampled_from(FAULTS.names()).flatmap(faults_of),
    when=st.sampled_from([None, "held"]),
)


@given(st.lists(strikes).map(Schedule))
def test_any_schedule_survives_json(schedule: Schedule) -> None:
    text = msgspec.json.encode(schedule.to_data())
    assert Schedule.from_data(msgspec.json.decode(text)) == schedule


@pytest.mark.parametrize("name", FAULTS.names())
def test_any_fault_survives_a_file(name: str, tmp_path: Path) -> None:
    fault: Any = FAULTS[name]()
    schedule = Schedule([Strike(1.5, fault)])
    schedule.write(tmp_path / "schedule.json")
    assert Schedule.read(tmp_path / "schedule.json") == schedule
    assert name_of(fault) == name


def test_the_form_of_the_data() -> None:
    schedule = Schedule(
        [
            Strike(2.0, Heal()),
            Strike(0.5, Partition((("leader",), ("nodes",)), mode="reset")),
            Strike(0.5, Pause(("c1",)), when="held"),
        ]
    )
    assert msgspec.json.decode(msgspec.json.encode(schedule.to_data())) == {
        "faults": [
            {
                "at": 0.5,
                "fault": "partition",
                "groups": [["leader"], ["nodes"]],
                "mode": "reset",
            },
            {"at": 0.5, "when": "held", "fault": "pause", "targets": ["c1"]},
            {"at": 2.0, "fault": "heal", "pairs": []},
        ]
    }


@pytest.mark.parametrize(
    ("entry", "strike"),
    [
        ({"at": 1, "fault": "restart"}, Strike(1.0, Restart())),
        ({"at": 0, "fault": "pause", "targets": ["c1"]}, Strike(0.0, Pause(("c1",)))),
        (
            {"at": 3, "fault": "clock-jump", "nodes": ["n1"], "by_ms": -20},
            Strike(3.0, ClockJump(("n1",), by_ms=-20.0)),
        ),
    ],
)
def test_what_is_left_out_has_its_default(entry: dict[str, Any], strike: Strike) -> None:
    assert Schedule.from_data({"faults": [entry]}) == Schedule([strike])


GOOD = {"at": 1.0, "fault": "kill"}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("kill", "it is not an object"),
        ({"fault": "kill"}, "its time 'at' is None, not seconds from the start"),
        ({"at": -1, "fault": "kill"}, "its time 'at' is -1, not seconds"),
        ({"at": True, "fault": "kill"}, "its time 'at' is True, not seconds"),
        ({"at": 10**400, "fault": "kill"}, f"its time 'at' is {'1' + '0' * 39}, not seconds"),
        ({"at": 1}, "it has no 'fault', the name of its kind"),
        ({"at": 1, "fault": ["kill"]}, "it has no 'fault', the name of its kind"),
        ({"at": 1, "fault": "kil"}, "no fault 'kil'; did you mean 'kill'? there are: clock-jump,"),
        ({"at": 1, "fault": "kill", "when": "idle"}, "its 'when' is 'idle'; it can be held"),
        (
            {"at": 1, "fault": "kill", "node": "n1"},
            "kill: there is no parameter 'node'; it takes nodes",
        ),
        (
            {"at": 1, "fault": "kill", "nodes": "n1"},
            "kill: Expected `array`, got `str` - at `$.nodes`",
        ),
        ({"at": 1, "fault": "kill", "nodes": []}, "kill: Length of 'nodes' must be >= 1"),
        (
            {"at": 1, "fault": "restart", "keep_data": 1},
            "restart: Expected `bool`, got `int` - at `$.keep_data`",
        ),
        (
            {"at": 1, "fault": "clock-jump", "by_ms": "2000"},
            "clock-jump: Expected `float`, got `str` - at `$.by_ms`",
        ),
        (
            {"at": 1, "fault": "clock-rate", "rate": 0},
            "clock-rate: rate must be above 0, not 0.0: clocks do not stand still",
        ),
        ({"at": 1, "fault": "cut", "mode": "drop"}, "cut: Invalid enum value 'drop'"),
        (
            {"at": 1, "fault": "partition", "groups": [["n1"]]},
            "partition: Expected `array` of length 2, got 1 - at `$.groups`",
        ),
        (
            {"at": 1, "fault": "partition", "groups": [["n1"], []]},
            "partition: Length of 'groups' must be >= 1",
        ),
        (
            {"at": 1, "fault": "heal", "pairs": [["n1", "n2", "n3"]]},
            "heal: Expected `array` of length 2, got 3 - at `$.pairs[0]`",
        ),
    ],
)
def test_an_entry_that_makes_no_sense(entry: object, problem: str) -> None:
    with pytest.raises(HistoryError) as caught:
        Schedule.from_data({"faults": [GOOD, entry]}, source="plan.json")
    assert caught.value.problem.startswith(f"fault 2: {problem}")
    assert caught.value.source == "plan.json"
    assert caught.value.remedy.endswith("see holdfast list faults")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [None, [], {}, {"faults": None}, {"faults": {"at": 1}}])
def test_data_that_is_no_schedule(data: object) -> None:
    with pytest.raises(HistoryError, match="this is not a schedule; a schedule is"):
        Schedule.from_data(data)


@pytest.mark.parametrize(
    "text", [b"", b'{"faults": [', b"\xff\x00", b'{"faults": [{"at": 1e999}]}']
)
def test_a_file_that_is_not_json(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(text)
    with pytest.raises(HistoryError, match="this is not JSON") as caught:
        Schedule.read(path)
    assert caught.value.source == str(path)


@frozen
class Nameless:
    """A fault that nobody registered."""

    def strike(self, world: World) -> str:
        return ""


def test_a_fault_without_a_name_has_no_data() -> None:
    with pytest.raises(UnknownName, match=r"Nameless has no name; put @FAULTS.register"):
        Schedule([Strike(1.0, Nameless())]).to_data()
