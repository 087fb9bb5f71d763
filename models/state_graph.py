"""The states that a model can reach, as values and as a networkx graph."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from holdfast.models.model import Call, Example, Model, Refused, Result

if TYPE_CHECKING:
    from networkx import MultiDiGraph


@frozen
class Transition:
    """A call that leads from one state to another, states named by their number."""

    source: int
    call: Call
    result: Result
    target: int


@frozen
class StateSpace:
    """The states found and the transitions between them.

    Args:
        states: breadth first from the initial state, which is number 0.
        transitions: every accepted call between two of these states.
        complete: whether these are all states that the calls lead to.
    """

    states: tuple[Hashable, ...]
    transitions: tuple[Transition, ...]
    complete: bool


def reachable_states(
    model: Model[Any], calls_and_results: Sequence[Example], limit: int = 1000
) -> StateSpace:
    """Return the states that ``calls_and_results`` lead to from the initial state.

    Args:
        model: the sequential specification.
        calls_and_results: the calls that may be made, with the results that they may have.
        limit: how many states to find at most; models with unbounded states have always more.
    """
    numbers: dict[Hashable, int] = {model.initial(): 0}
    states = list(numbers)
    transitions = []
    complete = True
    for source, state in enumerate(states):  # grows as it goes
        for call, result in calls_and_results:
            following = model.step(state, call, result)
            if isinstance(following, Refused):
                continue
            if following not in numbers and len(states) == limit:
                complete = False
                continue
            target = numbers.setdefault(following, len(states))
            if target == len(states):
                states.append(following)
            transitions.append(Transition(source, call, result, target))
    return StateSpace(tuple(states), tuple(transitions), complete)


def state_graph(
    model: Model[Any], calls_and_results: Sequence[Example], limit: int = 1000
) -> MultiDiGraph[int]:
    """Return the states that ``calls_and_results`` lead to as a networkx graph.

    A node is a state's number, as networkx takes no ``None`` for a node; its attribute ``state``
    is the state. An edge has the attributes ``call`` and ``result``. The graph's attribute
    ``complete`` tells whether all reachable states are in it.

    Args:
        model: the sequential specification.
        calls_and_results: the calls that may be made, with the results that they may have.
        limit: how many states to find at most.
    """
    from networkx import MultiDiGraph

    space = reachable_states(model, calls_and_results, limit)
    graph: MultiDiGraph[int] = MultiDiGraph(complete=space.complete)
    for number, state in enumerate(space.states):
        graph.add_node(number, state=state)
    for transition in space.transitions:
        graph.add_edge(
            transition.source, transition.target, call=transition.call, result=transition.result
        )
    return graph
