"""What is compiled of columns and its twin in plain Python agree, errors included."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.histories.core import fallback

if find_spec("holdfast.histories.core._native"):
    from holdfast.histories.core import _native as native
else:
    pytest.skip("the compiled part is not there", allow_module_level=True)

SMALL = st.integers(-3, 5)
NUMBERS = st.lists(SMALL, max_size=30)


def ints(numbers: list[int]) -> array[int]:
    return array("i", numbers)


def longs(numbers: list[int]) -> array[int]:
    return array("q", numbers)


def both(name: str, *arguments: Any) -> Any:
    """Return what both answer, or the kind and the words of the error that both raise."""
    answers = [_answer(getattr(twin, name), arguments) for twin in (native, fallback)]
    assert answers[0] == answers[1]
    return answers[0]


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    except (ValueError, IndexError) as error:
        return type(error), str(error)


@given(st.lists(st.tuples(SMALL, st.integers(0, 3), st.booleans()), max_size=20), st.booleans())
@example([(0, 0, True)], True)
def test_endpoints(rows: list[tuple[int, int, bool]], in_order: bool) -> None:
    if in_order:
        rows.sort(key=lambda row: row[0])
    begins = longs([begin for begin, _, _ in rows])
    ends = longs([begin + length for begin, length, _ in rows])
    both("endpoints", begins, ends, bytes(returns for _, _, returns in rows))


@given(st.lists(st.tuples(SMALL, SMALL, SMALL, st.integers(0, 2)), max_size=60))
@example([(number, 0, 0, 0) for number in range(400)] * 2)
@example([(0, 1, 0, 0), (1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (-1, 0, 0, 0), (0, 0, -1, 0)])
def test_numbered_rows(rows: list[tuple[int, int, int, int]]) -> None:
    columns = [ints([row[at] for row in rows]) for at in range(3)]
    numbers, firsts = both("numbered_rows", *columns, bytes(row[3] for row in rows))
    different = list(dict.fromkeys(rows))
    assert [different[number] for number in ints_of(numbers)] == rows
    assert [rows[first] for first in ints_of(firsts)] == different


@given(NUMBERS)
def test_kept(numbers: list[int]) -> None:
    expected = [place for place, number in enumerate(numbers) if number >= 0]
    assert ints_of(both("kept", ints(numbers))) == expected


@given(st.binary(max_size=40), st.integers(0, 8), st.lists(st.integers(-1, 6), max_size=8))
def test_taken(column: bytes, width: int, places: list[int]) -> None:
    both("taken", column, width, ints(places))


def test_taken_by_hand() -> None:
    assert both("taken", longs([7, 8, 9]), 8, ints([2, 0, 2])) == longs([9, 7, 9]).tobytes()
    assert both("taken", b"abc", 1, ints([3])) == (IndexError, "no such place")
    assert both("taken", b"abc", 2, ints([]))[0] is ValueError


@given(NUMBERS, st.lists(st.integers(-1, 6), max_size=6), st.booleans())
def test_renumbered(endpoints: list[int], kept: list[int], in_order: bool) -> None:
    both("renumbered", ints(endpoints), ints(sorted(set(kept)) if in_order else kept))


def test_renumbered_by_hand() -> None:
    found = both("renumbered", ints([0, 1, ~0, 2, ~2, ~1]), ints([0, 2]))
    assert ints_of(found) == [0, ~0, 1, ~1]


@pytest.mark.parametrize("name", ["endpoints", "numbered_rows"])
def test_columns_of_different_lengths(name: str) -> None:
    columns = [longs([1]), longs([1]), b""]
    if name == "numbered_rows":
        columns = [ints([1]), ints([1]), ints([1]), b""]
    assert both(name, *columns) == (ValueError, "the columns differ in length")


def ints_of(packed: bytes) -> list[int]:
    found = array("i")
    found.frombytes(packed)
    return list(found)
