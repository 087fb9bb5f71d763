"""The states that a model can reach."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Example, Info, Ok
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.mutex import Mutex, OwnedMutex
from holdfast.models.register import Register
from holdfast.models.state_graph import reachable_states, state_graph


@pytest.mark.parametrize(
    ("model", "states", "transitions"),
    [
        (Mutex(), (False, True), 8),
        (Mutex(failed_acquire_means_held=True), (False, True), 9),
        (OwnedMutex(), ((), ("a",), ("b",)), 20),
        (Register(), (None, 1, 2), 18),
    ],
)
def test_small_models(model: Any, states: tuple[Any, ...], transitions: int) -> None:
    space = reachable_states(model, model.examples())
    assert space.states == states
    assert len(space.transitions) == transitions
    assert space.complete


@pytest.mark.parametrize(("limit", "complete"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_limit_leaves_the_later_states_out(limit: int, complete: bool) -> None:
    model = OwnedMutex()
    space = reachable_states(model, model.examples(), limit)
    assert space.complete == complete
    assert space.states == ((), ("a",), ("b",))[:limit]
    ends = {(transition.source, transition.target) for transition in space.transitions}
    assert all(source < limit and target < limit for source, target in ends)


def test_a_model_without_end_is_cut_off() -> None:
    model = FencedMutex()
    space = reachable_states(model, model.examples(), limit=50)
    assert len(space.states) == 50
    assert not space.complete


def test_the_graph_of_a_register_whose_state_is_none() -> None:
    examples: list[Example] = [
        (Call("write", 1), Ok()),
        (Call("read"), Ok(None)),
        (Call("read"), Info()),
    ]
    graph = state_graph(Register(), examples)
    assert [data["state"] for _, data in graph.nodes(data=True)] == [None, 1]
    edges = {
        (source, target, str(call), result)
        for source, target, data in graph.edges(data=True)
        for call, result in [(data["call"], data["result"])]
    }
    assert edges == {
        (0, 1, "write(1)", Ok()),
        (1, 1, "write(1)", Ok()),
        (0, 0, "read", Ok(None)),
        (0, 0, "read", Info()),
        (1, 1, "read", Info()),
    }
    assert graph.graph["complete"]


def test_networkx_waits_until_a_graph_is_asked_for() -> None:
    import subprocess
    import sys

    code = "import sys, holdfast.models.state_graph; print('networkx' in sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "False"
