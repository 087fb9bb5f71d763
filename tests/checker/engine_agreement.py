"""Whether the engines agree on a history: with each other, with brute force, and with the model.

More is compared than verdicts: an order must replay, and where there is none, every engine must name the
same completion, and dead ends that lead there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

from holdfast.checker.budget import Budget
from holdfast.checker.core import fallback
from holdfast.checker.engines import Answer, DeadEnd, NoOrder, Order
from holdfast.checker.engines import search as search_engine
from holdfast.checker.engines.search import PATIENCE, Search
from holdfast.checker.engines.wgl import WingGongLowe
from holdfast.checker.problem import Problem
from holdfast.checker.replay import objection
from holdfast.histories import Operation
from holdfast.histories.asked import asked_values
from holdfast.models import Refused

SWITCHES = ("dominance", "deadlines", "kinds", "counting")
PATIENCES = (0, 5, PATIENCE)

Setting = Mapping[str, int]


def settings(patiences: Iterable[int] = PATIENCES) -> list[Setting]:
    """Return every way to set the switches of the search, with each patience."""
    return [
        {**dict(zip(SWITCHES, switches, strict=True)), "patience": patience}
        for patience in patiences
        for switches in itertools.product((True, False), repeat=len(SWITCHES))
    ]


@contextmanager
def core(name: str) -> Iterator[None]:
    """Let the search engine run on the ``native`` core or on its ``twin`` in plain Python."""
    chosen = _core(name)
    # Tables that one core keeps for the next history are nothing to the other.
    fresh: Any = WeakKeyDictionary()
    with patch.multiple(search_engine, search=chosen.search, Table=chosen.Table, _idle=fresh):
        yield


def _core(name: str) -> Any:
    if name == "twin":
        return fallback
    from holdfast.checker.core import _native

    return _native


def decide(problem: Problem, setting: Setting) -> Answer:
    """Return what the search engine answers, on whichever core is at work."""
    switches = {name: bool(setting[name]) for name in SWITCHES}
    return Search(**switches, patience=setting["patience"]).decide(problem, Budget().start())


def disagreement(
    model: Any, history: Iterable[Operation], tried: Iterable[Setting], expected: bool | None
) -> str | None:
    """Return what is wrong with the first answer to be wrong, or ``None``.

    Args:
        model: the sequential specification.
        history: one key's operations.
        tried: the settings of the search engine.
        expected: whether there is a legal order, by brute force; ``None`` for histories that are too
            long for it.
    """
    operations = tuple(history)
    problem = Problem.of(model, operations, asked_values(operations, model))
    reference = WingGongLowe().decide(problem, Budget().start())
    if expected not in (None, isinstance(reference, Order)):
        return f"wgl answers {reference}, against brute force"
    wrong = wrong_answer(problem, reference, reference)
    if wrong is not None:
        return f"wgl: {wrong}"
    for setting in tried:
        wrong = wrong_answer(problem, decide(problem, setting), reference)
        if wrong is not None:
            return f"search with {dict(setting)}: {wrong}"
    return None


def wrong_answer(problem: Problem, answer: Answer, reference: Answer) -> str | None:
    """Return what is wrong with ``answer``, or ``None`` if it is right and proves what it says."""
    if type(answer) is not type(reference):
        return f"it answers {answer}, not {reference}"
    if isinstance(answer, Order):
        return objection(problem, answer.places)
    assert isinstance(answer, NoOrder)
    assert isinstance(reference, NoOrder)
    if answer.completion != reference.completion:
        return f"it names the completion of {answer.completion}, not of {reference.completion}"
    if not answer.dead_ends:
        return "it shows no dead end"
    wrongs = (_wrong_dead_end(problem, answer.completion, end) for end in answer.dead_ends)
    return next((wrong for wrong in wrongs if wrong is not None), None)


def _wrong_dead_end(problem: Problem, completion: int, end: DeadEnd) -> str | None:
    # That part of the order must explain all that returned before the completion.
    before = list(problem.endpoints[: problem.endpoints.index(~completion)])
    returned = {~mark for mark in before if mark < 0}
    invoked = {mark for mark in before if mark >= 0}
    if not returned <= set(end.places) <= invoked or len(set(end.places)) != len(end.places):
        return f"a dead end holds {end.places}, but {sorted(returned)} had returned"
    last_invoked = -1
    state = problem.model.initial()
    for place in end.places:
        if ~place in before and before.index(~place) < last_invoked:
            return f"a dead end holds {end.places} against real-time order"
        last_invoked = max(last_invoked, before.index(place))
        state = problem.model.step(state, problem.calls[place], problem.results[place])
        if isinstance(state, Refused):
            return f"the model refuses {place} in the dead end {end.places}: {state.reason}"
    if state != end.state:
        return f"a dead end is in state {end.state!r}, but {end.places} leads to {state!r}"
    call, result = problem.calls[completion], problem.results[completion]
    if not isinstance(problem.model.step(state, call, result), Refused):
        return f"the model accepts {completion} in the dead end {end.places}"
    return None
