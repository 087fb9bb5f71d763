from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.checker.assertion import LinearizabilityError, assert_linearizable
from holdfast.checker.pytest_artifacts import (
    LONGEST_NAME,
    Artifacts,
    folder_name,
    linearizability_errors,
)
from holdfast.histories import Event, History
from holdfast.histories.header import HEADER, Header
from holdfast.histories.operation import NEMESIS
from holdfast.models.mutex import Mutex


@pytest.mark.parametrize(
    ("nodeid", "name"),
    [
        ("test_a.py::test_b", "test_a-test_b"),
        ("tests/deep/test_a.py::TestC::test_b", "tests-deep-test_a-TestC-test_b"),
        ("test_a.py::test_b[redlock-3]", "test_a-test_b-redlock-3-d849fd5f"),
        ("test_a.py::test_b[redlock 3]", "test_a-test_b-redlock-3-d0916e0c"),
        ("test_a.py::test_b[../../etc]", "test_a-test_b-..-..-etc-e0cbef71"),
    ],
)
def test_a_folder_is_named_after_its_test(nodeid: str, name: str) -> None:
    assert folder_name(nodeid) == name


def test_a_long_name_is_cut_and_still_its_own() -> None:
    names = {folder_name(f"test_a.py::test_b[{'x' * 300}{end}]") for end in "12"}
    assert len(names) == 2
    assert all(len(name) <= LONGEST_NAME + 9 for name in names)


def test_a_second_finding_gets_files_of_its_own(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path, "test_a.py::test_b")
    for _ in range(2):
        artifacts.keep_failure(error())
    assert sorted(path.name for path in (tmp_path / "test_a-test_b").iterdir()) == [
        "explanation-2.txt",
        "explanation.txt",
        "history-2.jsonl",
        "history.jsonl",
    ]
    Artifacts(tmp_path, "test_a.py::test_b").forget()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_says_where_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    failure = error()
    Artifacts(tmp_path / "out", "test_a.py::test_b").keep_failure(failure)
    assert failure.__notes__ == [f"kept by holdfast: {Path('out/test_a-test_b/history.jsonl')}"]


@pytest.mark.parametrize(("key", "option"), [("lock", ""), ("resource", " --key resource")])
def test_a_failure_says_how_to_run_it_again(tmp_path: Path, key: str, option: str) -> None:
    header = Header("redlock", clients=1, seed=0, schedule={"faults": []}).to_data()
    history = History.of(
        [
            Event("info", NEMESIS, HEADER, header),
            Event("invoke", 0, "release", key=key),
            Event("ok", 0, "release", key=key),
        ]
    )
    with pytest.raises(LinearizabilityError) as caught:
        assert_linearizable(history, Mutex())
    Artifacts(tmp_path, "test_a.py::test_b").keep_failure(caught.value)
    replay = caught.value.__notes__[0].splitlines()[1]
    schedule = tmp_path / "test_a-test_b" / "schedule.json"
    assert replay == f"run it again with: holdfast replay {schedule}{option}"


def test_errors_are_found_within_groups() -> None:
    first, second = error(), error()
    group = ExceptionGroup("two", [ValueError(), ExceptionGroup("one", [first]), second])
    assert list(linearizability_errors(group)) == [first, second]
    assert list(linearizability_errors(AssertionError())) == []


def error() -> LinearizabilityError:
    history = History.of([Event("invoke", 0, "release"), Event("ok", 0, "release")])
    with pytest.raises(LinearizabilityError) as caught:
        assert_linearizable(history, Mutex())
    return caught.value
