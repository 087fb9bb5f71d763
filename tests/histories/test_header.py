"""The header of a recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.histories.formats import read_history
from holdfast.histories.header import HEADER, Header, client_of, header_of
from holdfast.histories.history import History
from holdfast.histories.operation import NEMESIS, Event, Process
from holdfast.histories.recorder import Recorder


def test_a_header_survives_recording_and_reading(tmp_path: Path) -> None:
    header = Header(
        system="redlock", clients=3, seed=7, models={"lock": "owned-mutex"}, schedule={"faults": []}
    )
    with Recorder(tmp_path / "h.jsonl") as recorder:
        recorder.note(HEADER, header.to_data())
    assert header_of(read_history(tmp_path / "h.jsonl")) == header


@pytest.mark.parametrize("value", [None, 7, {"system": 7}, {"no": "header"}])
def test_what_is_no_header_is_none(value: object) -> None:
    assert header_of(History.of([Event("info", NEMESIS, HEADER, value)])) is None
    assert header_of(History.of([])) is None


@pytest.mark.parametrize(
    ("process", "clients", "name"),
    [(0, 3, "c1"), (2, 3, "c3"), (5, 3, "c3"), (4, None, "process 4"), ("a", 3, "process a")],
)
def test_the_client_behind_a_process(process: Process, clients: int | None, name: str) -> None:
    header = None if clients is None else Header(system="redlock", clients=clients, seed=0)
    assert client_of(process, header) == name
