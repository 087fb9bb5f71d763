"""The native scan of JSONL against the reader in Python: the same columns, or none at all."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.histories.core.recordings import LIMITS, corrupted, read, recordings, seen

from holdfast.histories.core import NATIVE, Scanned, scan_jsonl

needs_native = pytest.mark.skipif(not NATIVE, reason="the compiled reader was not built")


def scan(content: bytes) -> Scanned | None:
    return scan_jsonl(content, LIMITS.line_bytes_max, LIMITS.events_max)


def check_against_python(content: bytes) -> bool:
    """Return whether it was scanned; what was, Python must take as well and see the same in it."""
    scanned = scan(content)
    if scanned is None:
        return False
    # repr tells 1 from True and 1.0, which are equal
    assert repr(seen(scanned)) == repr(read(content))
    for table in (scanned.functions, scanned.processes, scanned.keys, scanned.values):
        assert len(set(table)) == len(table)
    assert scanned.keys[0] == scanned.values[0] == b"null"
    return True


@needs_native
@given(recordings())
def test_a_recording_gives_the_columns_that_python_finds(content: bytes) -> None:
    assert check_against_python(content)


@needs_native
@given(recordings(), st.integers(0, 1 << 32))
@settings(max_examples=300)
def test_of_a_corrupted_recording_nothing_is_taken_that_python_refuses(
    content: bytes, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        check_against_python(corrupted(content, chance))


CALL = b'{"type":"invoke","process":0,"f":"read"}\n'
OK = b'{"type":"ok","process":0,"f":"read"}\n'
INFO = b'{"type":"info","process":0,"f":"read"}\n'


def call(fields: bytes) -> bytes:
    return CALL[:-2] + b"," + fields + b"}\n"


def ok(fields: bytes) -> bytes:
    return OK[:-2] + b"," + fields + b"}\n"


TAKEN = {
    "one call": CALL,
    "no line break at the end": CALL + OK[:-1],
    "only a note": b'{"type":"info","process":"nemesis","f":"kill"}\n',
    "notes between, counted as positions": CALL
    + b'{"type":"invoke","process":"nemesis","f":"kill","index":4}\n'
    + OK,
    "the number 0 and the string 0 are two clients": CALL
    + b'{"type":"invoke","process":"0","f":"read"}\n',
    "null in every field that may be null": call(
        b'"index":null,"time":null,"value":null,"key":null,"node":null,"error":null'
    ),
    "the greatest time": call(b'"time":2305843009213693952'),
    "many digits": call(b'"value":%s' % (b"9" * 100)),
    "the deepest value": call(b'"value":%s%s' % (b"[" * 64, b"]" * 64)),
    "a key with escapes": call(b'"key":"\\u00e9"') + ok(b'"key":"\\u00e9"'),
    "an extra field twice": call(b'"zone":1,"zone":2'),
    "the longest line": call(b'"value":"%s"' % (b"x" * (400 - len(CALL) - 11))),
    "the most events": (CALL + OK) * 15,
}


@needs_native
@pytest.mark.parametrize("content", TAKEN.values(), ids=TAKEN)
def test_what_is_taken(content: bytes) -> None:
    assert check_against_python(content)


LEFT = {
    "nothing": b"",
    "a blank line": b"\n" + CALL,
    "a byte order mark": b"\xef\xbb\xbf" + CALL,
    "a list": b"[]\n",
    "an empty object": b"{}\n",
    "two objects on a line": CALL[:-1] + OK,
    "an object on two lines": CALL.replace(b",", b",\n"),
    "a comma too many": call(b"").replace(b",}", b",}"),
    "no type": b'{"process":0,"f":"read"}\n',
    "no process": b'{"type":"invoke","f":"read"}\n',
    "no f": b'{"type":"invoke","process":0}\n',
    "an unknown type": CALL.replace(b"invoke", b"call"),
    "a process that is no client": CALL.replace(b"0", b"1.0"),
    "a process written otherwise": CALL.replace(b"0", b"-0"),
    "a process with escapes": CALL.replace(b"0", b'"\\u0061"'),
    "an f with escapes": CALL.replace(b"read", b"re\\u0061d"),
    "a name with escapes": call(b'"v\\u0061lue":1'),
    "a field twice": call(b'"value":1,"value":2'),
    "a negative index": call(b'"index":-1'),
    "a time with a fraction": call(b'"time":1.0'),
    "a time beyond int64": call(b'"time":9223372036854775808'),
    "a leading zero": call(b'"value":01'),
    "too great a number": call(b'"value":1e400'),
    "not a number": call(b'"value":NaN'),
    "too many digits": call(b'"value":%s' % (b"9" * 101)),
    "nested too deeply": call(b'"value":%s%s' % (b"[" * 65, b"]" * 65)),
    "half a surrogate pair": call(b'"value":"\\ud800"'),
    "the other half": call(b'"value":"\\udc00"'),
    "half a pair and another character": call(b'"value":"\\ud800\\u0041"'),
    "two last halves": call(b'"value":"\\udc00\\udc00"'),
    "half a pair and what only looks like the other": call(b'"value":"\\ud800--dc00"'),
    "overlong UTF-8": call(b'"zone":"\xc0\xaf"'),
    "UTF-8 of a surrogate": call(b'"zone":"\xed\xa0\x80"'),
    "UTF-8 beyond Unicode": call(b'"zone":"\xf4\x90\x80\x80"'),
    "UTF-8 that is cut": call(b'"zone":"\xe2\x82"'),
    "a control character": call(b'"node":"\x1f"'),
    "a node that is a number": call(b'"node":1'),
    "a file that ends in a string": CALL + b'{"type":"invo',
    "too long a line": call(b'"value":"%s"' % (b"x" * (401 - len(CALL) - 11))),
    "too many events": (CALL + OK) * 15 + CALL,
    "a completion without a call": OK,
    "a second completion": CALL + OK + OK,
    "a second call within a call": CALL + CALL,
    "a call after an info": CALL + INFO + CALL,
    "a completion after an info": CALL + INFO + OK,
    "another f": CALL + OK.replace(b"read", b"write"),
    "another key": call(b'"key":1') + ok(b'"key":2'),
    "a key that is equal for Python": call(b'"key":1') + ok(b'"key":true'),
    "time that runs backwards": call(b'"time":2') + ok(b'"time":1'),
    "a time later than any": call(b'"time":2305843009213693953'),
    "a time that is missing": call(b'"time":2') + OK,
    "a time too many": CALL + ok(b'"time":2'),
    "a time missing on a note": call(b'"time":2')
    + b'{"type":"info","process":"nemesis","f":"kill"}\n',
    "an index again": call(b'"index":2') + ok(b'"index":2'),
    "an index again after one without": call(b'"index":2') + OK + call(b'"index":2'),
}


@needs_native
@pytest.mark.parametrize("content", LEFT.values(), ids=LEFT)
def test_what_is_left_to_python(content: bytes) -> None:
    assert scan(content) is None


@needs_native
@pytest.mark.parametrize("field", ["value", "zone", "key", "error"])
def test_every_byte_in_a_string_is_taken_or_left_as_python_would(field: str) -> None:
    """UTF-8 exhaustively where it matters: all pairs, and the first two bytes of longer ones."""
    decisive = [0x00, 0x22, 0x5C, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
    for first in range(256):
        for second in decisive:
            for tail in (b"", b"\x80", b"\x80\xbf"):
                text = bytes([first, second]) + tail
                content = call(b'"%s":"%s"' % (field.encode(), text))
                try:
                    read(content)
                except ValueError:
                    assert scan(content) is None, text
                else:
                    assert check_against_python(content), text


@needs_native
def test_tables_hold_the_texts_in_the_order_of_first_appearance() -> None:
    scanned = scan(
        call(b'"value":[1, 2],"key":"k"')
        + ok(b'"value":[1,2],"key":"k"')
        + call(b'"value":"x","key":7')
        + b'{"type":"fail","process":0,"f":"read","key":7,"value":"lost","error":[1, 2]}\n'
        + b'{"type":"invoke","process":"p","f":"write","value":null}\n'
    )
    assert scanned is not None
    assert scanned.values == [b"null", b"[1, 2]", b"[1,2]", b'"x"']
    assert scanned.keys == [b"null", b'"k"', b"7"]
    assert scanned.functions == [b'"read"', b'"write"']
    assert scanned.processes == [b"0", b'"p"']
    assert array("i", scanned.answer).tolist() == [2, 1, 0]
    assert array("i", scanned.value).tolist() == [1, 3, 0]


@needs_native
def test_many_different_values_and_clients_keep_their_numbers() -> None:
    count = 20_000
    lines = [
        b'{"type":"invoke","process":%d,"f":"read","value":"%x"}\n' % (n, n * n)
        for n in range(count)
    ]
    lines += [
        b'{"type":"ok","process":%d,"f":"read","value":"%x"}\n' % (n, n * n) for n in range(count)
    ]
    scanned = scan_jsonl(b"".join(lines), 100, 2 * count)
    assert scanned is not None
    assert scanned.values == [b"null", *(b'"%x"' % (n * n) for n in range(count))]
    assert array("i", scanned.process).tolist() == list(range(count))
    assert scanned.value == scanned.answer == array("i", range(1, count + 1)).tobytes()
    assert array("q", scanned.completed).tolist() == list(range(count, 2 * count))


@needs_native
def test_notes_are_told_with_their_positions() -> None:
    note = b'{"type":"info","process":"nemesis","f":"kill"}\n'
    scanned = scan(note + CALL + note + OK)
    assert scanned is not None
    assert array("q", scanned.notes).tolist() == [0, len(note) + len(CALL)]
    assert array("q", scanned.note_positions).tolist() == [0, 2]
    assert array("q", scanned.completed).tolist() == [3]


@needs_native
def test_any_buffer_is_taken_and_what_is_none_is_refused() -> None:
    for buffer in (bytearray(CALL), memoryview(b"x" + CALL)[1:]):
        assert scan_jsonl(buffer, 400, 30) is not None
    with pytest.raises(TypeError, match="bytes-like"):
        scan_jsonl("text", 400, 30)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="bytes-like"):
        scan_jsonl(None, 400, 30)  # type: ignore[arg-type]


@needs_native
def test_other_threads_run_meanwhile() -> None:
    content = b"".join(
        b'{"type":"%s","process":%d,"f":"read"}\n' % (type, n)
        for n in range(200_000)
        for type in (b"invoke", b"ok")
    )
    begun, ran = threading.Semaphore(0), threading.Event()

    def run() -> None:
        begun.acquire()
        ran.set()

    interval = sys.getswitchinterval()
    other = threading.Thread(target=run)
    other.start()
    try:
        # This thread keeps the interpreter to itself, unless the scan gives it away.
        sys.setswitchinterval(60)
        begun.release()
        before = ran.is_set()
        scan_jsonl(content, 400, 1 << 20)
        after = ran.is_set()
    finally:
        sys.setswitchinterval(interval)
        other.join()
    assert (before, after) == (False, True)


@pytest.mark.parametrize(
    ("engine", "expected"), [("python", "False None"), ("pyhton", "ImportError")]
)
def test_the_native_reader_can_be_turned_off(engine: str, expected: str) -> None:
    code = (
        "from holdfast.histories.core import NATIVE, scan_jsonl\n"
        f"print(NATIVE, scan_jsonl({CALL!r}, 400, 30))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "HOLDFAST_ENGINE": engine},
        capture_output=True,
        text=True,
        check=False,
    )
    assert expected in ended.stdout + ended.stderr
