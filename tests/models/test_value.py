"""Values are JSON's, made hashable."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models.value import FrozenMapping, freeze


@pytest.mark.parametrize(
    ("value", "frozen"),
    [
        (None, None),
        (1, 1),
        ("text", "text"),
        ([], ()),
        ([1, [2, [3]]], (1, (2, (3,)))),
        ((1, [2]), (1, (2,))),
        ({"a": [1]}, {"a": (1,)}),
        ([{"a": {"b": []}}], ({"a": {"b": ()}},)),
    ],
)
def test_freeze(value: Any, frozen: Any) -> None:
    assert freeze(value) == frozen
    assert freeze(freeze(value)) == frozen
    assert hash(freeze(value)) == hash(freeze(frozen))


def test_frozen_mappings_are_values() -> None:
    mapping = freeze({"a": 1, "b": [2]})
    assert isinstance(mapping, FrozenMapping)
    assert mapping == freeze({"b": [2], "a": 1})
    assert hash(mapping) == hash(freeze({"b": [2], "a": 1}))
    assert mapping != freeze({"a": 1})
    assert len(mapping) == 2
    assert repr(mapping) == "{'a': 1, 'b': (2,)}"
    with pytest.raises(TypeError):
        mapping["a"] = 2  # type: ignore[index]
