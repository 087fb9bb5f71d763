"""The package's front: every public name has one home, and importing it costs next to nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import holdfast

HEAVY = ("networkx", "rich", "redis", "etcd3", "grpc", "hypothesis", "pytest", "msgspec")


@pytest.mark.parametrize("name", holdfast.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(holdfast, name) is not None


def test_the_public_names_are_those_that_have_a_home() -> None:
    assert set(holdfast.__all__) - {"__version__"} == set(holdfast._HOMES)


def test_a_missing_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        holdfast.nothing  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import sys, holdfast; print([name for name in {HEAVY!r} if name in sys.modules])"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"


WITHOUT_EXTRAS = """
import sys
for name in ("redis", "etcd3", "grpc", "hypothesis", "pytest"):
    sys.modules[name] = None  # as if it were not installed
from holdfast.checker.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list", "models"], 0),
        (["list", "systems"], 0),
        (["check", "h.jsonl", "--model", "owned-mutex"], 0),
        (["record", "redlock", "-o", "new.jsonl"], 69),
    ],
)
def test_without_the_extras_the_command_line_works_or_says_what_to_install(
    tmp_path: Path, arguments: list[str], code: int
) -> None:
    line = '{"type": "invoke", "process": 0, "f": "acquire", "value": "a"}\n'
    (tmp_path / "h.jsonl").write_text(line)
    command = [sys.executable, "-c", WITHOUT_EXTRAS, *arguments]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stderr
    if code:
        assert 'the extra "live"' in ended.stderr
