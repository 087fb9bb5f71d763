from __future__ import annotations

import pickle
import threading
import unittest
from collections.abc import Callable
from typing import Any

import pytest

from holdfast.checker import assertion_settings
from holdfast.checker.assertion import WIDTH, LinearizabilityError, assert_linearizable
from holdfast.checker.budget import Budget
from holdfast.checker.verdict import Linearizable, NotLinearizable, Unknown
from holdfast.histories import Event, History
from holdfast.histories.header import HEADER, Header
from holdfast.histories.operation import NEMESIS
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.register import Register


def history(*rows: tuple[str, int, str, Any, int], models: dict[str, str] | None = None) -> History:
    """Return the history of rows (type, process, f, value, time in ms), key ``lock`` with ``models``."""
    events = [
        Event(kind, process, f, value, ms * 1_000_000, key=None if models is None else "lock")  # type: ignore[arg-type]
        for kind, process, f, value, ms in rows
    ]
    if models is not None:
        header = Header("mine", clients=2, seed=0, models=models).to_data()
        events.insert(0, Event("info", NEMESIS, HEADER, header, 0))
    return History.of(events)


A_HOLDS = (("invoke", 0, "acquire", "a", 0), ("ok", 0, "acquire", "a", 10))
B_HOLDS = (("invoke", 1, "acquire", "b", 20), ("ok", 1, "acquire", "b", 30))
A_ENDS = (("invoke", 0, "release", "a", 40), ("ok", 0, "release", "a", 50))
GOOD = history(*A_HOLDS)
BAD = history(*A_HOLDS, *B_HOLDS, *A_ENDS)


def failure(*arguments: Any, **options: Any) -> LinearizabilityError:
    with pytest.raises(LinearizabilityError) as caught:
        assert_linearizable(*arguments, **options)
    return caught.value


def test_a_linearizable_history_gives_its_verdict() -> None:
    verdict = assert_linearizable(GOOD, OwnedMutex())
    assert isinstance(verdict, Linearizable)
    assert verdict.witnesses == {None: (GOOD[0],)}


def test_any_other_history_is_explained() -> None:
    error = failure(BAD, OwnedMutex())
    assert isinstance(error, AssertionError)
    assert isinstance(error.verdict, NotLinearizable)
    assert error.history is BAD
    lines = str(error).splitlines()
    assert lines[:2] == [
        "NOT LINEARIZABLE: two holders at once",
        "history, 3 operations, as OwnedMutex",
    ]
    assert "From 30.0 ms to 40.0 ms both were certain to hold it: 10.0 ms." in lines
    assert max(map(len, lines)) <= WIDTH


def test_no_terminal_leaves_its_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = str(failure(BAD, OwnedMutex()))
    for name, value in [("FORCE_COLOR", "1"), ("COLUMNS", "20"), ("TERM", "xterm-256color")]:
        monkeypatch.setenv(name, value)
    assert str(failure(BAD, OwnedMutex())) == plain
    assert "\x1b" not in plain


def test_unknown_is_no_pass() -> None:
    error = failure(GOOD, OwnedMutex(), budget=Budget(cancelled=lambda: True))
    assert isinstance(error.verdict, Unknown)
    assert str(error).startswith("UNKNOWN: cancelled: an order explains the first 0 of 1")


def test_each_key_has_its_model() -> None:
    rows = [Event("invoke", 0, "read", key="x"), Event("ok", 0, "read", 7, key="x")]
    error = failure(History.of(rows), {"x": Register(), "y": Mutex()})
    assert "as Register" in str(error)


def test_a_recording_of_ours_names_its_models() -> None:
    recorded = history(*A_HOLDS, *B_HOLDS, models={"lock": "owned-mutex", "resource": "register"})
    assert "as OwnedMutex" in str(failure(recorded))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        pytest.param(lambda: assert_linearizable(GOOD), "does not name its models", id="no model"),
        pytest.param(
            lambda: assert_linearizable([], OwnedMutex()),  # type: ignore[arg-type]
            r"takes a History, not \[\]; read_history",
            id="no history",
        ),
        pytest.param(
            lambda: assert_linearizable(GOOD, OwnedMutex),  # type: ignore[arg-type]
            "is not a model",
            id="a class",
        ),
        pytest.param(
            lambda: assert_linearizable(GOOD, OwnedMutex(), keys=["x"]),
            "no operation has the key 'x'",
            id="no such key",
        ),
    ],
)
def test_misuse_is_no_failure_of_the_lock(call: Callable[[], object], words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        call()


def test_it_survives_the_way_from_another_process() -> None:
    error = failure(BAD, OwnedMutex())
    arrived = pickle.loads(pickle.dumps(error))
    assert isinstance(arrived, AssertionError)
    assert str(arrived) == str(error)


def test_unittest_takes_it_for_a_failure() -> None:
    class Case(unittest.TestCase):
        def test_it(self) -> None:
            assert_linearizable(BAD, OwnedMutex())

    result = unittest.TestResult()
    Case("test_it").run(result)
    assert not result.errors
    [(_, words)] = result.failures
    assert "NOT LINEARIZABLE: two holders at once" in words


def test_the_surroundings_reach_every_thread_and_end_with_the_block() -> None:
    seen: list[History] = []

    def judge() -> None:
        assert_linearizable(GOOD, OwnedMutex())

    with assertion_settings.surrounded_by(watch=seen.append, budget=1e-9):
        # A budget of its own comes before that of the surroundings.
        thread = threading.Thread(target=lambda: assert_linearizable(GOOD, OwnedMutex(), budget=60))
        thread.start()
        thread.join()
        assert isinstance(failure(GOOD, OwnedMutex()).verdict, Unknown)
    judge()
    assert seen == [GOOD, GOOD]
