"""What is taken for linearizable at a glance is; what is not gets a proper look."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.checker.at_a_glance import in_order
from holdfast.checker.check import check
from holdfast.checker.options import parse_model
from holdfast.checker.verdict import Linearizable
from holdfast.histories.history import History
from holdfast.histories.operation import Event, EventType
from holdfast.histories.simulation.run import simulate
from holdfast.histories.strategies import schedules
from holdfast.histories.workload import LOCK, RESOURCE, RESOURCE_MODEL

Row = tuple[EventType, int, str, object]

IN_TURN: Sequence[Row] = [
    ("invoke", 0, "acquire", "a"),
    ("ok", 0, "acquire", 1),
    ("invoke", 1, "acquire", "b"),
    ("invoke", 0, "release", "a"),
    ("ok", 1, "acquire", 2),
    ("info", 0, "release", None),
    ("invoke", 1, "release", "b"),
    ("fail", 1, "release", None),
]


def events(rows: Sequence[Row], key: str = LOCK) -> list[Event]:
    return [
        Event(type, process, f, value, time=10 * place, index=place, key=key)
        for place, (type, process, f, value) in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("rows", "model", "seen"),
    [
        pytest.param(IN_TURN, "fenced-mutex", True, id="in turn"),
        pytest.param(IN_TURN, "mutex", False, id="a model it does not know"),
        pytest.param(
            [*IN_TURN[:4], ("ok", 1, "acquire", 1)], "fenced-mutex", False, id="the fence repeats"
        ),
        pytest.param(
            [*IN_TURN[:3], ("ok", 1, "acquire", 2)], "owned-mutex", False, id="two holders"
        ),
        pytest.param(
            [*IN_TURN[:4], ("fail", 0, "release", None), ("ok", 1, "acquire", 2)],
            "owned-mutex",
            False,
            id="a refused release gives nothing back",
        ),
    ],
)
def test_locks(rows: Sequence[Row], model: str, seen: bool) -> None:
    assert in_order(events(rows), LOCK, model) is seen


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ([("invoke", 0, "read", None), ("ok", 0, "read", 0)], True),
        ([("invoke", 0, "read", None), ("ok", 0, "read", 1)], False),
        ([("invoke", 0, "cas", (0, 1)), ("fail", 0, "cas", None)], True),
        ([("invoke", 0, "cas", (0, 1)), ("info", 0, "cas", None)], False),
        ([("invoke", 0, "cas", (0, 1)), ("ok", 0, "cas", None)], True),
        ([("invoke", 0, "cas", (1, 2)), ("ok", 0, "cas", None)], False),
    ],
)
def test_the_resource(rows: Sequence[Row], seen: bool) -> None:
    assert in_order(events(rows, RESOURCE), RESOURCE, RESOURCE_MODEL) is seen


@pytest.mark.parametrize("system", ["redlock", "etcd"])
def test_what_it_sees_the_search_proves(system: str) -> None:
    """Runs with every kind of fault, with events swapped so that many are not in order."""
    seen, unseen = 0, 0

    @given(trial=schedules(system), chance=st.randoms(use_true_random=False))
    @settings(max_examples=100, deadline=None, derandomize=True)
    def compare(trial: object, chance: random.Random) -> None:
        nonlocal seen, unseen
        recorded = simulate(trial).events  # type: ignore[arg-type]
        for key, model in recorded[0].value["models"].items():
            history = _disturbed(recorded, chance)
            if all(event.key != key for event in history):
                continue
            if not in_order(history, key, model):
                unseen += 1
                continue
            seen += 1
            verdict = check(
                History.from_lines(enumerate(history, start=1), source="disturbed"),
                parse_model(model),
                keys=[key],
            )
            assert isinstance(verdict, Linearizable)

    compare()
    assert seen >= 20
    assert unseen >= 1


def _disturbed(recorded: Sequence[Event], chance: random.Random) -> Sequence[Event]:
    """Return the events with one of a client taken later or earlier, the rest in order."""
    if chance.random() < 0.1:
        return recorded
    history = list(recorded)
    at = chance.randrange(1, len(history))
    moved = history.pop(at)
    neighbours = [place for place, event in enumerate(history) if event.process == moved.process]
    earliest = max((place + 1 for place in neighbours if place < at), default=1)
    latest = min((place for place in neighbours if place >= at), default=len(history))
    history.insert(chance.randint(earliest, latest), moved)
    return [
        Event(
            event.type, event.process, event.f, event.value, 10 * place, place, event.key,
            event.node, event.error, event.extra,
        )
        for place, event in enumerate(history)
    ]  # fmt: skip
