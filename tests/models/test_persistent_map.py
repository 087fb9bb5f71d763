"""The persistent mapping behaves as a dict of which nothing ever changes, and shares its memory."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from holdfast.models.persistent_map import DEPTH_MAX, LEAF_MAX, PersistentMap, in_order


@frozen(hash=False)
class Colliding:
    """A key that shares its hash with all others of its kind."""

    number: int

    def __hash__(self) -> int:
        return 7


numbers = st.integers(0, 40)
keys = st.one_of(numbers, numbers.map(str), numbers.map(Colliding), numbers.map(lambda n: n << 32))
changes = st.lists(st.tuples(keys, st.one_of(st.none(), st.integers(0, 2))), max_size=120)
"""Keys, each with its new value, or ``None`` where it is taken out."""


@given(changes)
def test_it_behaves_as_a_dict(steps: list[tuple[Any, int | None]]) -> None:
    mapping, expected = PersistentMap(), dict[Any, int]()
    for key, value in steps:
        before, was = mapping, dict(expected)
        if value is None:
            mapping = mapping.without(key)
            expected.pop(key, None)
        else:
            mapping = mapping.with_entry(key, value)
            expected[key] = value
        assert dict(before.items()) == was
        assert len(before) == len(was)
        assert mapping.get(key, "none") == expected.get(key, "none")
    assert dict(mapping.items()) == expected
    assert set(mapping) == set(expected)
    assert len(mapping) == len(expected)
    for key, _ in steps:
        assert (key in mapping) == (key in expected)
    _assert_equal(mapping, PersistentMap(expected))
    _assert_equal(mapping, PersistentMap(reversed(expected.items())))
    _assert_equal(mapping, copy.deepcopy(mapping))
    _assert_equal(mapping, pickle.loads(pickle.dumps(mapping)))


@given(changes, keys, st.integers(0, 2))
def test_mappings_that_differ_are_unequal(
    steps: list[tuple[Any, int | None]], key: Any, value: int
) -> None:
    mapping = PersistentMap({key: value for key, value in steps if value is not None})
    changed = mapping.with_entry(key, value)
    assert (changed == mapping) == (mapping.get(key) == value)
    assert (mapping.without(key) == mapping) == (key not in mapping)


@given(changes)
def test_equality_looks_at_entries_not_at_hashes(steps: list[tuple[Any, int | None]]) -> None:
    one = PersistentMap({key: value for key, value in steps if value is not None})
    for key, value in one.items():
        other = one.with_entry(key, value + 1)
        other._digest = one._digest
        assert one != other


def _assert_equal(first: PersistentMap, second: PersistentMap) -> None:
    assert first == second
    assert hash(first) == hash(second)
    assert len(first) == len(second)


def test_it_equals_nothing_else() -> None:
    assert PersistentMap({"a": 1}) != {"a": 1}
    assert PersistentMap() != ()


def test_a_tree_that_shrinks_to_nothing_is_empty_again() -> None:
    mapping = PersistentMap((number, True) for number in range(1000))
    for number in range(1000):
        mapping = mapping.without(number)
    assert mapping == PersistentMap()
    assert mapping._root == {}


def test_keys_whose_hashes_are_alike_stand_apart() -> None:
    assert _depth(PersistentMap((number << 32, True) for number in range(3000))._root) <= 6


def test_keys_of_one_hash_stand_together() -> None:
    mapping = PersistentMap((Colliding(number), number) for number in range(1100))
    assert all(mapping.get(Colliding(number)) == number for number in (0, 1, 1099))
    assert _depth(mapping._root) == DEPTH_MAX


def _depth(node: Any) -> int:
    return 0 if isinstance(node, dict) else 1 + max(map(_depth, node))


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({}, "{}"),
        ({"b": 1, "a": None}, "{'a': None, 'b': 1}"),
        ({10: 1, 9: 2}, "{9: 2, 10: 1}"),
        ({"a": 1, 1: 1}, "{'a': 1, 1: 1}"),
    ],
)
def test_words(entries: dict[Any, Any], words: str) -> None:
    assert repr(PersistentMap(entries)) == words


def test_what_cannot_be_compared_is_put_in_order_by_its_words() -> None:
    assert in_order([3, 1, 10]) == [1, 3, 10]
    assert in_order(["b", None, 1]) == ["b", 1, None]


def test_all_states_of_a_set_that_grows_fit_into_memory() -> None:
    tracemalloc.start()
    try:
        states = [PersistentMap()]
        for number in range(3000):
            states.append(states[-1].with_entry(number, True))
        taken_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(states[-1]) == 3000 > LEAF_MAX
    assert taken_bytes < 3000 * 2000  # as frozensets they take 130,000 each
