"""``holdfast simulate`` and ``holdfast replay`` as their users meet them."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from holdfast.checker import falsify
from holdfast.checker.cli import main
from holdfast.checker.commands import simulate as command
from holdfast.histories.simulation.trial import Trial


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path_factory.mktemp("here")
    monkeypatch.chdir(path)
    return path


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Search once; return the directory with what was saved, and what was said."""
    path = tmp_path_factory.mktemp("search")
    arguments = ["simulate", "redlock", "--assume", "clocks", "--assume", "data"]
    with contextlib.chdir(path), contextlib.redirect_stdout(io.StringIO()) as said:
        assert main(arguments) == 1
    return path, said.getvalue()


def test_found_saved_told_and_replayed(
    search: tuple[Path, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here, said = search
    monkeypatch.chdir(here)
    assert "two holders at once" in said
    assert "2 clients of redlock" in said
    assert "a fault struck" in said
    path = here / "redlock-schedule-1.json"
    assert f"holdfast replay {path.name}" in said
    assert len(Trial.read(path).schedule.strikes) <= 3

    assert main(["replay", str(path), "--times", "5", "-o", "kept"]) == 1
    said = capsys.readouterr().out
    assert "violated in 5 of 5 runs in simulation" in said
    assert len([*(here / "kept").glob("*.jsonl")]) == 5
    assert main(["check", "kept/simulated-1.jsonl"]) == 1


def test_as_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "etcd", "--examples", "300", "--json", "-o", "e.json"]) == 1
    found = printed(capsys)
    assert found["finding"]["verdict"] == "not linearizable"
    assert found["file"] == "e.json"
    assert Trial.from_data(found["trial"]) == Trial.read(here / "e.json")
    assert main(["replay", "e.json", "--json", "--times", "2"]) == 1
    replayed = printed(capsys)
    assert (replayed["runs"], replayed["violated"]) == (2, 2)


def test_nothing_found_within_the_assumptions(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "redlock", "--examples", "50", "--assume", "all"]) == 0
    assert "no violation found in 50 trials" in capsys.readouterr().out
    assert not [*here.iterdir()]


def test_a_trial_that_does_not_violate_replays_with_code_0(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Trial("redlock").write(here / "calm.json")
    assert main(["replay", "calm.json"]) == 0
    assert "violated in 0 of 1 runs" in capsys.readouterr().out


def test_a_fault_that_cannot_strike_is_no_good_news(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = Trial("redlock").to_data() | {"faults": [{"at": 0.1, "fault": "heal"}]}
    (here / "no.json").write_text(json.dumps(data))
    assert main(["replay", "no.json"]) == 69
    assert "nothing is cut" in capsys.readouterr().out


def test_an_interrupt_keeps_what_was_found(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient(falsify.Falsifier):
        def try_out(self, trial: Trial) -> falsify.Found | None:
            found = super().try_out(trial)
            if found is not None:
                raise KeyboardInterrupt
            return None

    monkeypatch.setattr(command, "Falsifier", Impatient)
    assert main(["simulate", "redlock"]) == 130
    path = here / "redlock-schedule-1.json"
    assert path.name in capsys.readouterr().out
    assert main(["replay", str(path)]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["simulate", "redlok"], 64, "did you mean 'redlock'"),
        (["simulate", "redlock", "--examples", "0"], 64, "above 0"),
        (["simulate", "redlock", "--bound", "ttl=x"], 64, "no number"),
        (["simulate", "redlock", "--bound", "size=3"], 64, "with a name of"),
        (["simulate", "redlock", "--bound", "clients=1"], 64, "clients"),
        (["simulate", "redlock", "-o", "there.json"], 64, "there is such a file"),
        (["replay", "missing.json"], 65, "missing.json"),
        (["replay", "there.json"], 65, "not JSON"),
        (["replay", "there.json", "--times", "0"], 65, "not JSON"),
    ],
)
def test_wrong_usage_has_one_clear_error(
    here: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    (here / "there.json").write_text("{")
    assert main(arguments) == code
    assert words in capsys.readouterr().err


@pytest.mark.live
def test_a_schedule_from_the_simulation_breaks_real_servers(
    search: tuple[Path, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(search[0])
    assert main(["replay", "redlock-schedule-1.json", "--live", "-o", "live"]) == 1
    assert "violated in 1 of 1 runs on real servers" in capsys.readouterr().out
    assert main(["check", "live/live-1.jsonl"]) == 1
