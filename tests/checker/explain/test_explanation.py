"""Explanations: who held what when, in words that can be checked against the file."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.checker.check import check
from holdfast.checker.explain.data import verdict_data
from holdfast.checker.explain.explanation import Explanation, explain
from holdfast.checker.explain.terminal import verdict_panel
from holdfast.checker.explain.timeline import timeline
from holdfast.checker.verdict import NotLinearizable
from holdfast.histories.header import HEADER, TOOK, Header
from holdfast.histories.history import History
from holdfast.histories.operation import NEMESIS, Event
from holdfast.models import Model
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.register import Register

MS = 1_000_000


def lock_events(*, with_header: bool = True) -> list[Event]:
    """Two clients; c1 is granted 'a', a fault strikes, c2 is granted 'b', then c1's release is refused."""
    header = Header(system="redlock", clients=2, seed=0).to_data()
    first = [Event("info", NEMESIS, HEADER, header, time=0)] if with_header else []
    return [
        *first,
        Event("invoke", 0, "acquire", "a", time=10 * MS, key="lock"),
        Event("ok", 0, "acquire", "a", time=20 * MS, key="lock"),
        Event("invoke", 1, "acquire", "b", time=30 * MS, key="lock"),
        Event("info", NEMESIS, "clock-jump", "moved the clock of n1 ahead", time=40 * MS),
        Event("ok", 1, "acquire", "b", time=50 * MS, key="lock"),
        Event("invoke", 0, "release", "a", time=70 * MS, key="lock"),
        Event("fail", 0, "release", None, time=75 * MS, key="lock", error="not held"),
        Event("invoke", 1, "release", "b", time=80 * MS, key="lock"),
        Event("ok", 1, "release", "b", time=90 * MS, key="lock"),
    ]


def explained(
    events: list[Event], model: Model[Any]
) -> tuple[History, NotLinearizable, Explanation]:
    history = History.of(events, source="h.jsonl")
    verdict = check(history, model)
    assert isinstance(verdict, NotLinearizable)
    return history, verdict, explain(verdict, history, model)


def test_two_holders_are_told_with_times_overlap_and_the_fault_in_between() -> None:
    _, _, explanation = explained(lock_events(), OwnedMutex())
    assert explanation.headline == "two holders at once, key 'lock'"
    assert explanation.overlap == (50 * MS, 70 * MS)
    assert explanation.findings == ("two holders at once", "a lock kept after it was lost")
    assert explanation.sentences == (
        "c1 certainly held 'lock' from 20.0 ms on; c2 was granted it at 50.0 ms.",
        "c1 was granted the lock at 20.0 ms, under token 'a', and held it until it began to give it "
        "back at 70.0 ms, which was refused: 'not held'.",
        "At 40.0 ms a fault struck: moved the clock of n1 ahead.",
        "c2 was granted the lock at 50.0 ms, under token 'b', and held it until it began to give it "
        "back at 80.0 ms.",
        "From 50.0 ms to 70.0 ms both were certain to hold it: 20.0 ms.",
        "c1 kept it after it was lost, up to 70.0 ms: its release was refused.",
    )


def test_a_fault_is_told_from_when_it_began_to_strike() -> None:
    events = [
        Event(e.type, e.process, e.f, e.value, e.time, extra={TOOK: 5 * MS}, key=e.key)
        if e.f == "clock-jump"
        else e
        for e in lock_events()
    ]
    _, _, explanation = explained(events, OwnedMutex())
    assert explanation.faults == ((35 * MS, "moved the clock of n1 ahead"),)


def test_without_a_header_clients_are_told_by_their_process() -> None:
    _, _, explanation = explained(lock_events(with_header=False), OwnedMutex())
    assert [hold.client for hold in explanation.holds] == ["process 0", "process 1"]


def test_without_times_instants_are_positions() -> None:
    events = [Event(event.type, event.process, event.f, event.value) for event in lock_events()[1:]]
    _, _, explanation = explained([e for e in events if e.process != NEMESIS], OwnedMutex())
    assert "from event 2 on" in explanation.sentences[0]
    assert "at event 2" in explanation.sentences[1]


def test_a_fence_that_falls_is_told_with_the_models_reason() -> None:
    events = [
        Event("invoke", 0, "acquire", "a"),
        Event("ok", 0, "acquire", 7),
        Event("invoke", 0, "release", "a"),
        Event("ok", 0, "release"),
        Event("invoke", 1, "acquire", "b"),
        Event("ok", 1, "acquire", 6),
    ]
    _, _, explanation = explained(events, FencedMutex())
    assert explanation.overlap is None
    assert any("its fencing token 6 is not above 7" in words for words in explanation.sentences)
    assert any("under token 'a' and fencing token 7" in words for words in explanation.sentences)


def test_a_read_that_nothing_explains_is_told_with_the_order_before_it() -> None:
    events = [
        Event("invoke", 0, "write", 1),
        Event("ok", 0, "write"),
        Event("invoke", 1, "read"),
        Event("ok", 1, "read", 2),
    ]
    _, _, explanation = explained(events, Register())
    assert explanation.headline == "read by process 1 cannot be explained"
    assert explanation.sentences[-1] == (
        "After process 0's write(1): process 1's read → 2 is impossible: read 2, but the value is 1."
    )


def test_a_hostile_value_reaches_the_terminal_escaped() -> None:
    events = [Event("invoke", 0, "read"), Event("ok", 0, "read", "\x1b[31m")]
    _, _, explanation = explained(events, Register())
    assert all("\x1b" not in words for words in explanation.sentences)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_timeline_fits_and_shows_both_holds_their_overlap_and_the_fault(width: int) -> None:
    _, _, explanation = explained(lock_events(), OwnedMutex())
    lines = timeline(explanation, width=width).plain.splitlines()
    rows = {line.split()[0]: line for line in lines[1:-1]}
    assert set(rows) == {"c1", "c2", "both", "faults"}
    assert max(map(len, lines[:-1])) <= width
    overlap = [place for place, mark in enumerate(rows["both"]) if mark == "^"]
    assert overlap
    assert all(rows[client][place] == "█" for client in ("c1", "c2") for place in overlap)
    assert rows["faults"].count("!") == 1


def test_a_mutex_without_owners_is_explained_too() -> None:
    _, _, explanation = explained(lock_events(), Mutex())
    assert "already held" in " ".join(explanation.sentences)


def test_the_data_of_a_verdict_is_plain_json_with_lines_of_the_file() -> None:
    import json

    history, verdict, _ = explained(lock_events(), OwnedMutex())
    data = json.loads(json.dumps(verdict_data(verdict, history, OwnedMutex())))
    assert data["verdict"] == "not linearizable"
    assert {operation["line"] for operation in data["counterexample"]["operations"]} == {2, 4}
    assert data["explanation"]["overlap"] == [50 * MS, 70 * MS]


def test_the_panel_reads_without_colour() -> None:
    from rich.console import Console

    history, verdict, _ = explained(lock_events(), OwnedMutex())
    console = Console(width=100, no_color=True, force_terminal=False)
    with console.capture() as capture:
        console.print(verdict_panel(verdict, history, OwnedMutex(), title="h.jsonl", width=100))
    assert "NOT LINEARIZABLE: two holders at once" in capture.get()
    assert "\x1b" not in capture.get()
