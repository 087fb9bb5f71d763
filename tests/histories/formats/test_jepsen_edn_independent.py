"""Pairs of jepsen.independent: the key is told apart from the value, when asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import FORMATS, format_of, read_history
from holdfast.histories.formats.format import RecognizedFormat
from holdfast.histories.operation import Event

HISTORY = """
    {:type :invoke, :process 0, :f :read, :value [1 nil]}
    {:type :info, :process :nemesis, :f :start, :value [:isolated "n1"]}
    {:type :invoke, :process 1, :f :cas, :value ["k" [0 3]]}
    {:type :ok, :process 0, :f :read, :value [1 5]}
    {:type :fail, :process 1, :f :cas, :value ["k" [0 3]]}
"""


def test_keys_are_told_from_values(tmp_path: Path) -> None:
    path = tmp_path / "h.edn"
    path.write_text(HISTORY)
    history = read_history(path, "jepsen-edn-independent")
    assert history.keys() == (1, "k")
    assert [(operation.value, operation.result) for operation in history] == [
        (None, 5),
        ((0, 3), None),
    ]
    assert history.notes == (Event("info", "nemesis", "start", ("isolated", "n1")),)


def test_nobody_is_taken_for_it_without_being_asked(tmp_path: Path) -> None:
    path = tmp_path / "h.edn"
    path.write_text(HISTORY)
    assert read_history(path).keys() == (None,)
    independent = FORMATS["jepsen-edn-independent"]
    assert format_of(path) is not independent
    assert not isinstance(independent, RecognizedFormat)


@pytest.mark.parametrize(
    "fields", ["", ":value 5", ":value [1]", ":value [1 2 3]", ":value [1 2] :key 3"]
)
def test_what_is_no_pair_is_refused(tmp_path: Path, fields: str) -> None:
    path = tmp_path / "h.edn"
    path.write_text(f"[\n{{:type :ok, :process 0, :f :read, {fields}}}]")
    with pytest.raises(HistoryError) as caught:
        read_history(path, "jepsen-edn-independent")
    assert str(caught.value) == (
        f"{path}:2: its value is not a pair [key value]; "
        "only jepsen.independent records pairs; read others as jepsen-edn"
    )
