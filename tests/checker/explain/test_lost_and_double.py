"""What went wrong with a lock is told by its name: each kind of history, and the words on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from holdfast import write_history
from holdfast.checker.check import check
from holdfast.checker.cli import main
from holdfast.checker.explain.explanation import explain
from holdfast.checker.verdict import NotLinearizable
from holdfast.histories.header import HEADER, Header
from holdfast.histories.history import History
from holdfast.histories.operation import NEMESIS, Event
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.leased_mutex import LeasedMutex
from holdfast.models.mutex import OwnedMutex
from holdfast.models.semaphore import OwnedSemaphore

Row = tuple[float, str, int, str, Any]
"""When (ms), ``invoke`` or how it ended, whose process, the function, and its value."""

LOST_TO_ANOTHER: list[Row] = [
    (400, "invoke", 2, "acquire", "a"),
    (446.3, "ok", 2, "acquire", None),
    (450, "invoke", 0, "acquire", "b"),
    (460, "fault", 0, "clock-jump", "moved the clock of n1 ahead by 3000 ms"),
    (474, "ok", 0, "acquire", None),
    (520, "invoke", 2, "release", "a"),
]
REFUSED: Row = (530, "fail", 2, "release", None)
GIVEN_BACK: Row = (530, "ok", 2, "release", None)

OVERLAP = "From 474.0 ms to 520.0 ms both were certain to hold it: 46.0 ms."
HELD = "c3 certainly held 'order-123' from 446.3 ms to 520.0 ms; c1 was granted it at 474.0 ms."
HELD_ON = "c3 certainly held 'order-123' from 446.3 ms on; c1 was granted it at 474.0 ms."
FAULT = "At 460.0 ms a fault struck: moved the clock of n1 ahead by 3000 ms."
EARLY = (
    "c3 had lost it early: 74.0 ms after it asked, within the time to live of 1000 ms, it was c1's."
)
KEPT = "c3 kept it after it was lost, up to 520.0 ms: its release was refused."
EXPIRED = " Its time to live of 50 ms from when it asked had ended at 450.0 ms."

DENIED: list[Row] = [
    (0, "invoke", 0, "acquire", "a"),
    (10, "ok", 0, "acquire", None),
    (90, "invoke", 0, "release", "a"),
    (95, "fail", 0, "release", None),
]
FENCES: list[Row] = [
    (0, "invoke", 0, "acquire", "a"),
    (10, "ok", 0, "acquire", 7),
    (20, "invoke", 0, "release", "a"),
    (30, "ok", 0, "release", None),
    (40, "invoke", 1, "acquire", "b"),
    (50, "ok", 1, "acquire", 6),
]
STRANGER: list[Row] = [
    (0, "invoke", 0, "acquire", "a"),
    (10, "ok", 0, "acquire", None),
    (20, "invoke", 1, "release", "z"),
    (30, "ok", 1, "release", None),
]
THREE: list[Row] = [
    (10 * number + later, type, number, "acquire", f"t{number}" if type == "invoke" else None)
    for number in range(3)
    for later, type in ((0, "invoke"), (5, "ok"))
]
DENYING = OwnedMutex(failed_release_means_not_holder=True)

TWO, EARLY_LOSS, KEPT_LOSS = (
    "two holders at once",
    "a lock lost early",
    "a lock kept after it was lost",
)

TABLE: dict[str, tuple[Any, float | None, list[Row], list[str], list[str]]] = {
    "both gave it back": (
        OwnedMutex(),
        1.0,
        [*LOST_TO_ANOTHER, GIVEN_BACK],
        [TWO],
        [HELD, FAULT, OVERLAP],
    ),
    "neither ever did": (
        OwnedMutex(),
        1.0,
        LOST_TO_ANOTHER[:-1],
        [TWO],
        [HELD_ON, FAULT, "From 474.0 ms on both were certain to hold it."],
    ),
    "lost before its TTL": (
        OwnedMutex(),
        1.0,
        [*LOST_TO_ANOTHER, REFUSED],
        [TWO, EARLY_LOSS, KEPT_LOSS],
        [OVERLAP, EARLY, KEPT],
    ),
    "kept after its TTL": (
        OwnedMutex(),
        0.05,
        [*LOST_TO_ANOTHER, REFUSED],
        [TWO, KEPT_LOSS],
        [OVERLAP, KEPT + EXPIRED],
    ),
    "kept, and no TTL is known": (
        OwnedMutex(),
        None,
        [*LOST_TO_ANOTHER, REFUSED],
        [TWO, KEPT_LOSS],
        [OVERLAP, KEPT],
    ),
    "lost before the model's TTL": (
        LeasedMutex(10**9),
        None,
        [*LOST_TO_ANOTHER, REFUSED],
        [TWO, EARLY_LOSS, KEPT_LOSS],
        [
            "c3's acquire('a') (line 2), c1's acquire('b') (line 4): these leases cannot have come one "
            "after the other.",
            OVERLAP,
            EARLY,
            KEPT,
        ],
    ),
    "denied before its TTL": (
        DENYING,
        1.0,
        DENIED,
        [EARLY_LOSS],
        ["That was 95 ms after it asked, its time to live being 1000 ms."],
    ),
    "denied after its TTL": (
        DENYING,
        0.05,
        DENIED,
        ["lock lost before its release"],
        ["That was 95 ms after it asked, its time to live being 50 ms: it had expired."],
    ),
    "a fence that falls": (
        FencedMutex(),
        1.0,
        FENCES,
        ["a fence that went backwards"],
        [
            "c1's acquire('a') → 7 (line 2) was granted, then c2's acquire('b') → 6 (line 6) with a lower "
            "number; the first certainly came before: c1's acquire('a') → 7 (line 2) had returned by "
            "10.0 ms, and c2's acquire('b') → 6 (line 6) began at 40.0 ms."
        ],
    ),
    "a release by a stranger": (
        OwnedMutex(),
        1.0,
        STRANGER,
        ["a release by a stranger"],
        [
            "c2's release('z') (line 4) succeeded at 30.0 ms, but that token never acquired.",
        ],
    ),
    "three holders of two permits": (
        OwnedSemaphore(2),
        1.0,
        THREE,
        ["3 holders at once"],
        ["From 25.0 ms on all were certain to hold it."],
    ),
}


def history_of(rows: list[Row], ttl: float | None) -> History:
    workload = {} if ttl is None else {"ttl": ttl}
    header = Header(system="redlock", clients=3, seed=0, workload=workload).to_data()
    events = [Event("info", NEMESIS, HEADER, header, 0)]
    for at, type, process, f, value in rows:
        time = round(at * 1e6)
        if type == "fault":
            events.append(Event("info", NEMESIS, f, value, time))
        else:
            error = "not held" if type == "fail" else None
            kind: Any = type
            events.append(Event(kind, process, f, value, time, key="order-123", error=error))
    return History.of(events)


@pytest.mark.parametrize("name", TABLE)
def test_the_findings_and_the_words(name: str) -> None:
    model, ttl, rows, findings, sentences = TABLE[name]
    history = history_of(rows, ttl)
    verdict = check(history, model)
    assert isinstance(verdict, NotLinearizable)
    explanation = explain(verdict, history, model)
    assert list(explanation.findings) == findings
    assert explanation.headline == f"{findings[0]}, key 'order-123'"
    for sentence in sentences:
        assert sentence in explanation.sentences


@pytest.mark.parametrize(("fences", "told"), [((7, 6), True), ((6, 7), False)])
def test_what_clients_believed_is_told_beside_another_finding(
    fences: tuple[int, int], told: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = fences
    rows: list[Row] = [
        (0, "invoke", 0, "acquire", "a"),
        (5, "ok", 0, "acquire", first),
        (10, "invoke", 1, "acquire", "b"),
        (20, "ok", 1, "acquire", second),
        (30, "invoke", 0, "release", "a"),
    ]
    path = tmp_path / "h.jsonl"
    write_history(history_of(rows, 1.0).events, path)
    assert main(["check", str(path), "--model", "fenced-mutex"]) == 1
    output = " ".join(capsys.readouterr().out.split())
    believed = "c1 and c2 believed to hold it at once from 20.0 ms to 30.0 ms (10.0 ms)."
    # Where that is the finding itself, it is not told again.
    assert (believed in output) is told
    assert ("a fence that went backwards" in output) is told
    assert ("two holders at once" in output) is not told


def test_what_clients_believed_is_told_of_a_lease_that_expired_rightly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "h.jsonl"
    write_history(history_of([*LOST_TO_ANOTHER, REFUSED], None).events, path)
    assert main(["check", str(path), "--model", "leased-mutex,ttl=50000000"]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "LINEARIZABLE" in output
    assert "c3 and c1 believed to hold it at once from 474.0 ms to 520.0 ms (46.0 ms)." in output
