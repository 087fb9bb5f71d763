"""The compiled core, its twin in plain Python and counting by hand must agree, errors included."""

import mmap
import os
import subprocess
import sys
from array import array
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.checker import core
from holdfast.checker.core import fallback

Peak = Callable[[Any, Any], int]

NATIVE_PEAK: Peak | None = None
if find_spec("holdfast.checker.core._native"):
    from holdfast.checker.core._native import peak_concurrency

    NATIVE_PEAK = peak_concurrency

LEAST, GREATEST = -(2**63), 2**63 - 1


@pytest.fixture(params=["native", "fallback"])
def peak(request: pytest.FixtureRequest) -> Peak:
    if request.param == "fallback":
        return fallback.peak_concurrency
    return native_peak()


def native_peak() -> Peak:
    if NATIVE_PEAK is None:
        missing = "the native core was not compiled when holdfast was installed"
        if os.environ.get("HOLDFAST_REQUIRE_NATIVE") == "1":
            pytest.fail(f"{missing}, but HOLDFAST_REQUIRE_NATIVE=1")
        pytest.skip(missing)
    return NATIVE_PEAK


def packed(*times: int) -> bytes:
    return array("q", times).tobytes()


def counted_peak(operations: list[tuple[int, int]]) -> int:
    # The peak is reached at some invocation, so it is enough to count there.
    return max(
        (sum(start <= instant <= end for start, end in operations) for instant, _ in operations),
        default=0,
    )


def outcome(peak: Peak, invoked: object, completed: object) -> int | tuple[type[Exception], str]:
    try:
        return peak(invoked, completed)
    except Exception as error:
        return type(error), str(error)


instants = st.integers(-5, 5) | st.integers(LEAST, GREATEST)
operations = st.lists(st.tuples(instants, instants).map(lambda times: (min(times), max(times))))
buffers = st.one_of(
    st.lists(instants, max_size=4).map(lambda times: packed(*times)),
    st.binary(max_size=20),
    st.sampled_from([None, 1, "text", [1], memoryview(bytes(32))[::2]]),
)


@given(operations)
@example([(0, 1), (1, 2)])
def test_agrees_with_counting_by_hand(operations: list[tuple[int, int]]) -> None:
    invoked = packed(*(start for start, _ in operations))
    completed = packed(*(end for _, end in operations))
    expected = counted_peak(operations)
    assert fallback.peak_concurrency(invoked, completed) == expected
    if NATIVE_PEAK is not None:
        assert NATIVE_PEAK(invoked, completed) == expected


@given(buffers, buffers)
def test_both_engines_refuse_alike(invoked: object, completed: object) -> None:
    assert outcome(native_peak(), invoked, completed) == outcome(
        fallback.peak_concurrency, invoked, completed
    )


@pytest.mark.parametrize(
    ("invoked", "completed", "expected"),
    [
        pytest.param((), (), 0, id="nothing"),
        pytest.param((3,), (3,), 1, id="one instant"),
        pytest.param((0, 1), (1, 2), 2, id="touching intervals are concurrent"),
        pytest.param((0, 2), (1, 3), 1, id="one after the other"),
        pytest.param((0, 4, 1), (9, 5, 2), 2, id="in no order"),
        pytest.param((LEAST, GREATEST), (LEAST, GREATEST), 1, id="the ends of time"),
    ],
)
def test_peak(
    peak: Peak, invoked: tuple[int, ...], completed: tuple[int, ...], expected: int
) -> None:
    assert peak(packed(*invoked), packed(*completed)) == expected


@pytest.mark.parametrize(
    ("invoked", "completed", "why"),
    [
        pytest.param(
            packed(1),
            packed(),
            "invoked and completed differ in length: 1 and 0",
            id="unequal lengths",
        ),
        pytest.param(
            bytes(7),
            packed(),
            "invoked is not a whole number of int64 timestamps: 7 bytes",
            id="a broken timestamp in invoked",
        ),
        pytest.param(
            packed(),
            bytes(9),
            "completed is not a whole number of int64 timestamps: 9 bytes",
            id="a broken timestamp in completed",
        ),
        pytest.param(
            packed(1, 5),
            packed(1, 4),
            "operation 1 completes before its invocation",
            id="a completion before its invocation",
        ),
    ],
)
def test_nonsense_is_refused(peak: Peak, invoked: bytes, completed: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        peak(invoked, completed)


def test_takes_any_plain_buffer(peak: Peak) -> None:
    times = packed(7, 8)
    mapped = mmap.mmap(-1, len(times))
    mapped.write(times)
    unaligned = memoryview(b"." + times)[1:]
    for buffer in (times, bytearray(times), array("q", [7, 8]), mapped, unaligned):
        assert peak(buffer, buffer) == 1


def test_environment_forces_the_twin() -> None:
    run = core_in_a_new_process("python")
    assert run.stdout.split() == ["False", fallback.__name__]


def test_unknown_engine_is_refused() -> None:
    run = core_in_a_new_process("pyhton")
    assert run.returncode != 0
    assert "HOLDFAST_ENGINE may only be 'python'" in run.stderr


def core_in_a_new_process(engine: str) -> subprocess.CompletedProcess[str]:
    script = (
        "from holdfast.checker import core\nprint(core.NATIVE, core.peak_concurrency.__module__)"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "HOLDFAST_ENGINE": engine},
        capture_output=True,
        text=True,
        check=False,
    )


def test_says_which_engine_is_at_work() -> None:
    if os.environ.get("HOLDFAST_ENGINE") == "python":
        pytest.skip("HOLDFAST_ENGINE=python forces the twin")
    if core.NATIVE:
        assert core.peak_concurrency is NATIVE_PEAK
    else:
        assert NATIVE_PEAK is None
        assert core.peak_concurrency is fallback.peak_concurrency
