"""Reading and writing histories, whatever the format: what every registered one must do."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import (
    DEFAULT_LIMITS,
    FORMATS,
    Format,
    Limits,
    RecognizedFormat,
    WritableFormat,
    format_of,
    read_events,
    read_history,
    write_history,
)
from holdfast.histories.formats.compression import open_writing
from holdfast.histories.history import Line
from holdfast.histories.operation import NEMESIS, Event
from holdfast.models.value import FrozenMapping, freeze
from holdfast.registry import UnknownName

WRITABLE = {name: format for name, format in FORMATS if isinstance(format, WritableFormat)}

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
frozen_values = values.map(freeze)
extras = st.dictionaries(
    st.text().filter(lambda name: name not in Event.__struct_fields__ or name == "extra"),
    values,
    max_size=3,
)
events = st.builds(
    Event,
    type=st.sampled_from(["invoke", "ok", "fail", "info"]),
    process=st.integers() | st.text(),
    f=st.text(),
    value=frozen_values,
    time=st.none() | st.integers(0, 2**70),
    index=st.none() | st.integers(0, 2**70),
    key=frozen_values,
    node=st.none() | st.text(),
    error=frozen_values,
    extra=extras.map(FrozenMapping),
)

A_HISTORY = (
    Event("info", NEMESIS, "kill", "n1", time=0, index=0),
    Event("invoke", 0, "acquire", "a", time=5, index=1, key="lock", node="n1"),
    Event("ok", 0, "acquire", 7, time=9, index=2, key="lock", node="n1"),
    Event("invoke", "c", "release", time=9, index=3, extra=FrozenMapping({"zone": [1, {"b": 2}]})),
    Event("info", "c", "release", time=10, index=4, error="time-out"),
)


@pytest.mark.parametrize("name", WRITABLE)
@given(recorded=st.lists(events, min_size=1, max_size=5))
def test_what_was_written_is_read_again(name: str, recorded: list[Event]) -> None:
    stream = io.BytesIO()
    WRITABLE[name].write(recorded, stream)
    stream.seek(0)
    again = [event for _, event in WRITABLE[name].read(stream, "h", DEFAULT_LIMITS)]
    assert again == recorded
    # Equality takes 1, 1.0 and true for the same; what is printed does not.
    assert repr(again) == repr(recorded)
    assert hash(tuple(again)) == hash(tuple(recorded))


@pytest.mark.parametrize("compression", ["", ".gz", ".zst", ".GZ"])
@pytest.mark.parametrize(
    "suffix", [suffix for format in WRITABLE.values() for suffix in format.suffixes]
)
def test_a_file_is_read_and_written_by_its_suffix(
    tmp_path: Path, suffix: str, compression: str
) -> None:
    path = tmp_path / f"a.b{suffix}{compression}"
    write_history(A_HISTORY, path)
    history = read_history(path)
    assert history.events == A_HISTORY
    assert history.source == str(path)
    write_history(history, path)
    assert read_history(str(path)).events == A_HISTORY


@pytest.mark.parametrize("name", WRITABLE)
def test_a_format_can_be_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "history"
    with path.open("wb") as stream:
        WRITABLE[name].write(A_HISTORY, stream)
    assert read_history(path, name).events == A_HISTORY
    assert [event for _, event in read_events(path, format=name)] == list(A_HISTORY)


def test_a_format_that_is_not_there_is_told_with_all_that_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no format 'jsonlines'; did you mean 'jsonl'"):
        read_history(tmp_path / "history", "jsonlines")


@pytest.mark.parametrize(
    "name", ["history", "history.txt", "history.gz", "history.jsonl.bz2", "jsonl", ".gz"]
)
def test_a_name_that_tells_no_format_is_refused_with_the_formats(name: str) -> None:
    with pytest.raises(HistoryError, match=r"tells no format; .*jsonl: \.jsonl") as caught:
        format_of(Path(name))
    assert caught.value.source == name


def test_the_suffix_is_looked_for_before_a_file_is_written() -> None:
    with pytest.raises(HistoryError, match="tells no format"):
        write_history(A_HISTORY, "no/such/folder/history.txt")


TOLD_BY_CONTENT = {
    "jsonl": b'{"type":"invoke","process":0,"f":"read"}\n',
    "jsonl behind blanks": b'\xef\xbb\xbf\n { "type":"invoke","process":0,"f":"read"}\n',
    "jepsen-edn": b"[{:type :invoke, :process 0, :f :read}]\n",
    "jepsen-edn by the line": b"{:type :invoke, :process 0, :f :read}\n",
    "jepsen-edn behind a comment": b"; [a\n\n(; b\n {:type :invoke, :process 0, :f :read})",
    "jepsen-edn of records": b"#jepsen.history.Op{:type :invoke, :process 0, :f :read}",
    "porcupine-log": b"INFO  jepsen.util - 0\t:invoke\t:read\tnil\n",
    "porcupine-log behind other lines": b"starting\n{}\n0\t:invoke\t:read\tnil\n",
}


@pytest.mark.parametrize("content", TOLD_BY_CONTENT.values(), ids=TOLD_BY_CONTENT)
@pytest.mark.parametrize("name", ["h", "h.txt", "h.log", "h.txt.gz", "h.log.zst", "h.gz"])
def test_where_the_name_tells_no_format_the_content_does(
    tmp_path: Path, name: str, content: bytes
) -> None:
    with open_writing(tmp_path / name) as stream:
        stream.write(content)
    (operation,) = read_history(tmp_path / name)
    assert (operation.process, operation.f) == (0, "read")


@pytest.mark.parametrize("content", TOLD_BY_CONTENT.values(), ids=TOLD_BY_CONTENT)
def test_no_two_formats_recognize_one_content(content: bytes) -> None:
    recognizing = [
        name
        for name, format in FORMATS
        if isinstance(format, RecognizedFormat) and format.recognizes(content)
    ]
    assert len(recognizing) == 1


@pytest.mark.parametrize(
    "content", [b"hello\n", b"[1, 2]", b"{}", b'[{"type":"ok"}]', b"\0\0", b"\xff\xfe{:"]
)
def test_a_content_that_tells_no_format_is_refused_with_the_formats(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "h.txt").write_bytes(content)
    with pytest.raises(HistoryError, match=r"neither .* nor .* tell its format; .*jsonl: \.jsonl"):
        read_history(tmp_path / "h.txt")


def test_a_name_that_tells_a_format_is_believed(tmp_path: Path) -> None:
    (tmp_path / "h.jsonl").write_bytes(TOLD_BY_CONTENT["jepsen-edn"])
    with pytest.raises(HistoryError, match="this is not JSON"):
        read_history(tmp_path / "h.jsonl")


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_history(tmp_path / "none.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(IsADirectoryError):
        read_history(tmp_path / "folder.jsonl")


@pytest.mark.parametrize("content", [b"", b"\n", b" \n\r\n\t\n"], ids=["empty", "blank", "blanks"])
@pytest.mark.parametrize("compression", ["", ".gz", ".zst"])
def test_a_file_without_events_is_refused(tmp_path: Path, content: bytes, compression: str) -> None:
    path = tmp_path / f"h.jsonl{compression}"
    with open_writing(path) as stream:
        stream.write(content)
    with pytest.raises(HistoryError) as caught:
        read_history(path)
    assert str(caught.value) == f"{path}: it holds no events; was anything recorded in this file?"


@pytest.mark.parametrize("compression", ["", ".gz", ".zst"])
def test_a_file_of_zero_bytes_has_no_events_whatever_its_name(
    tmp_path: Path, compression: str
) -> None:
    for name in ("h.jsonl", "h.edn", "h.txt", "h"):
        path = tmp_path / f"{name}{compression}"
        path.touch()
        with pytest.raises(HistoryError, match="it holds no events"):
            read_history(path)


def test_contradictions_between_events_name_the_line_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    path.write_text(
        '{"type":"invoke","process":0,"f":"read"}\n\n{"type":"invoke","process":0,"f":"read"}\n'
    )
    with pytest.raises(HistoryError, match="its call of line 1 is still open") as caught:
        read_history(path)
    assert str(caught.value).startswith(f"{path}:3: ")


def test_the_events_are_limited(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    write_history(A_HISTORY, path)
    assert len(read_history(path, limits=Limits(events_max=5)).events) == 5
    with pytest.raises(HistoryError, match=r"more than 4 events; .*Limits\.events_max") as caught:
        read_history(path, limits=Limits(events_max=4))
    assert caught.value.line == 5


def test_events_are_given_before_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    write_history(A_HISTORY, path)
    with path.open("ab") as stream:
        stream.write(b"nonsense\n")
    lines = read_events(path)
    assert [next(lines) for _ in A_HISTORY] == list(enumerate(A_HISTORY, start=1))
    with pytest.raises(HistoryError, match=":6: this is not JSON"):
        next(lines)


class ReadOnly:
    """A format that can be read only."""

    suffixes = (".told",)

    def read(self, stream: BinaryIO, source: str, limits: Limits) -> Iterator[Line]:
        for number, line in enumerate(stream, start=1):
            yield number, Event("invoke", number, line.decode().strip())


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    things: dict[str, Format] = {**dict(FORMATS), "told": ReadOnly()}
    monkeypatch.setattr(FORMATS, "_things", things)


@pytest.mark.usefixtures("read_only")
def test_a_format_of_ones_own_is_read_by_its_suffix_and_through_compression(
    tmp_path: Path,
) -> None:
    path = tmp_path / "h.told.gz"
    path.write_bytes(gzip.compress(b"read\nwrite\n"))
    assert [operation.f for operation in read_history(path)] == ["read", "write"]


@pytest.mark.usefixtures("read_only")
def test_writing_a_format_that_is_only_read_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "h.told"
    with pytest.raises(ValueError, match="only in jsonl"):
        write_history(A_HISTORY, path)
    assert not path.exists()


def test_any_events_can_be_written_a_generator_included(tmp_path: Path) -> None:
    def some() -> Iterable[Any]:
        yield from A_HISTORY

    write_history(some(), tmp_path / "h.jsonl")
    assert read_history(tmp_path / "h.jsonl").events == A_HISTORY
