"""Files that hold one JSON value."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.histories.errors import HistoryError
from holdfast.histories.json_file import read_json, write_json


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_json(path, {"faults": [], "seed": 7})
    assert read_json(path, remedy="-") == {"faults": [], "seed": 7}
    assert path.read_text().endswith("\n")


@pytest.mark.parametrize("text", ["", "{", '{"a": 1} x', "\x00"])
def test_what_is_no_json_is_told_with_the_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(HistoryError) as caught:
        read_json(path, remedy="write it anew")
    assert "x.json" in str(caught.value)
    assert "write it anew" in str(caught.value)
