"""The package's front: every public name has one home, and importing it costs next to nothing."""

from __future__ import annotations

import subprocess
import sys

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
