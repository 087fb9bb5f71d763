"""``holdfast verify`` confirms what ``holdfast check --json`` proved, and refuses what was tampered with."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.checker.lock_histories import MODELS, random_problem
from tests.checker.test_cli import HELD_TWICE, TAKEN_IN_TURN, write

from holdfast.checker.cli import main
from holdfast.histories import Event, History
from holdfast.histories.formats import write_history

NAMES = {
    "owned-mutex": "owned-mutex",
    "owned-mutex,observing": "owned-mutex,failed_acquire_means_held=true,"
    "failed_release_means_not_holder=true",
    "fenced-mutex": "fenced-mutex",
    "mutex": "mutex",
    "reentrant-mutex": "reentrant-mutex",
}


def judged(path: Path, model: str, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    capsys.readouterr()
    main(["check", str(path), "--model", model, "--json", *more])
    return json.loads(capsys.readouterr().out)


def verified(verdict: Any, history: Path) -> int:
    path = history.with_suffix(".verdict.json")
    path.write_text(json.dumps(verdict))
    return main(["verify", str(path), str(history)])


@pytest.mark.parametrize("rows", [HELD_TWICE, TAKEN_IN_TURN])
@pytest.mark.parametrize("more", [{}, {"key": "lock"}])
def test_both_verdicts_make_the_round_trip(
    rows: Any, more: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "h.jsonl", rows, **more)
    verdict = judged(path, "owned-mutex", capsys)
    assert verified(verdict, path) == 0
    assert "confirmed" in capsys.readouterr().out
    assert verified(verdict[0], path) == 0


@pytest.mark.parametrize("name", NAMES)
def test_what_the_engine_for_locks_says_is_confirmed(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = random.Random(name)
    codes = []
    for _ in range(40):
        problem = random_problem(MODELS[name], source)
        path = tmp_path / "h.jsonl"
        marks = [(one.invoked, 0, one.number, one.invocation) for one in problem.operations]
        marks += [
            (one.completed, 1, one.number, one.completion)
            for one in problem.operations
            if one.completion is not None and one.completed is not None
        ]
        events = [
            Event(event.type, number, event.f, event.value, time, error=event.error)
            for time, _, number, event in sorted(marks, key=lambda mark: mark[:3])
        ]
        if events:
            write_history(events, path)
            verdict = judged(path, NAMES[name], capsys)
            codes.append(verified(verdict, path))
            unproved = verdict[0].get("counterexample", {"certificate": 1})["certificate"] is None
            assert codes[-1] == (2 if unproved else 0), verdict
    assert codes.count(0) > 20


def _other_line(proof: Any) -> None:
    proof["holds"][0]["since"] += 1


def _one_hold(proof: Any) -> None:
    proof["holds"].pop()


def _twice_the_same(proof: Any) -> None:
    proof["holds"][1] = proof["holds"][0]


def _no_such_line(proof: Any) -> None:
    proof["holds"][0]["acquire"] = 4711


@pytest.mark.parametrize("tamper", [_other_line, _one_hold, _twice_the_same, _no_such_line])
def test_a_tampered_certificate_is_refused(
    tamper: Callable[[Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "h.jsonl", HELD_TWICE)
    verdict = judged(path, "owned-mutex", capsys)
    tamper(verdict[0]["counterexample"]["certificate"])
    assert verified(verdict, path) == 1
    assert "refused" in capsys.readouterr().out


def changed_witnesses(witness: list[int]) -> Iterator[list[int]]:
    for at in range(len(witness)):
        yield [*witness[:at], *witness[at + 1 :]]
        yield [*witness, witness[at]]
    yield witness[::-1]
    yield [*witness, 4711]


def test_a_tampered_witness_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "h.jsonl", TAKEN_IN_TURN)
    (verdict,) = judged(path, "owned-mutex", capsys)
    for witness in changed_witnesses(verdict["witness"]):
        assert verified({**copy.deepcopy(verdict), "witness": witness}, path) == 1


def test_a_proof_of_another_history_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = judged(write(tmp_path / "bad.jsonl", HELD_TWICE), "owned-mutex", capsys)
    good = judged(write(tmp_path / "good.jsonl", TAKEN_IN_TURN), "owned-mutex", capsys)
    assert verified(bad, tmp_path / "good.jsonl") == 1
    assert verified(good, tmp_path / "bad.jsonl") == 1
    assert verified({**good[0], "key": "other"}, tmp_path / "good.jsonl") == 1


def test_a_key_without_a_verdict_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [Event("invoke", n, "acquire", "a", n, key=key) for n, key in enumerate(("x", "y"))]
    path = tmp_path / "h.jsonl"
    write_history(History.of(rows), path)
    verdicts = judged(path, "owned-mutex", capsys)
    assert verified(verdicts, path) == 0
    assert "no verdict" not in capsys.readouterr().out
    assert verified(verdicts[:1], path) == 0
    assert "key 'y': there is no verdict on it" in capsys.readouterr().out


def test_without_a_proof_there_is_nothing_to_verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "h.jsonl", HELD_TWICE)
    assert verified(judged(path, "owned-mutex", capsys, "--engine", "search"), path) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        "{}",
        '[{"verdict": "linearizable"}]',
        '[{"verdict": "maybe", "model": "mutex", "key": null}]',
        '[{"verdict": "linearizable", "model": "no-such", "key": null, "witness": []}]',
        '[{"verdict": "linearizable", "model": "mutex", "key": null, "witness": 3}]',
        '[{"verdict": "not linearizable", "model": "mutex", "key": null, "counterexample": '
        '{"certificate": {"rule": "Magic"}}}]',
        '[{"verdict": "not linearizable", "model": "mutex", "key": null, "counterexample": '
        '{"certificate": {"rule": {}}}}]',
        '[{"verdict": "linearizable", "model": "os:getpid", "key": null, "witness": []}]',
        "[" * 100_000,
        '[{"verdict": "not linearizable", "model": "mutex", "key": null, "counterexample": '
        '{"certificate": {"rule": "TakenTwice", "first": "a", "second": 1}}}]',
    ],
)
def test_what_is_no_verdict_is_bad_input(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = tmp_path / "verdict.json"
    verdict.write_text(text)
    path = write(tmp_path / "h.jsonl", HELD_TWICE)
    assert main(["verify", str(verdict), str(path)]) == 65
    assert str(verdict) in "".join(capsys.readouterr().err.split("\n"))
