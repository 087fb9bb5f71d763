"""Run directories come and go, and take with them only what killed runs left."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from holdfast.histories.live.directory import MARKER, RunDirectory

HARNESS = """
import sys
from pathlib import Path
from holdfast.histories.live.directory import RunDirectory

with RunDirectory(Path(sys.argv[1])) as directory:
    (directory / "n1").mkdir()
    (directory / "n1" / "data").write_text("x")
    (directory / "log").write_text("x")
    print(directory, flush=True)
    sys.stdin.read()
"""


def killed_run(parent: Path) -> Path:
    """Return the directory that a run left behind when it was killed."""
    harness = subprocess.Popen(
        [sys.executable, "-c", HARNESS, str(parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert harness.stdout is not None
    left = Path(harness.stdout.readline().strip())
    harness.kill()
    harness.communicate()
    return left


def test_it_is_private_and_is_removed_with_all_that_is_in_it(tmp_path: Path) -> None:
    with RunDirectory(tmp_path) as directory:
        assert directory.parent == tmp_path
        assert directory.name.startswith("holdfast-")
        assert directory.stat().st_mode & 0o777 == 0o700
        (directory / "n1").mkdir()
        (directory / "n1" / "data").write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_it_is_removed_when_the_run_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyError), RunDirectory(tmp_path):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = killed_run(tmp_path)
    assert (left / "n1" / "data").exists()
    with RunDirectory(tmp_path) as directory:
        assert list(tmp_path.iterdir()) == [directory]


def test_a_live_run_is_left_alone(tmp_path: Path) -> None:
    with RunDirectory(tmp_path) as live:
        (live / "data").write_text("x")
        with RunDirectory(tmp_path):
            pass
        killed_run(tmp_path)
        with RunDirectory(tmp_path):
            assert (live / "data").read_text() == "x"


def test_a_recycled_process_id_does_not_keep_a_directory(tmp_path: Path) -> None:
    left = killed_run(tmp_path)
    (left / MARKER).write_text(f"{os.getpid()}\n")
    with RunDirectory(tmp_path):
        assert not left.exists()


def test_foreign_things_are_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / MARKER).write_text("1\n")
    (tmp_path / "holdfast-notes").mkdir()
    (tmp_path / "holdfast-notes" / "text").write_text("x")
    (tmp_path / "holdfast-file").write_text("x")
    (tmp_path / "holdfast-link").symlink_to(elsewhere)
    (tmp_path / "holdfast-trap").mkdir()
    (tmp_path / "holdfast-trap" / MARKER).symlink_to(elsewhere / MARKER)
    before = sorted(tmp_path.rglob("*"))
    with RunDirectory(tmp_path):
        pass
    assert sorted(tmp_path.rglob("*")) == before


def test_links_in_a_leftover_are_removed_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "data").write_text("x")
    left = killed_run(tmp_path)
    (left / "link").symlink_to(outside)
    with RunDirectory(tmp_path):
        assert not left.exists()
    assert (outside / "data").exists()


def test_a_long_temporary_directory_is_avoided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long" * 20)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with RunDirectory() as directory:
        assert len(str(directory)) < 70
