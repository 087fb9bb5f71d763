"""Splitting by key."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.history import History
from holdfast.histories.operation import Event
from holdfast.histories.split import split_by_key
from holdfast.models.value import FrozenMapping


def history_of(*keys: Any) -> History:
    return History.of(Event("invoke", number, "read", key=key) for number, key in enumerate(keys))


def numbers(history: History) -> dict[Any, list[int]]:
    return {
        key: list(range(len(history)) if places is None else places)
        for key, places in split_by_key(history.columns).items()
    }


def test_each_key_has_its_operations_in_order() -> None:
    assert numbers(history_of("x", "y", "x", None, "y", None)) == {
        "x": [0, 2],
        "y": [1, 4],
        None: [3, 5],
    }


def test_keys_come_in_the_order_of_their_first_appearance() -> None:
    assert list(numbers(history_of("z", "a", None, "z", "m"))) == ["z", "a", None, "m"]


def test_a_number_and_its_name_are_two_keys_and_equal_objects_are_one() -> None:
    one, same = FrozenMapping({"shard": [1]}), FrozenMapping({"shard": [1]})
    assert numbers(history_of(1, "1", one, same)) == {1: [0], "1": [1], one: [2, 3]}


def test_a_history_without_operations_has_no_parts() -> None:
    assert split_by_key(History.of([]).columns) == {}


@given(st.lists(st.sampled_from(["x", "y", None, 0])))
def test_nothing_is_lost_and_nothing_doubled(keys: list[Any]) -> None:
    history = history_of(*keys)
    parts = numbers(history)
    assert sorted(place for part in parts.values() for place in part) == list(range(len(history)))
    assert all(history[place].key == key for key, part in parts.items() for place in part)
