"""A recording may name a model of holdfast's; code to import is named by the user alone."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from holdfast.checker.cli import main
from holdfast.checker.commands.pipe import NamedModels
from holdfast.histories import Event
from holdfast.histories.header import HEADER, Header
from holdfast.histories.operation import NEMESIS
from holdfast.models.mutex import OwnedMutex

CODE = """
from pathlib import Path
Path("it-ran").touch()
from holdfast.models.mutex import OwnedMutex
"""
HEAD = {
    "type": "info",
    "process": NEMESIS,
    "f": HEADER,
    "value": Header("redlock", 1, 0, models={"lock": "named_by_a_file:OwnedMutex"}).to_data(),
}
CALL = {"type": "invoke", "process": 0, "f": "acquire", "value": "a", "key": "lock"}
RECORDING = "".join(json.dumps(line) + "\n" for line in (HEAD, CALL))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "named_by_a_file", raising=False)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(RECORDING.encode())))
    (tmp_path / "named_by_a_file.py").write_text(CODE)
    (tmp_path / "h.jsonl").write_text(RECORDING)
    return tmp_path


@pytest.mark.parametrize("source", ["h.jsonl", "-"])
def test_what_a_file_names_is_not_imported(
    source: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", source]) == 64
    assert "if you trust it" in capsys.readouterr().err
    assert not (here / "it-ran").exists()


@pytest.mark.parametrize("source", ["h.jsonl", "-"])
def test_what_the_user_names_is(source: str, here: Path) -> None:
    assert main(["check", source, "--model", "lock=named_by_a_file:OwnedMutex"]) == 0
    assert (here / "it-ran").exists()


def test_a_run_of_ones_own_may_name_a_model_of_ones_own() -> None:
    models = NamedModels([], [], ours=True)
    value = Header("mine", 1, 0, models={"lock": "holdfast.models.mutex:OwnedMutex"}).to_data()
    models.note(Event("info", NEMESIS, HEADER, value))
    assert models("lock") == OwnedMutex()
