"""Jepsen's history.edn: fields, forms of the file, lines, and each thing that is refused."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import DEFAULT_LIMITS, Limits, read_events, read_history
from holdfast.histories.formats.jepsen_edn import PIECE_BYTES, JepsenEdn, events_of
from holdfast.histories.history import History, Line
from holdfast.histories.operation import NEMESIS, NO_EXTRA, Event, Outcome
from holdfast.histories.order import precedes
from holdfast.models.value import FrozenMapping


def read(text: str) -> list[tuple[int, Event]]:
    return list(JepsenEdn().read(io.BytesIO(text.encode()), "h.edn", DEFAULT_LIMITS))


def problem_of(content: bytes) -> tuple[HistoryError | None, list[Line]]:
    """Return what is wrong with the content, if anything, and the events in front of that."""
    lines: list[Line] = []
    try:
        lines.extend(JepsenEdn().read(io.BytesIO(content), "h.edn", DEFAULT_LIMITS))
    except HistoryError as error:
        return error, lines
    return None, lines


READ = {
    "the least": ("{:type :ok, :process 0, :f :read}", Event("ok", 0, "read")),
    "all fields": (
        "{:index 3, :time 70, :type :info, :process 4, :f :cas, :value [1 2], :key :x, "
        ':node "n1", :error [:timeout "no answer"]}',
        Event("info", 4, "cas", (1, 2), 70, 3, "x", "n1", ("timeout", "no answer")),
    ),
    "fields that mean nothing": (
        "{:type :ok, :process 0, :f :read, :value nil, :time nil, :index nil, :error nil, "
        ":key nil, :node nil}",
        Event("ok", 0, "read"),
    ),
    "a time and an index that Jepsen does not know": (
        "{:type :ok, :process 0, :f :read, :time -1, :index -1}",
        Event("ok", 0, "read"),
    ),
    "unknown keys": (
        '{:type :ok, :process 0, :f :read, :zone "a", :debug {:at [1 nil]}}',
        Event("ok", 0, "read", extra=FrozenMapping({"zone": "a", "debug": {"at": (1, None)}})),
    ),
    "the nemesis": (
        '{:type :info, :process :nemesis, :f :start, :value {"n1" :killed}}',
        Event("info", NEMESIS, "start", FrozenMapping({"n1": "killed"})),
    ),
    "a named client": ("{:type :ok :process :c1 :f :read}", Event("ok", "c1", "read")),
    "a record": (
        "#jepsen.history.Op{:type :ok, :process 0, :f :read}",
        Event("ok", 0, "read"),
    ),
    "a record of another kind": (
        "#knossos.op.Op {:type :ok, :process 0, :f :read}",
        Event("ok", 0, "read"),
    ),
    "a transaction": (
        "{:type :ok, :process 0, :f :txn, :value [[:r :x [1 2]] [:w :y 3]]}",
        Event("ok", 0, "txn", (("r", "x", (1, 2)), ("w", "y", 3))),
    ),
    "a set": (
        "{:type :ok, :process 0, :f :read, :value #{2 1}}",
        Event("ok", 0, "read", (1, 2)),
    ),
    "an exception": (
        '{:type :info, :process 0, :f :read, :exception #error{:cause "gone" :at [a.B/c 7]}}',
        Event(
            "info",
            0,
            "read",
            extra=FrozenMapping({"exception": {"#error": {"cause": "gone", "at": ("a.B/c", 7)}}}),
        ),
    ),
    "a value that is discarded": (
        "{:type :ok, :process 0, :f :read, :value #_ 7 8}",
        Event("ok", 0, "read", 8),
    ),
    "a value of many lines": (
        '{:type :ok, :process 0, :f :read, :value "a\nb"}',
        Event("ok", 0, "read", "a\nb"),
    ),
}


@pytest.mark.parametrize("after", ["", "\n", " ; end", ",,"], ids=repr)
@pytest.mark.parametrize(("text", "event"), READ.values(), ids=READ)
def test_an_event(text: str, event: Event, after: str) -> None:
    # Once the shape of the first is learnt, the second is read in another way.
    for line, read_event in read(f"{text}\n{text}{after}"):
        assert read_event == event
        assert repr(read_event) == repr(event)
        assert line in (1, 2 + text.count("\n"))


def test_an_event_without_other_fields_shares_the_empty_mapping() -> None:
    assert all(event.extra is NO_EXTRA for _, event in read(READ["the least"][0] * 2))


A, B = "{:type :invoke, :process 0, :f :read}", "{:type :ok, :process 0, :f :read, :value 5}"
EVENTS = [Event("invoke", 0, "read"), Event("ok", 0, "read", 5)]
FORMS = {
    "a vector": (f"[{A}\n{B}]", [1, 2]),
    "a list": (f"({A}\n\n{B})\n", [1, 3]),
    "a vector on one line": (f"[{A} {B}]", [1, 1]),
    "a vector with nothing between": (f"[{A}{B}]", [1, 1]),
    "lines": (f"{A}\n{B}\n", [1, 2]),
    "lines of Windows": (f"{A}\r\n{B}\r\n", [1, 2]),
    "no last line break": (f"{A}\n{B}", [1, 2]),
    "a mark of the byte order": (f"\ufeff{A}\n{B}", [1, 2]),
    "comments": (f"; one [\n\n[ ; two\n{A} ; three\n;\n {B}\n ; four\n] ; five", [4, 6]),
    "discarded events": (f"[#_ {A}\n{A}\n{B} #_ {{:no :event}}\n]", [2, 3]),
    "pretty": (f"[{A}\n{B}]".replace(",", ",\n"), [1, 4]),
    "commas": (f"[,{A},{B},]", [1, 1]),
}


@pytest.mark.parametrize(("text", "lines"), FORMS.values(), ids=FORMS)
def test_the_forms_of_a_file(text: str, lines: list[int]) -> None:
    assert read(text) == list(zip(lines, EVENTS, strict=True))


@pytest.mark.parametrize("text", ["", "[]", "()", "; nothing\n", "[#_ 5]", "[ ;\n ]"])
def test_a_file_without_events(tmp_path: Path, text: str) -> None:
    path = tmp_path / "h.edn"
    path.write_text(text)
    with pytest.raises(HistoryError, match="it holds no events"):
        read_history(path)


def test_a_history() -> None:
    history = """
        {:process :nemesis, :type :info, :f :start, :value nil}
        {:process 0, :type :invoke, :f :cas, :value [0 1]}
        {:process 1, :type :invoke, :f :write, :value 2}
        {:process 0, :type :fail, :f :cas, :value [0 1], :error :precondition}
        {:process 1, :type :info, :f :write, :value 2, :error :timeout}
        {:process 11, :type :invoke, :f :read, :value nil}
    """
    read_history = History.from_lines(read(history), source="h.edn")
    assert [operation.outcome for operation in read_history] == [
        Outcome.FAIL,
        Outcome.INFO,
        Outcome.INFO,
    ]
    assert [note.f for note in read_history.notes] == ["start"]
    assert [read_history.line_of(operation) for operation in read_history] == [3, 4, 7]


def test_a_time_behind_a_later_one_is_raised_to_it_and_kept() -> None:
    times = [5, 9, 7, 9, 8, 10]
    text = "".join(f"{{:type :ok, :process 0, :f :x, :time {time}, :zone 1}}" for time in times)
    events = [event for _, event in read(text)]
    assert [event.time for event in events] == [5, 9, 9, 9, 9, 10]
    assert [event.extra.get("recorded_time") for event in events] == [None, None, 7, None, 8, None]
    assert all(event.extra["zone"] == 1 for event in events)


def test_the_order_of_a_file_is_weakened_by_its_times_and_never_changed() -> None:
    # By the file the read of 0 began when the write was over; by the times they overlapped.
    events = [
        "{:type :invoke, :process 0, :f :write, :value 1, :time 1}",
        "{:type :ok, :process 0, :f :write, :value 1, :time 9}",
        "{:type :invoke, :process 1, :f :read, :value nil, :time 8}",
        "{:type :ok, :process 1, :f :read, :value 0, :time 12}",
    ]
    write, reading = History.from_lines(read("\n".join(events)), source="h.edn")
    assert not precedes(write, reading)
    assert not precedes(reading, write)


CUT = ("the file ends in the middle of this event", "remove it if the recording was cut off")
MAP = "each event is a map with at least :type, :process and :f"
EDN = "the file must be EDN, as Clojure prints it"
START = "{:type :ok, :process 0, :f :read"
WRONG = {
    "no map": ("[[1 2]]", 1, "this is not a map", MAP),
    "a word": ("hello", 1, "this is not a map", MAP),
    "a set of events": (f"#{{{A}}}", 1, "this is not a map", MAP),
    "a vector in a vector": (f"[\n[{A}]]", 2, "this is not a map", MAP),
    "a vector behind an event": (f"{A}\n[{A}]", 2, "this is not a map", MAP),
    "no type": (
        "{:process 0, :f :read}",
        1,
        "it has no :type",
        f"{MAP}; :type is :invoke, :ok, :fail or :info",
    ),
    "no process": (
        "{:type :ok, :process nil, :f :read}",
        1,
        "it has no :process",
        f"{MAP}; :process is a whole number or a keyword",
    ),
    "no function": (
        "\n{:type :ok\n, :process 0}",
        2,
        "it has no :f",
        f"{MAP}; :f is a keyword, the function called",
    ),
    "an empty map": ("{}", 1, "it has no :type", f"{MAP}; :type is :invoke, :ok, :fail or :info"),
    "another type": (
        "{:type :done, :process 0, :f :read}",
        1,
        "its type is 'done'",
        "type must be :invoke, :ok, :fail or :info",
    ),
    "a process that is a fraction": (
        "{:type :ok, :process 1.5, :f :read}",
        1,
        "its process is 1.5",
        "process must be a whole number or a keyword",
    ),
    "a process that is true": (
        "{:type :ok, :process true, :f :read}",
        1,
        "its process is True",
        "process must be a whole number or a keyword",
    ),
    "a function that is a number": (
        "{:type :ok, :process 1, :f 7}",
        1,
        "its f is 7",
        "f must be a keyword, the function called",
    ),
    "a time that is a fraction": (
        f"{START}, :time 1.5}}",
        1,
        "its time is 1.5",
        "time must be whole nanoseconds since the start of the recording",
    ),
    "an index that is a word": (
        f"{START}, :index :first}}",
        1,
        "its index is 'first'",
        "index must be a whole number",
    ),
    "a node that is a number": (
        f"{START}, :node 1}}",
        1,
        "its node is 1",
        "node must be a string or a keyword",
    ),
    "a field twice": (f"{START}, :f :read}}", 1, "a map holds the key 'f' twice", EDN),
    "a field without a value": (f"{START}, :value}}", 1, "a map holds a key without a value", EDN),
    "a bad value": (f"{START}, :value\n 1a}}", 2, "1a is not a number", EDN),
    "a bad value in a vector": (f"{START}, :value [1\n::a]}}", 2, "::a is not a keyword", EDN),
    "a bad escape": (f'{START}, :value "a\\q"}}', 1, r"a string holds the bad escape \q", EDN),
    "a bracket too few": (f"{START}, :value [1 2}}", 1, "} stands where ] must close [", EDN),
    "a bracket too many": (f"{START}, :value 1]}}", 1, "] stands where } must close {", EDN),
    "a bracket that closes nothing": (f"{A}\n]", 2, "] closes nothing", EDN),
    "the wrong last bracket": (f"[{A}\n)", 2, ") closes nothing", EDN),
    "something behind the end": (
        f"[{A}]\n{A}",
        2,
        "something follows the end of the history",
        "remove it",
    ),
    "a bottomless vector": (
        f"{START}, :value " + "[" * 100_000,
        1,
        "its value is nested too deeply",
        "record a flatter value",
    ),
    "a vector of a thousand levels": (
        f"{START}, :value " + "[" * 1000 + "]" * 1000 + "}",
        1,
        "its value is nested too deeply",
        "record a flatter value",
    ),
    "a number of five thousand digits": (
        f"{START}, :value {'7' * 5000}}}",
        1,
        "it holds a number that is out of range",
        "write it as a string",
    ),
    "a control character": (f"{START}\n, :value \x01}}", 2, r"'\x01' cannot stand here", EDN),
    "zero bytes": (f"{A}\n\0", 2, "this is binary data", f"{EDN}, in UTF-8"),
    "a zero byte in a string": (
        f'{START}, :value "\n\0"}}',
        2,
        "this is binary data",
        f"{EDN}, in UTF-8",
    ),
    "an event cut off": (f"[{A}\n{B[:-1]}", 2, *CUT),
    "a string cut off": (f'{A}\n{START}, :value "', 2, *CUT),
    "a tag cut off": (f"{A}\n#jepsen.history.Op", 2, *CUT),
    "a vector cut off": (
        f"\n[{A}\n",
        3,
        "the file ends before the ] that belongs to line 2",
        "add ] if the recording was cut off",
    ),
}


@pytest.mark.parametrize(("text", "line", "problem", "remedy"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_line_and_remedy(
    text: str, line: int, problem: str, remedy: str
) -> None:
    # Behind two events whose shape is learnt the same is told, but that there no vector can begin.
    for before in ("",) if text.lstrip().startswith(("[", "(")) else ("", f"{A}\n{B}\n"):
        with pytest.raises(HistoryError) as caught:
            read(before + text)
        assert str(caught.value) == f"h.edn:{line + len(before.splitlines())}: {problem}; {remedy}"
        assert str(caught.value).isprintable()


def test_other_encodings_are_told() -> None:
    for content, line in ((A.encode() + b'\n;\n"\xff', 3), (A.encode() + b"\n\xc3", 2)):
        with pytest.raises(HistoryError, match=rf"h:{line}: this is not UTF-8 \(.*\); .*in UTF-8"):
            list(JepsenEdn().read(io.BytesIO(content), "h", DEFAULT_LIMITS))


@pytest.mark.parametrize(
    "event",
    [
        f'{START}, :value "{"x" * 2000}"}}',
        f'{START}, :value "{"x" * 2000}',
        f"{START}, :value [{'1 ' * 2000}",
        f"{START} ; {'x' * 2000}",
        f"{START},{' ' * 2000}}}",
    ],
    ids=["whole", "a string without end", "a vector without end", "a comment", "space"],
)
@pytest.mark.parametrize("learnt", [False, True], ids=["first", "learnt"])
def test_the_longest_event_is_limited(event: str, learnt: bool) -> None:
    before = f"{START}, :value 1}}\n" * learnt
    pieces = iter(
        [before.encode(), event.encode(), b" " * 10] if before else [event.encode(), b" "]
    )
    with pytest.raises(HistoryError, match=r"longer than 1,000 bytes; .*Limits") as caught:
        list(events_of(pieces, "h", Limits(line_bytes_max=1000)))
    assert caught.value.line == 1 + learnt


def test_a_comment_without_end_is_limited() -> None:
    pieces = (b";" + b"x" * 600 for _ in range(10))
    with pytest.raises(HistoryError, match=r"longer than 1,000 bytes"):
        list(events_of(pieces, "h", Limits(line_bytes_max=1000)))


def test_space_is_not_limited_and_its_lines_are_counted() -> None:
    pieces = iter([b"\n ," * 1000] * 10 + [A.encode()])
    assert list(events_of(pieces, "h", Limits(line_bytes_max=1000))) == [(10_001, EVENTS[0])]


def test_events_are_given_before_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "h.edn"
    path.write_text(f"[{A}\n{B}\nnonsense")
    lines = read_events(path)
    assert [next(lines), next(lines)] == [(1, EVENTS[0]), (2, EVENTS[1])]
    with pytest.raises(HistoryError):
        next(lines)


def test_a_file_is_read_piece_by_piece() -> None:
    size = 3 * PIECE_BYTES
    stream = io.BytesIO(b"[" + (A + "\n").encode() * (size // (len(A) + 1)))
    next(JepsenEdn().read(stream, "h", DEFAULT_LIMITS))
    assert stream.tell() == PIECE_BYTES


fields = st.fixed_dictionaries(
    {
        "type": st.sampled_from([":invoke", ":ok", ":fail", ":info"]),
        "process": st.sampled_from(["0", "17", ":nemesis"]),
        "f": st.sampled_from([":read", ":txn", ":add!", '"put"']),
    },
    optional={
        "value": st.sampled_from(
            [
                "nil",
                "-5",
                "1.5",
                ":x",
                '"é, [}"',
                '"\\n"',
                "[1 nil]",
                "[[:r :x nil] [:w :y [1 2]]]",
                "[[[[1]]]]",
                "{:a 1}",
                "{:a {:b [1]}, :c #{}}",
                "({1 2} #{[3]})",
                '{"}" "["}',
                "#{1}",
                "#_ 1 2",
                "#a 1",
                "[1 ;]\n2]",
                "[#_ 1]",
                r"[\]]",
            ]
        ),
        "time": st.integers(0, 10**20).map(str),
        "index": st.integers(0, 10**9).map(str),
        "node": st.sampled_from(['"n1"', ":n1", "nil"]),
        "error": st.sampled_from([":timeout", '[:gone "x"]', "nil"]),
        "zone": st.sampled_from(["7", ":a", "[1]", "{}"]),
    },
)


@st.composite
def _written(draw: st.DrawFn) -> str:
    """An event as a history may spell it, its fields in an order of its own."""
    names = draw(fields)
    order = draw(st.permutations(sorted(names)))
    gap = draw(st.sampled_from([", ", " ", "\n ", ",,"]))
    opener = draw(st.sampled_from(["{", "{ ", "#jepsen.history.Op{", "#jepsen.history.Op {"]))
    return opener + gap.join(f":{name} {names[name]}" for name in order) + "}"


def _events(text: str) -> list[Event]:
    return [event for _, event in read(text)]


@given(written=st.lists(_written(), min_size=1, max_size=8))
def test_learnt_shapes_change_nothing(written: list[str]) -> None:
    text = "\n".join(written * 2)
    # A comment behind the brace is a shape that is never learnt.
    careful = "\n".join(event.replace("{", "{;\n", 1) for event in written * 2)
    assert repr(_events(text)) == repr(_events(careful))


@given(
    written=st.lists(_written(), min_size=1, max_size=4),
    ends=st.lists(st.integers(1, 400), max_size=8),
    brackets=st.booleans(),
)
def test_where_a_file_is_divided_changes_nothing(
    written: list[str], ends: list[int], brackets: bool
) -> None:
    text = "\n; é 😀\n".join(written)
    content = (f"[{text}]" if brackets else text).encode()
    places = sorted({0, len(content), *(end for end in ends if end < len(content))})
    pieces = [content[start:end] for start, end in itertools.pairwise(places)]
    assert list(events_of(iter(pieces), "h", DEFAULT_LIMITS)) == list(
        events_of(iter([content]), "h", DEFAULT_LIMITS)
    )


@given(written=st.lists(_written(), min_size=2, max_size=3), brackets=st.booleans())
def test_wherever_a_file_is_cut_it_is_read_or_the_cut_is_told(
    written: list[str], brackets: bool
) -> None:
    text = "\n".join(written)
    text = f"[{text}]" if brackets else text
    whole = read(text)
    for end in range(1, len(text)):
        told, part = problem_of(text[:end].encode())
        assert part == whole[: len(part)]
        if told is None:
            assert not brackets
            assert text[:end].rstrip().endswith("}")
        else:
            assert told.problem.startswith("the file ends")


@given(
    content=st.binary(max_size=60)
    | st.text('[](){}#_"\\;: \n:type0\x00é', max_size=60).map(str.encode)
)
def test_whatever_the_file_it_is_read_or_refused_in_one_line(content: bytes) -> None:
    told, _ = problem_of(b"[" + A.encode() + content)
    if told is not None:
        assert str(told).isprintable()
        assert told.line is not None


def test_hostile_names_of_fields_cost_no_time() -> None:
    many = " ".join(f":k{number} 1" for number in range(20_000))
    long = f":{'k' * 500_000} 1"
    assert len(read(f"{START} {many}}}\n{START} {long}}}" * 2)) == 4


def _values(events: list[Event]) -> list[Any]:
    return [event.value for event in events]


def test_more_spellings_than_are_kept() -> None:
    text = "".join(f"{START}, :value [{number} 0]}}" for number in range(60_000))
    assert _values(_events(text)) == [(number, 0) for number in range(60_000)]
