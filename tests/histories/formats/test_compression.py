"""Compressed files: by suffix, checked against their content, and harmless when they are bombs."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import DEFAULT_LIMITS, Limits, read_history, write_history
from holdfast.histories.formats.compression import NAMES, compression_suffix, open_reading
from holdfast.histories.operation import Event

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COMPRESS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstd.compress}
EVENTS = tuple(Event("invoke", number, "read", "x" * 50) for number in range(200))
LINE = b'{"type":"invoke","process":0,"f":"read"}\n'


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jsonl", ""),
        ("a.jsonl.gz", ".gz"),
        ("a.jsonl.ZST", ".zst"),
        ("a.gz.jsonl", ""),
        ("a.jsonl.bz2", ""),
        ("gz", ""),
    ],
)
def test_the_last_suffix_counts(name: str, expected: str) -> None:
    assert compression_suffix(Path(name)) == expected


def test_every_compression_is_tested_here() -> None:
    assert set(COMPRESS) == set(NAMES)


@pytest.mark.parametrize("suffix", COMPRESS)
def test_it_is_what_other_programs_write_and_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"h.jsonl{suffix}"
    path.write_bytes(COMPRESS[suffix](LINE))
    assert len(read_history(path)) == 1
    write_history(EVENTS, path)
    decompress = {".gz": gzip.decompress, ".zst": zstd.decompress}[suffix]
    assert decompress(path.read_bytes()).count(b"\n") == len(EVENTS)


@pytest.mark.parametrize("suffix", COMPRESS)
def test_equal_histories_give_equal_files(tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"a.jsonl{suffix}", tmp_path / f"b.jsonl{suffix}"
    write_history(EVENTS, first)
    write_history(EVENTS, second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("suffix", COMPRESS)
def test_files_that_were_joined_are_read_to_the_end(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"h.jsonl{suffix}"
    path.write_bytes(
        COMPRESS[suffix](LINE) + COMPRESS[suffix](LINE.replace(b'"process":0', b'"process":1'))
    )
    assert len(read_history(path)) == 2


CONTRADICTIONS = {
    "gzip in a plain name": (
        "h.jsonl",
        gzip.compress(LINE),
        "its content is gzip, which the end of its name does not say",
        "rename it so that it ends in .gz",
    ),
    "zstd in a plain name": (
        "h.jsonl",
        zstd.compress(LINE),
        "its content is zstd, which the end of its name does not say",
        "rename it so that it ends in .zst",
    ),
    "zstd in a name for gzip": (
        "h.jsonl.gz",
        zstd.compress(LINE),
        "its content is zstd, which the end of its name does not say",
        "rename it so that it ends in .zst",
    ),
    "plain text in a name for gzip": (
        "h.jsonl.gz",
        LINE,
        "its name ends in .gz, but its content is not gzip",
        "rename it without .gz, or compress it",
    ),
    "plain text in a name for zstd": (
        "h.jsonl.zst",
        LINE,
        "its name ends in .zst, but its content is not zstd",
        "rename it without .zst, or compress it",
    ),
}


@pytest.mark.parametrize(
    ("name", "content", "problem", "remedy"), CONTRADICTIONS.values(), ids=CONTRADICTIONS
)
def test_content_that_contradicts_the_name_is_told(
    tmp_path: Path, name: str, content: bytes, problem: str, remedy: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(HistoryError) as caught:
        read_history(path)
    assert str(caught.value) == f"{path}: {problem}; {remedy}"


@pytest.mark.parametrize("suffix", COMPRESS)
def test_wherever_compressed_data_is_cut_it_is_told(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"h.jsonl{suffix}"
    write_history(EVENTS, path)
    content = path.read_bytes()
    for end in range(4, len(content), 7):
        path.write_bytes(content[:end])
        with pytest.raises(HistoryError, match=r"compressed data ends too early; .* download it"):
            read_history(path)


@pytest.mark.parametrize("suffix", COMPRESS)
def test_damaged_data_is_told(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"h.jsonl{suffix}"
    write_history(EVENTS, path)
    content = path.read_bytes()
    for place in range(10, len(content), 5):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        with pytest.raises(HistoryError, match=r"compressed data (is damaged|ends too early)"):
            read_history(path)


@pytest.mark.parametrize(
    "tail", [b"\0" * 20 + b"x", b"trailing"], ids=["after padding", "directly"]
)
def test_what_follows_gzip_data_is_damage(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "h.jsonl.gz"
    path.write_bytes(gzip.compress(LINE) + tail)
    with pytest.raises(HistoryError, match="its compressed data is damaged"):
        read_history(path)


BOMBS = {
    "one line": (b"x" * 1023, "the line is longer than 1,048,576 bytes"),
    "zeros": (b"\0" * 1023, "this is binary data"),
    "blank lines": (b" " * 1022 + b"\n", "it holds more than 16,000,000 bytes, decompressed"),
    "short lines": (b"\n" * 1023, "it holds more than 10,000 lines, some of them blank"),
}


@pytest.mark.parametrize("suffix", COMPRESS)
@pytest.mark.parametrize(("block", "problem"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_ends_cleanly_in_little_memory(
    tmp_path: Path, suffix: str, block: bytes, problem: str
) -> None:
    path = tmp_path / f"h.jsonl{suffix}"
    path.write_bytes(COMPRESS[suffix](block * 1000) * 100)
    limits = Limits(total_bytes_max=16_000_000, events_max=20_000 if block[1:2] == b" " else 10_000)
    tracemalloc.start()
    try:
        with pytest.raises(HistoryError) as caught:
            read_history(path, limits=limits)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.problem == problem
    assert peak < 16_000_000


def test_the_limit_is_met_exactly(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    path.write_bytes(LINE)
    assert len(read_history(path, limits=Limits(total_bytes_max=len(LINE)))) == 1
    with pytest.raises(HistoryError, match=r"more than 40 bytes.*Limits\.total_bytes_max"):
        read_history(path, limits=Limits(total_bytes_max=len(LINE) - 1))


def test_the_file_is_closed_whatever_happens(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    path.write_bytes(LINE)
    with open_reading(path, DEFAULT_LIMITS) as stream:
        assert stream.read() == LINE
    with pytest.raises(ValueError, match="closed file"):
        stream.read()
