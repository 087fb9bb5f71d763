"""The persistent sequence behaves as a list of which nothing ever changes, and shares its memory."""

from __future__ import annotations

import copy
import pickle
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.models.persistent_sequence import GROUND, PersistentSequence

steps = st.lists(st.sampled_from(("a", "b", 0, 1, "drop first", "drop last")), max_size=60)


def taken(steps: list[object]) -> tuple[PersistentSequence, list[object]]:
    """Return the sequence after the steps, and the list that it must be like."""
    sequence, expected = PersistentSequence(), list[object]()
    for step in steps:
        before, was = sequence, list(expected)
        if step == "drop first" and expected:
            sequence, expected = sequence.without_first(), expected[1:]
        elif step == "drop last" and expected:
            sequence, expected = sequence.without_last(), expected[:-1]
        else:
            sequence, expected = sequence.append(step), [*expected, step]
        assert list(before) == was
        if expected:
            assert (sequence.first, sequence.last) == (expected[0], expected[-1])
    return sequence, expected


@given(steps)
def test_it_behaves_as_a_list(steps: list[object]) -> None:
    sequence, expected = taken(steps)
    assert list(sequence) == expected
    assert len(sequence) == len(expected)
    assert bool(sequence) == bool(expected)
    _assert_equal(sequence, PersistentSequence(expected))
    _assert_equal(sequence, copy.deepcopy(sequence))
    _assert_equal(sequence, pickle.loads(pickle.dumps(sequence)))


@given(steps, steps)
def test_equal_where_the_lists_are(some: list[object], others: list[object]) -> None:
    first, as_list = taken(some)
    second, as_other = taken(others)
    assert (first == second) == (as_list == as_other)


@given(st.permutations(range(6)))
def test_the_order_counts_in_the_hash(values: list[int]) -> None:
    same = values == sorted(values)
    assert (hash(PersistentSequence(values)) == hash(PersistentSequence(range(6)))) == same


def _assert_equal(first: PersistentSequence, second: PersistentSequence) -> None:
    assert first == second
    assert hash(first) == hash(second)


def test_it_equals_nothing_else() -> None:
    assert PersistentSequence([1]) != [1]
    assert PersistentSequence() != ()


def test_words() -> None:
    assert repr(PersistentSequence([1, "a"])) == "[1, 'a']"


@pytest.mark.parametrize("length", [1, 2, 3, 1000, 4097])
def test_the_first_item_is_found_from_far_away(length: int) -> None:
    sequence = PersistentSequence(range(length))
    for expected in range(length):
        assert sequence.first == expected
        sequence = sequence.without_first()
    assert sequence == PersistentSequence()


def test_an_empty_sequence_keeps_nothing_of_what_it_held() -> None:
    for empty in (PersistentSequence([1]).without_first(), PersistentSequence([1]).without_last()):
        assert empty._last is GROUND


def test_length_is_no_matter() -> None:
    sequence = PersistentSequence(range(100_000))
    _assert_equal(sequence, copy.deepcopy(sequence))
    _assert_equal(sequence, pickle.loads(pickle.dumps(sequence)))


def test_the_way_to_the_first_item_is_short() -> None:
    sequence = PersistentSequence(range(100_000))
    link, hops = sequence._last, 0
    while link.number > 1:
        link = link.jump if link.jump.number >= 1 else link.before
        hops += 1
    assert hops < 40


def test_all_states_of_a_queue_that_fills_and_empties_fit_into_memory() -> None:
    tracemalloc.start()
    try:
        states = [PersistentSequence()]
        for number in range(3000):
            states.append(states[-1].append(number))
        for _ in range(3000):
            states.append(states[-1].without_first())
        taken_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert states[-1] == states[0]
    assert taken_bytes < 6000 * 400  # as tuples they take 12,000 each
