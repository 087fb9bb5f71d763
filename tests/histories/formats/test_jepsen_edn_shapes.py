"""Shapes of events in EDN: what one match reads, and what it leaves to be read with care."""

from __future__ import annotations

import pytest

from holdfast.histories.formats.jepsen_edn_shapes import (
    NAME_LENGTH_MAX,
    NAMES_MAX,
    SHAPES_MAX,
    Shape,
    Shapes,
    Values,
)
from holdfast.histories.operation import Event

NAMES = ("type", "process", "f", "value")


def event_at(text: str) -> Event | None:
    found = Shape(NAMES, Values()).event_at(text, 0)
    assert found is None or found[1] == len(text)
    return None if found is None else found[0]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("nil", None),
        ("5", 5),
        (":x", "x"),
        ('"a b"', "a b"),
        ("[1 [2 [3]]]", (1, (2, (3,)))),
        ('[:a "]"]', ("a", "]")),
        ("{:a [1], :b #{2 1}}", {"a": (1,), "b": (1, 2)}),
        ("(1 {2 3})", (1, {"2": 3})),
        ("#{[2] [1]}", ((1,), (2,))),
    ],
)
def test_usual_values_are_read(value: str, read: object) -> None:
    event = event_at(f"{{:type :ok, :process 3, :f :x, :value {value}}}")
    assert event == Event("ok", 3, "x", read)


@pytest.mark.parametrize(
    "text",
    [
        "{:type :ok, :process 3, :f :x}",
        "{:type :ok, :process 3, :f :x, :value 1, :time 5}",
        "{:type :ok, :f :x, :process 3, :value 1}",
        "{:type :done, :process 3, :f :x, :value 1}",
        "{:type :okay, :process 3, :f :x, :value 1}",
        "{:type :ok, :process -3, :f :x, :value 1}",
        "{:type :ok, :process 03, :f :x, :value 1}",
        "{:type :ok, :process 3, :f x, :value 1}",
        "{:type :ok, :process 3, :f :x, :value #_ 1}",
        "{:type :ok, :process 3, :f :x, :value #a}",
        "{:type :ok, :process 3, :f :x, :value 01}",
        "{:type :ok, :process 3, :f :x, :value [::a]}",
        "{:type :ok, :process 3, :f :x, :value {]}",
        "{:type :ok, :process 3, :f :x, :value (1 [2))}",
        "{:type :ok, :process 3, :f :x, :value {:a}}",
        "{:type :ok, :process 3, :f :x, :value #a {}}",
        "{:type :ok, :process 3, :f :x, :value [#_ 1]}",
        "{:type :ok, :process 3, :f :x, :value [[[[1]]]]}",
        "{:type :ok, :process 3, :f :x, :value [1 ; ]\n]}",
        '{:type :ok, :process 3, :f :x, :value "\\n"}',
        '{:type :ok, :process 3, :f :x, :value "a"',
        "",
    ],
)
def test_all_else_is_left(text: str) -> None:
    assert event_at(text) is None


def test_several_shapes_are_tried() -> None:
    shapes = Shapes()
    shapes.learn(("type", "process", "f"))
    shapes.learn(("f", "process", "type", "zone"))
    for text in ("{:type :ok, :process 3, :f :x}", "{:f :x, :process 3, :type :ok, :zone 1}") * 2:
        assert shapes.event_at(text, 0) is not None
    assert shapes.event_at("{:process 3, :type :ok, :f :x}", 0) is None


def test_no_more_shapes_are_learnt_than_can_be_tried() -> None:
    shapes = Shapes()
    for number in range(SHAPES_MAX + 1):
        shapes.learn(("type", "process", "f", f"k{number}"))
    texts = [f"{{:type :ok, :process 3, :f :x, :k{number} 1}}" for number in range(SHAPES_MAX + 1)]
    assert [shapes.event_at(text, 0) is None for text in texts] == [False] * SHAPES_MAX + [True]


@pytest.mark.parametrize(
    ("names", "learnt"),
    [
        ([f"k{number}" for number in range(NAMES_MAX - 3)], True),
        ([f"k{number}" for number in range(NAMES_MAX - 2)], False),
        (["k" * NAME_LENGTH_MAX], True),
        (["k" * (NAME_LENGTH_MAX + 1)], False),
    ],
    ids=["many", "too many", "long", "too long"],
)
def test_large_shapes_are_not_learnt(names: list[str], learnt: bool) -> None:
    shapes = Shapes()
    shapes.learn(("type", "process", "f", *names))
    more = ", ".join(f":{name} 1" for name in names)
    found = shapes.event_at(f"{{:type :ok, :process 3, :f :x, {more}}}", 0)
    assert (found is not None) == learnt


def test_values_are_kept_by_their_spelling_and_no_more_than_so_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = Values()
    assert values[None] is None
    assert values["[1 2]"] is values["[1 2]"]
    assert values['"' + "x" * 100 + '"'] == "x" * 100
    assert list(values) == ["[1 2]"]
    monkeypatch.setattr(Values, "COUNT_MAX", 3)
    assert [values[str(number)] for number in range(10)] == list(range(10))
    assert len(values) <= 3
