"""The driver of Porcupine is asked the same questions as holdfast, and understands them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from check_files import in_words
from contestants import Limits, Porcupine, Skipped
from porcupine_input import lines_of
from tests.checker.random_histories import random_history

from holdfast.checker.check import check
from holdfast.checker.engines import ENGINES
from holdfast.checker.options import parse_model
from holdfast.histories import Event, History

LIMITS = Limits(seconds=10, memory_mb=8000)
MODELS = (
    "cas-register",
    "cas-register,failed_cas_means_different=true",
    "cas-register,initial_value=1",
    "cas-register,null_read_is_unknown=true",
    "key-value",
    'multi-register,initial_value={"x":0,"y":1}',
    "mutex",
    "mutex,failed_acquire_means_held=true",
    "owned-mutex",
    "owned-mutex,failed_acquire_means_held=true",
)


@pytest.fixture(scope="module")
def porcupine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Porcupine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOPROXY", "off")  # a test downloads nothing
        patch.setenv("GOTOOLCHAIN", "local")
        try:
            yield Porcupine.built(tmp_path_factory.mktemp("driver"))
        except Skipped as reason:
            pytest.skip(str(reason))


@pytest.fixture
def hard(tmp_path: Path) -> Path:
    """Many writes that overlap, and then a read of what nobody wrote."""
    events = [Event("invoke", p, "write", p) for p in range(40)]
    events += [Event("ok", p, "write", p) for p in range(40)]
    events += [Event("invoke", 0, "read"), Event("ok", 0, "read", 99)]
    path = tmp_path / "hard.tsv"
    write(path, History.of(events), "cas-register", parse_model("cas-register"))
    return path


@pytest.mark.parametrize("text", MODELS)
@pytest.mark.parametrize("keys", [1, 2])
def test_every_engine_agrees_with_it_on_random_histories(
    porcupine: Porcupine, text: str, keys: int, tmp_path: Path
) -> None:
    model, source = parse_model(text), random.Random(f"{text} {keys}")
    paths = []
    words: dict[str, list[str]] = {engine: [] for engine in ENGINES.names()}
    for number in range(100):
        history = random_history(model, source, keys=keys)
        paths.append(tmp_path / f"{number}.tsv")
        write(paths[-1], history, text, model)
        for engine in ENGINES.names():
            words[engine].append(in_words(check(history, model, engine=engine, budget=10)))
    theirs = [report["verdict"] for report in porcupine.check(paths, text, LIMITS)]
    assert set(theirs) == {"linearizable", "not linearizable"}
    for engine, ours in words.items():
        assert ours == theirs, engine


def test_it_keeps_its_time(porcupine: Porcupine, hard: Path) -> None:
    (report,) = porcupine.check([hard], "cas-register", Limits(seconds=0.2, memory_mb=8000))
    assert report["verdict"] == "unknown"
    assert report["seconds"] >= 0.2
    assert report["memory_peak_bytes"] > report["memory_before_bytes"] > 0


def test_it_ends_when_its_memory_is_used_up(porcupine: Porcupine, hard: Path) -> None:
    (report,) = porcupine.check([hard], "cas-register", Limits(seconds=60, memory_mb=1500))
    assert report == {"verdict": "unknown", "detail": "out of memory"}


def test_a_file_that_it_cannot_read_is_an_error(porcupine: Porcupine, tmp_path: Path) -> None:
    path = tmp_path / "other.tsv"
    path.write_text("semaphore\tnull\n")
    with pytest.raises(RuntimeError, match='no model "semaphore"'):
        porcupine.check([path], "semaphore", LIMITS)


def test_without_go_it_is_skipped_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Skipped, match="Go is not installed"):
        Porcupine.built(tmp_path)


def test_what_it_reads() -> None:
    events = [
        Event("invoke", 0, "cas", (1, 2), key="x"),
        Event("invoke", 1, "read", key="x"),
        Event("invoke", 2, "write", "a b", key="y"),
        Event("fail", 0, "cas", (1, 2), key="x"),
        Event("ok", 1, "read", [1], key="x"),
        Event("invoke", 3, "cas", (1, 2), key="x"),
        Event("info", 3, "cas", (1, 2), key="x"),
        Event("ok", 2, "write", "a b", key="y"),
    ]
    text = "cas-register,failed_cas_means_different=true,initial_value=1"
    lines = lines_of(History.of(events), "cas-register", parse_model(text))
    assert [line.split("\t") for line in lines] == [
        ["cas-register", "1"],
        ["call", "0", '"x"', "cas", "1", "2"],
        ["call", "1", '"x"', "read", "null"],
        ["return", "0", "fail"],
        ["return", "1", "ok", "[1]"],
        ["call", "3", '"x"', "cas", "1", "2"],
        ["call", "2", '"y"', "write", '"a b"'],
        ["return", "2", "ok", '"a b"'],
    ]


def write(path: Path, history: History, text: str, model: Any) -> None:
    lines = lines_of(history, text.partition(",")[0], model)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
