"""What the README shows is true: its commands parse, its schedule loads, its model keeps the rules."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from holdfast.checker.cli import parser
from holdfast.checker.locks.certificate import TooManyHolders
from holdfast.checker.options import parse_fault, parse_model, parse_models
from holdfast.checker.verdict import Linearizable
from holdfast.histories import Event
from holdfast.histories.schedule import Schedule
from holdfast.models import Call, Ok, Refused
from holdfast.models.conformance import check_conformance

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    shell = "".join(text for language, text in BLOCKS if not language).replace("\\\n", " ")
    lines = [line for line in shell.splitlines() if line.startswith("holdfast ")]
    lines = [re.sub(r" [<>] \S+", "", line) for line in lines]
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_parses(command: list[str]) -> None:
    arguments = vars(parser().parse_args(command))
    for text in arguments.get("fault", []):
        parse_fault(text, default_at=1.0)
    for_all, by_key = parse_models(arguments.get("model", []))
    for model in (*by_key.values(), *([] if for_all is None else [for_all])):
        parse_model(model)


def test_the_schedule_loads() -> None:
    schedules = [
        json.loads(text) for language, text in BLOCKS if language == "json" and "faults" in text
    ]
    assert len(schedules) == 1
    assert len(Schedule.from_data(schedules[0]).strikes) == 4


def test_the_events_are_events() -> None:
    lines = [text for language, text in BLOCKS if language == "json" and "process" in text]
    events = [Event(**json.loads(line)) for line in lines[0].splitlines()]
    assert [event.type for event in events] == ["invoke", "ok"]


def test_the_model_of_ones_own_is_a_model() -> None:
    (code,) = (text for language, text in BLOCKS if "class Latch" in text)
    names: dict[str, Any] = {}
    exec(code, names)
    latch = names["Latch"]()
    assert latch.step(False, Call("open"), Ok()) is True
    assert isinstance(latch.step(True, Call("open"), Ok()), Refused)
    assert isinstance(latch.step(True, Call("is_open"), Ok(False)), Refused)
    check_conformance(latch, [(Call("open"), Ok()), (Call("is_open"), Ok(True))])


def test_the_recording_from_python_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = (text for language, text in BLOCKS if "Recorder(" in text)
    names: dict[str, Any] = {}
    exec(code, names)
    assert isinstance(names["verdict"], Linearizable)


def test_the_monitor_finds_the_second_grant() -> None:
    (code,) = (text for language, text in BLOCKS if "Monitor(" in text)
    names: dict[str, Any] = {}
    exec(code, names)
    assert isinstance(names["found"], TooManyHolders)


@pytest.mark.parametrize("page", re.findall(r"\]\(([^):#]+)\)", README))
def test_every_link_leads_somewhere(page: str) -> None:
    assert (Path(__file__).parents[1] / page).exists()
