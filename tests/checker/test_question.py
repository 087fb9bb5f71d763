"""From a history and its models to questions; what makes no sense is refused before any search."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checker.tables import fail, history, info, ok

from holdfast.checker.question import questions_of
from holdfast.histories import Event, History, HistoryError
from holdfast.models import Fail, InvalidCall
from holdfast.models.counter import Counter
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.register import CasRegister, Register

LOCK_AND_FILE = History.of(
    [
        Event("invoke", 0, "acquire", "a", key="lock"),
        Event("ok", 0, "acquire", key="lock"),
        Event("invoke", 0, "write", 1, key="file"),
        Event("invoke", 1, "acquire", "b", key="lock"),
        Event("ok", 0, "write", key="file"),
        Event("invoke", 0, "release", "a", key="lock"),
    ],
    source="run.jsonl",
)
MODELS: dict[str, Any] = {"file": Register(), "lock": OwnedMutex()}


def test_each_key_is_a_question_with_its_own_model() -> None:
    lock, file = questions_of(LOCK_AND_FILE, MODELS, None)
    assert (lock.key, file.key) == ("lock", "file")
    assert (lock.model, file.model) == (OwnedMutex(), Register())
    assert [operation.number for operation in lock.operations] == [0, 2, 3]
    assert [operation.number for operation in file.operations] == [1]
    assert lock.tokens == {0: "a", 2: "b", 3: "a"}
    assert file.tokens == {}


@pytest.mark.parametrize("keys", [["lock"], ["lock", "lock"], ("lock",), {"lock"}])
def test_only_the_keys_asked_for(keys: Any) -> None:
    (question,) = questions_of(LOCK_AND_FILE, {"lock": OwnedMutex()}, keys)
    assert question.key == "lock"


def test_tokens_are_found_among_the_calls_of_one_key() -> None:
    # The process's last call before its release is about another lock.
    rows = History.of(
        [
            Event(type, 0, f, value if type == "invoke" else None, key=key)
            for f, value, key in [
                ("acquire", "x1", "x"),
                ("acquire", "y1", "y"),
                ("release", None, "x"),
                ("release", None, "y"),
            ]
            for type in ("invoke", "ok")
        ]
    )
    x, y = questions_of(rows, OwnedMutex(), None)
    assert x.tokens == {0: "x1", 2: "x1"}
    assert y.tokens == {1: "y1", 3: "y1"}


def test_no_operations_make_no_question() -> None:
    assert questions_of(History.of([]), {}, None) == []
    assert questions_of((), OwnedMutex(), ["lock"]) == []


def test_a_key_without_a_model() -> None:
    words = (
        "no model for the key 'file', which operation 1 (write) is about; add 'file' to the models, "
        "or name the keys to check with keys="
    )
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
        questions_of(LOCK_AND_FILE, {"lock": OwnedMutex()}, None)
    assert str(error.value) == words


def test_a_key_that_does_not_occur() -> None:
    with pytest.raises(
        ValueError, match=r"no operation has the key 'luck'; the keys are 'lock', 'file'"
    ):
        questions_of(LOCK_AND_FILE, MODELS, ["luck"])


@pytest.mark.parametrize("model", [OwnedMutex, "owned-mutex", None, 7])
def test_what_is_not_a_model(model: Any) -> None:
    with pytest.raises(TypeError, match=r"is not a model; give an instance such as OwnedMutex\(\)"):
        questions_of(LOCK_AND_FILE, model, None)
    with pytest.raises(TypeError, match="is not a model"):
        questions_of(LOCK_AND_FILE, {"lock": model, "file": Register()}, None)


@pytest.mark.parametrize(
    "history", ["run.jsonl", b"{}", 7, [Event("invoke", 0, "acquire")], [None]]
)
def test_what_is_not_a_history(history: Any) -> None:
    with pytest.raises(TypeError, match=r"read_history\(path\) reads a History"):
        questions_of(history, OwnedMutex(), None)


def test_operations_out_of_order() -> None:
    first, second = history(ok("acquire", "a", 0, 1), ok("release", "a", 2, 3))
    with pytest.raises(
        ValueError, match="operation 0 comes after operation 1: give operations in the"
    ):
        questions_of([second, first], OwnedMutex(), None)
    with pytest.raises(ValueError, match="operation 0 comes after operation 0"):
        questions_of([first, first], OwnedMutex(), None)


@pytest.mark.parametrize(
    ("model", "events", "line", "problem"),
    [
        pytest.param(
            OwnedMutex(),
            [Event("invoke", 3, "read"), Event("ok", 3, "read", 7)],
            1,
            "operation 0, 'read' by process 3, does not fit the model: unknown function 'read'; "
            "this model knows acquire, release",
            id="an unknown function",
        ),
        pytest.param(
            OwnedMutex(),
            [
                Event("invoke", 1, "acquire", "a"),
                Event("ok", 1, "acquire"),
                Event("invoke", 2, "lock", "b"),
                Event("fail", 2, "lock"),
            ],
            3,
            "operation 1, 'lock' by process 2, does not fit",
            id="an unknown function that failed",
        ),
        pytest.param(
            CasRegister(),
            [Event("invoke", 1, "read"), Event("invoke", 2, "cas", 5)],
            2,
            "the argument of cas is 5; it must be [old, new]",
            id="a malformed argument of a call that never completed",
        ),
        pytest.param(
            FencedMutex(),
            [Event("invoke", 1, "acquire", "a"), Event("ok", 1, "acquire", "seven")],
            1,
            "an acquire returned 'seven'",
            id="a malformed result",
        ),
    ],
)
def test_a_call_that_the_model_does_not_know(
    model: Any, events: list[Event], line: int, problem: str
) -> None:
    recorded = History.of(events, source="run.jsonl")
    with pytest.raises(HistoryError) as error:
        questions_of(recorded, model, None)
    assert error.value.source == "run.jsonl"
    assert error.value.line == line
    assert problem in error.value.problem
    assert "choose the model that was recorded" in error.value.remedy


def test_operations_without_a_file_name_themselves() -> None:
    rows = history(ok("acquire", "a", 0, 1), info("write", 1, 2, 3), fail("release", "a", 4, 5))
    with pytest.raises(
        HistoryError, match=r"^history: operation 1, 'write' by process 1, does not"
    ):
        questions_of(rows, OwnedMutex(), None)


def test_a_failure_that_tells_nothing_is_no_result_that_a_model_must_know() -> None:
    class WithoutFailures(Mutex):
        def step(self, state: bool, call: Any, result: Any) -> Any:
            if isinstance(result, Fail):
                raise InvalidCall("it never fails")
            return super().step(state, call, result)

    rows = history(ok("acquire", None, 0, 1), fail("acquire", None, 2, 3))
    (question,) = questions_of(rows, WithoutFailures(), None)
    assert len(question.operations) == 2


def test_each_distinct_call_is_tried_once() -> None:
    tried = []

    class Counting(Counter):
        def step(self, state: int, call: Any, result: Any) -> Any:
            tried.append((call.f, result))
            return super().step(state, call, result)

    rows = history(*(ok("add", 1, time, time + 1) for time in range(0, 100, 2)))
    questions_of(rows, Counting(), None)
    assert len(tried) == 1
