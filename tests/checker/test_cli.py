"""The command line as its users meet it: files in, words and exit codes out."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from holdfast.checker.cli import main

Row = tuple[str, int, str, Any]

HELD_TWICE: Sequence[Row] = [
    ("invoke", 0, "acquire", "a"),
    ("ok", 0, "acquire", "a"),
    ("invoke", 1, "acquire", "b"),
    ("ok", 1, "acquire", "b"),
    ("invoke", 0, "release", "a"),
    ("ok", 0, "release", "a"),
]
TAKEN_IN_TURN: Sequence[Row] = [
    ("invoke", 0, "acquire", "a"),
    ("invoke", 1, "acquire", "b"),
    ("ok", 0, "acquire", "a"),
    ("invoke", 0, "release", "a"),
    ("ok", 0, "release", "a"),
    ("ok", 1, "acquire", "b"),
]


def lines(rows: Sequence[Row], **more: Any) -> list[str]:
    return [
        json.dumps(
            {
                "index": index,
                "time": index * 1000,
                "type": type,
                "process": process,
                "f": f,
                "value": value,
            }
            | more
        )
        for index, (type, process, f, value) in enumerate(rows)
    ]


def write(path: Path, rows: Sequence[Row], **more: Any) -> Path:
    path.write_text("".join(line + "\n" for line in lines(rows, **more)))
    return path


@pytest.mark.parametrize(
    ("rows", "model", "code", "words"),
    [
        (HELD_TWICE, "owned-mutex", 1, "two holders at once"),
        (HELD_TWICE, "mutex", 1, "NOT LINEARIZABLE"),
        (TAKEN_IN_TURN, "owned-mutex", 0, "LINEARIZABLE"),
        ([("invoke", 0, "write", 1), ("info", 0, "write", None)], "register", 0, "LINEARIZABLE"),
        (
            [("invoke", 0, "read", None), ("ok", 0, "read", 1)],
            "register",
            1,
            "read 1, but the value is None",
        ),
    ],
)
def test_check_tells_the_known_verdict(
    rows: Sequence[Row],
    model: str,
    code: int,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", str(write(tmp_path / "h.jsonl", rows)), "--model", model]) == code
    assert words in unwrapped(capsys.readouterr().out)


def unwrapped(panel: str) -> str:
    """Return the words of a panel without its border and its line breaks."""
    return " ".join(panel.replace("│", " ").split())


def test_check_decides_a_thousand_operations_of_five_clients(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "good.jsonl", contended_rounds(rounds=500, clients=5))
    assert main(["check", str(good), "--model", "owned-mutex"]) == 0
    rows = contended_rounds(rounds=500, clients=5)
    # One wrong grant near the end: somebody else is let in while the lock is held.
    place = max(
        place for place, row in enumerate(rows) if row[0] == "invoke" and row[2] == "release"
    )
    rows[place:place] = [("invoke", 99, "acquire", "thief"), ("ok", 99, "acquire", "thief")]
    bad = write(tmp_path / "bad.jsonl", rows)
    assert main(["check", str(bad), "--model", "owned-mutex"]) == 1
    assert "'thief'" in capsys.readouterr().out


def contended_rounds(*, rounds: int, clients: int) -> list[Row]:
    """Clients that queue for a lock: all invoke, one after another is granted and releases."""
    chance = random.Random(5)
    rows: list[Row] = []
    waiting: list[tuple[int, str]] = []
    for number in range(rounds):
        idle = [c for c in range(clients) if c not in {client for client, _ in waiting}]
        for client in chance.sample(idle, chance.randint(0 if waiting else 1, len(idle))):
            token = f"{client}-{number}"
            rows.append(("invoke", client, "acquire", token))
            waiting.append((client, token))
        client, token = waiting.pop(chance.randrange(len(waiting)))
        rows += [(type, client, "acquire", token) for type in ("ok",)]
        rows += [(type, client, "release", token) for type in ("invoke", "ok")]
    return rows


def test_check_of_several_files_answers_with_the_worst(tmp_path: Path) -> None:
    good = write(tmp_path / "good.jsonl", TAKEN_IN_TURN)
    bad = write(tmp_path / "bad.jsonl", HELD_TWICE)
    assert main(["check", str(good), str(good), "--model", "owned-mutex"]) == 0
    assert main(["check", str(bad), str(good), "--model", "owned-mutex"]) == 1


def test_check_json_is_one_list_with_a_verdict_for_each_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "h.jsonl", HELD_TWICE, key="lock")
    assert main(["check", str(path), "--model", "lock=owned-mutex", "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert (finding["verdict"], finding["key"], finding["model"]) == (
        "not linearizable",
        "lock",
        "owned-mutex",
    )
    assert finding["counterexample"]["operations"]


def test_check_says_unknown_when_the_budget_is_spent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Writes that are all open at once and a read of a value nobody wrote: every order is tried.
    rows: list[Row] = [("invoke", process, "write", process) for process in range(16)]
    rows += [("invoke", 16, "read", None), ("ok", 16, "read", -1)]
    rows += [("ok", process, "write", None) for process in range(16)]
    path = write(tmp_path / "h.jsonl", rows)
    arguments = ["--model", "register", "--engine", "wgl", "--budget", "0.2"]
    assert main(["check", str(path), *arguments]) == 2
    assert "time ran out" in capsys.readouterr().out


BROKEN_FILES = {
    "empty": b"",
    "truncated": "\n".join(lines(HELD_TWICE))[:-9].encode(),
    "shuffled": "".join(line + "\n" for line in reversed(lines(HELD_TWICE))).encode(),
    "binary": bytes(range(256)) * 8,
    "no-json": b"hello\n",
    "no-object": b"[1, 2]\n",
    "enormous-line": b'{"type": "invoke", "f": "' + b"x" * (2 << 20),
    "unknown-type": b'{"type": "okay", "process": 0, "f": "acquire"}\n',
    "unknown-function": b'{"type": "invoke", "process": 0, "f": "lock"}\n',
    "escape": b'{"type": "invoke", "process": 0, "f": "\\u001b[31m"}\n',
}


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_broken_file_gets_one_line_and_65(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"{name}.jsonl"
    path.write_bytes(BROKEN_FILES[name])
    assert main(["check", str(path), "--model", "owned-mutex"]) == 65
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert str(path) in captured.err
    assert "\x1b" not in captured.err


def test_a_file_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as packed:
        for _ in range(64):
            packed.write(b" " * (1 << 20))
    assert main(["check", str(path), "--model", "owned-mutex"]) == 65
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_missing_file_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "none.jsonl"), "--model", "mutex"]) == 65
    assert "none.jsonl" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "{file}"], "say --model NAME"),
        (["check", "{file}", "--model", "mutexx"], "did you mean 'mutex'"),
        (["check", "{file}", "--model", "mutex", "--budget", "0"], "--budget 0"),
        (["check", "{file}", "--model", "mutex", "--budget", "nan"], "--budget nan"),
        (["check", "{file}", "--model", "mutex", "--engine", "none"], "no engine 'none'"),
        (["check", "{file}", "--model", "mutex", "--format", "none"], "no format 'none'"),
        (["check", "{file}", "--model", "x=mutex"], "has no keys, not 'x'; say --model NAME"),
        (["record", "redlok", "-o", "{new}"], "no system 'redlok'"),
        (["record", "redlock", "-o", "{file}"], "recordings are not overwritten"),
        (["record", "redlock", "-o", "{new}.txt"], "*.jsonl"),
        (["record", "redlock", "-o", "{new}", "--clients", "0"], "clients"),
        (["record", "redlock", "-o", "{new}", "--fault", "none"], "no fault 'none'"),
        (["demo", "--only", "z"], "--only z"),
    ],
)
def test_wrong_usage_gets_one_line_and_64(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "h.jsonl", TAKEN_IN_TURN)
    places = {"file": str(file), "new": str(tmp_path / "new.jsonl")}
    assert main([argument.format(**places) for argument in arguments]) == 64
    captured = capsys.readouterr()
    assert words in captured.err
    assert len(captured.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["judge"], ["check"], ["list", "locks"]])
def test_what_the_parser_refuses_is_64(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 64


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("models", "owned-mutex"),
        ("systems", "redlock"),
        ("faults", "clock-jump"),
        ("formats", "jsonl"),
        ("engines", "wgl"),
    ],
)
def test_list_shows_what_is_registered(
    kind: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", kind, "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows[name]["about"]
    assert main(["list", kind]) == 0
    assert name in capsys.readouterr().out


class Crashing:
    """A model with a bug."""

    functions: ClassVar[dict[str, str]] = {"read": ""}

    def initial(self) -> int:
        return 0

    def step(self, state: int, call: object, result: object) -> int:
        raise ZeroDivisionError("oops")


def test_a_crash_is_never_taken_for_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "h.jsonl", [("invoke", 0, "read", None), ("ok", 0, "read", 1)])
    assert main(["check", str(path), "--model", f"{__name__}:Crashing"]) == 70
    assert "ZeroDivisionError: oops" in capsys.readouterr().err


def test_hostile_names_and_values_reach_the_terminal_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        (type, f"\x1b[31m{process}", f, f"\x1b]0;{value}\x07")
        for type, process, f, value in HELD_TWICE
    ]
    path = write(tmp_path / "h\x1b[31m.jsonl", rows)  # type: ignore[arg-type]
    assert main(["check", str(path), "--model", "owned-mutex"]) == 1
    assert main(["check", str(path), "--model", "owned-mutex", "--key", "\x1b[31m"]) == 64
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err


def test_two_grants_that_nobody_gave_back_are_two_holders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "h.jsonl", HELD_TWICE[:4])
    assert main(["check", str(path), "--model", "owned-mutex"]) == 1
    assert "two holders at once" in capsys.readouterr().out


def test_a_lock_that_was_lost_before_its_release_is_called_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[Row] = [
        ("invoke", 0, "acquire", "a"),
        ("ok", 0, "acquire", "a"),
        ("invoke", 0, "release", "a"),
        ("fail", 0, "release", None),
        ("invoke", 1, "acquire", "b"),
        ("ok", 1, "acquire", "b"),
    ]
    path = write(tmp_path / "h.jsonl", rows)
    assert main(["check", str(path), "--model", "owned-mutex"]) == 1
    assert "lock lost before its release" in capsys.readouterr().out
