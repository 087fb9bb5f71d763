"""How a call ends in the recording, and which process a client goes on under."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.histories.calls import PendingOperation
from holdfast.histories.formats import read_history
from holdfast.histories.operation import Event, Operation, Outcome
from holdfast.histories.outcome import NoAnswer, NotAcquired
from holdfast.histories.recorder import Recorder


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    with Recorder(tmp_path / "h.jsonl", clients=3) as recorder:
        yield recorder


def only(recorder: Recorder) -> Operation:
    (operation,) = read_history(recorder.path)
    return operation


ENDS: dict[str, tuple[Callable[[PendingOperation], Event], Outcome, Any, Any]] = {
    "ok": (lambda call: call.ok(), Outcome.OK, None, None),
    "ok with a result": (lambda call: call.ok([7]), Outcome.OK, (7,), None),
    "fail": (lambda call: call.fail("held"), Outcome.FAIL, None, "held"),
    "info": (lambda call: call.info({"code": 4}), Outcome.INFO, None, {"code": 4}),
    "info without a word": (lambda call: call.info(), Outcome.INFO, None, None),
    "fail with an exception": (lambda call: call.fail(KeyError("k")), Outcome.FAIL, None, "'k'"),
    "info with an exception without words": (
        lambda call: call.info(TimeoutError()),
        Outcome.INFO,
        None,
        "TimeoutError",
    ),
    "words that quote bytes that are no text": (
        lambda call: call.info(OSError("no file a\udcff")),
        Outcome.INFO,
        None,
        r"no file a\udcff",
    ),
}


@pytest.mark.parametrize(("end", "outcome", "result", "error"), ENDS.values(), ids=ENDS)
def test_a_call_ends(
    recorder: Recorder,
    end: Callable[[PendingOperation], Event],
    outcome: Outcome,
    result: Any,
    error: Any,
) -> None:
    pending = recorder.invoke(0, "acquire", "a", key="lock", node="n1")
    event = end(pending)
    operation = only(recorder)
    assert (operation.outcome, operation.result, operation.error) == (outcome, result, error)
    assert (operation.invocation, operation.completion) == (pending.invocation, event)
    assert pending.completion == event
    assert (event.f, event.key, event.node) == ("acquire", "lock", "n1")


def test_the_end_may_name_another_node_and_extra_fields(recorder: Recorder) -> None:
    event = recorder.invoke(0, "read", node="n1").ok(4, node="n2", revision=9)
    assert (event.node, event.extra) == ("n2", {"revision": 9})


@pytest.mark.parametrize("again", ["ok", "fail", "info"])
def test_a_call_ends_once(recorder: Recorder, again: str) -> None:
    pending = recorder.invoke(0, "acquire")
    pending.ok()
    with pytest.raises(RuntimeError, match="'acquire' by process 0 has ended already: each"):
        getattr(pending, again)()
    assert only(recorder).outcome is Outcome.OK


def test_an_end_that_could_not_be_recorded_can_be_recorded_otherwise(recorder: Recorder) -> None:
    pending = recorder.invoke(0, "read")
    with pytest.raises(ValueError, match="JSON cannot say"):
        pending.ok(object())
    pending.ok("something")
    assert only(recorder).result == "something"


RAISED: dict[str, tuple[BaseException, Outcome, str]] = {
    "a definite failure": (NotAcquired("held by b"), Outcome.FAIL, "held by b"),
    "no answer": (NoAnswer("n1 in 0.1 s"), Outcome.INFO, "n1 in 0.1 s"),
    "a bug": (ZeroDivisionError("division by zero"), Outcome.INFO, "division by zero"),
    "Ctrl-C": (KeyboardInterrupt(), Outcome.INFO, "KeyboardInterrupt"),
}


@pytest.mark.parametrize(("error", "outcome", "words"), RAISED.values(), ids=RAISED)
def test_an_exception_ends_the_call_and_goes_on(
    recorder: Recorder, error: BaseException, outcome: Outcome, words: str
) -> None:
    with pytest.raises(type(error)) as caught, recorder.invoke(0, "acquire"):
        raise error
    assert caught.value is error
    assert (only(recorder).outcome, only(recorder).error) == (outcome, words)


def test_an_exception_after_the_end_changes_nothing(recorder: Recorder) -> None:
    pending = recorder.invoke(0, "acquire")
    with pytest.raises(ZeroDivisionError), pending:
        pending.ok(0).value / 0
    assert only(recorder).outcome is Outcome.OK


class _Interrupt:
    """Ctrl-C in the middle of recording, at the given use as a clock or as a subscriber."""

    def __init__(self, use: int) -> None:
        self._left = use

    def __call__(self, event: Event | None = None) -> int:
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt
        return 0


@pytest.mark.parametrize("where", ["before the write", "after the write"])
def test_an_interrupt_while_the_end_is_recorded_ends_the_call_once(
    tmp_path: Path, where: str
) -> None:
    before = where == "before the write"
    # The clock is read at the start and for each event, the subscriber is called for each event.
    clock, subscriber = _Interrupt(3 if before else 0), _Interrupt(0 if before else 2)
    with Recorder(tmp_path / "other.jsonl", clock=clock) as recorder:
        recorder.subscribe(subscriber)  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt), recorder.invoke(0, "acquire") as pending:
            pending.ok(7)
    assert only(recorder).outcome is (Outcome.INFO if before else Outcome.OK)
    assert (only(recorder).completion is None) is before


def test_a_block_without_an_outcome_is_recorded_as_unknown_and_told(recorder: Recorder) -> None:
    with (
        pytest.raises(RuntimeError, match="'acquire' ended without an outcome: call ok, fail or"),
        recorder.invoke(0, "acquire"),
    ):
        pass
    assert only(recorder).outcome is Outcome.INFO


def test_a_client_takes_a_new_process_after_an_unknown_outcome_only(recorder: Recorder) -> None:
    client, other = recorder.client(1), recorder.client(2)
    processes = []
    for end in ("ok", "fail", "info", "ok", "info", "info", "fail"):
        pending = client.invoke("acquire")
        processes.append(client.process)
        assert pending.invocation.process == client.process
        getattr(pending, end)()
        other.invoke("acquire").ok()
    assert processes == [1, 1, 1, 4, 4, 7, 10]
    client.invoke("acquire").info()
    assert [client.process, client.process] == [13, 13]
    assert other.process == 2
    assert len(read_history(recorder.path)) == 15


def test_a_client_makes_one_call_at_a_time(recorder: Recorder) -> None:
    client = recorder.client(0)
    client.invoke("acquire")
    with pytest.raises(RuntimeError, match="still in its call of 'acquire'"):
        client.invoke("release")
    assert client.process == 0


def test_a_client_whose_block_raised_goes_on(recorder: Recorder) -> None:
    client = recorder.client(0)
    with pytest.raises(TimeoutError), client.invoke("acquire", "a"):
        raise TimeoutError
    client.invoke("release", "a").ok()
    assert [operation.process for operation in read_history(recorder.path)] == [0, 3]


@pytest.mark.parametrize("number", [-1, 3])
def test_a_client_that_there_is_not(recorder: Recorder, number: int) -> None:
    with pytest.raises(ValueError, match=f"client {number} is not one of 0 to 2"):
        recorder.client(number)


def test_clients_need_to_be_counted(tmp_path: Path) -> None:
    with (
        Recorder(tmp_path / "other.jsonl") as recorder,
        pytest.raises(ValueError, match="clients=N"),
    ):
        recorder.client(0)
