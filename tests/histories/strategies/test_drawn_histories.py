from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from tests.checker.brute_force import is_linearizable
from tests.checker.random_histories import models_with_options

from holdfast.checker.check import check
from holdfast.checker.verdict import Linearizable, NotLinearizable
from holdfast.histories import History
from holdfast.histories.operation import Outcome
from holdfast.histories.strategies import histories, linearizable_histories
from holdfast.models import MODELS, Call, Ok
from holdfast.models.mutex import OwnedMutex

EVERY_MODEL = [pytest.param(model, id=name) for name, model in models_with_options()]
FEW = settings(max_examples=30, deadline=None)


@pytest.mark.parametrize("model", EVERY_MODEL)
@FEW
@given(data=st.data())
def test_what_is_linearizable_by_construction_is_linearizable(
    model: Any, data: st.DataObject
) -> None:
    history = data.draw(linearizable_histories(model, operations_max=6, keys=2))
    assert is_linearizable(model, history)


@pytest.mark.parametrize("name", ["mutex", "cas-register", "fifo-queue", "fenced-mutex"])
def test_both_kinds_are_drawn_and_a_wrong_one_shrinks_to_a_call_or_two(name: str) -> None:
    model = MODELS[name]()
    drawn = histories(model, operations_max=5)
    assert len(smallest(drawn, lambda history: len(history) > 2 and holds(history, model))) == 3
    wrong = smallest(drawn, lambda history: not holds(history, model))
    assert len(wrong) <= 2
    assert wrong[-1].invoked <= 1_000_000, "calls follow each other"


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(lambda h: any(o.outcome is Outcome.FAIL for o in h), id="a failure"),
        pytest.param(lambda h: any(o.outcome is Outcome.INFO for o in h), id="an unknown outcome"),
        pytest.param(lambda h: any(o.completion is None for o in h), id="a call that never ends"),
        pytest.param(lambda h: len({o.process for o in h}) > 3, id="a client that had to retire"),
        pytest.param(lambda h: set(h.keys()) == {"k0", "k1"}, id="two keys"),
        pytest.param(lambda h: overlapping(h, 3), id="three calls at once"),
    ],
)
def test_a_linearizable_history_may_hold(seen: Callable[[History], bool]) -> None:
    smallest(linearizable_histories(OwnedMutex(), keys=2, clients=3), seen)


@FEW
@given(history=linearizable_histories(OwnedMutex(), clients=2, operations_max=4))
def test_the_bounds_are_kept(history: History) -> None:
    assert len(history) <= 4
    assert not overlapping(history, 3)
    assert history.keys() in ((), (None,))


def test_a_model_of_ones_own_gives_its_examples() -> None:
    class Latch:
        functions = {"open": "open it, once"}  # noqa: RUF012

        def initial(self) -> bool:
            return False

        def step(self, state: bool, call: Call, result: object) -> bool:
            return True

    with pytest.raises(TypeError, match="give examples="):
        histories(Latch())
    with pytest.raises(ValueError, match="no examples"):
        histories(Latch(), examples=[])
    drawn = histories(Latch(), examples=[(Call("open"), Ok())])
    assert [operation.f for operation in smallest(drawn, lambda history: len(history) > 0)] == [
        "open"
    ]


@pytest.mark.parametrize("seed", range(3))
def test_a_lock_granted_twice_shrinks_to_the_two_grants(seed: int) -> None:
    """Among histories in which nobody releases, the smallest wrong one is two grants in a row."""
    examples = [(Call("acquire", token), Ok()) for token in ("a", "b")]
    drawn = histories(OwnedMutex(), examples=examples)
    wrong = smallest(drawn, lambda history: not holds(history, OwnedMutex()), seed=seed)
    assert [event.type for event in wrong.events] == ["invoke", "ok"] * 2


def test_hypothesis_is_imported_only_when_a_strategy_is_asked_for() -> None:
    code = (
        "import sys, holdfast.histories.strategies as s; assert 'hypothesis' not in sys.modules; "
        "s.histories; assert 'hypothesis' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_registered_model_is_drawn_from() -> None:
    assert {name for name, _ in MODELS} <= {parameter.id for parameter in EVERY_MODEL}


def smallest(
    drawn: st.SearchStrategy[History], wanted: Callable[[History], bool], *, seed: int = 0
) -> History:
    quick = settings(
        database=None, max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck)
    )
    return find(drawn, wanted, settings=quick, random=random.Random(seed))


def holds(history: History, model: Any) -> bool:
    verdict = check(history, model)
    assert isinstance(verdict, Linearizable | NotLinearizable)
    return isinstance(verdict, Linearizable)


def overlapping(history: History, count: int) -> bool:
    """Return whether some ``count`` operations share an instant."""
    intervals = [(o.invoked, o.completed) for o in history if o.completed is not None]
    return any(
        sum(begin <= instant <= end for begin, end in intervals) >= count
        for instant, _ in intervals
    )
