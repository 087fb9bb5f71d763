"""Generated histories: good ones are linearizable, bad ones are not, and both are as asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from grid import OBJECTS, events_of
from tests.checker.brute_force import is_linearizable
from virtual_time import Case

from holdfast.checker.check import check
from holdfast.checker.verdict import Linearizable, NotLinearizable, Verdict
from holdfast.histories import Event, History, Operation, Outcome
from holdfast.histories.formats import read_history
from holdfast.models import MODELS, Call, Info, Ok, Refused, Result

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "grid.py"
SEEDS = range(8)


def model_of(name: str) -> Any:
    options = {"failed_cas_means_different": True} if name == "cas-register" else {}
    kind: Any = MODELS[name]
    return kind(**options)


def decide(history: Sequence[Operation], model: Any) -> Verdict:
    return check(history, model, engine="wgl")


def operations_of(case: Case) -> History:
    return History.of(events_of(case))


def numbered(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    return tuple(
        Operation(number, o.invocation, o.completion, o.invoked, o.completed)
        for number, o in enumerate(operations)
    )


@pytest.mark.parametrize("model", OBJECTS)
@pytest.mark.parametrize("unknown", [0, 20])
def test_brute_force_agrees_on_the_smallest(model: str, unknown: float) -> None:
    bad_ones = 0
    for seed in range(30):
        case = Case(model, operations=10, clients=2, unknown=unknown, seed=seed)
        assert is_linearizable(model_of(model), operations_of(case)), case
        bad = evolve(case, good=False)
        try:
            history = operations_of(bad)
        except ValueError:  # so short a history may have no room for a wrong answer
            continue
        bad_ones += 1
        assert not is_linearizable(model_of(model), history), bad
    assert bad_ones > 15


@pytest.mark.parametrize("model", OBJECTS)
@pytest.mark.parametrize("clients", [2, 3, 5])
@pytest.mark.parametrize("unknown", [0, 1, 10])
def test_good_ones_are_linearizable_and_bad_ones_are_not(
    model: str, clients: int, unknown: float
) -> None:
    for seed in SEEDS:
        case = Case(model, operations=60, clients=clients, unknown=unknown, seed=seed)
        assert isinstance(decide(operations_of(case), model_of(model)), Linearizable), case
        bad = evolve(case, good=False)
        assert isinstance(decide(operations_of(bad), model_of(model)), NotLinearizable), bad


@pytest.mark.parametrize("model", OBJECTS)
def test_one_answer_alone_is_wrong_and_it_is_near_the_end(model: str) -> None:
    for seed in SEEDS:
        case = Case(model, operations=100, clients=3, unknown=2, good=False, seed=seed)
        history = operations_of(case)
        verdict = decide(history, model_of(model))
        assert isinstance(verdict, NotLinearizable)
        wrong = verdict.counterexample.completion
        assert wrong.number >= 100 - 4 * 3
        assert wrong.completed is not None
        before = [event for event in history.events if (event.time or 0) < wrong.completed]
        assert isinstance(decide(History.of(before), model_of(model)), Linearizable)
        if model != "mutex":  # nothing says there which release belongs to which acquire
            liar = wrong.result if model == "owned-mutex" else None
            rest = [
                o for o in history if o.number != wrong.number and (liar is None or o.value != liar)
            ]
            assert isinstance(decide(numbered(rest), model_of(model)), Linearizable)


@pytest.mark.parametrize("model", OBJECTS)
def test_the_same_case_gives_the_same_history_and_another_seed_another(model: str) -> None:
    case = Case(model, operations=300, clients=4, unknown=5, good=False)
    assert events_of(case) == events_of(case)
    assert events_of(case) != events_of(evolve(case, seed=1))


@pytest.mark.parametrize("model", OBJECTS)
@pytest.mark.parametrize("unknown", [0, 1, 5])
@pytest.mark.parametrize("clients", [5, 50])
def test_operations_clients_and_share_of_unknown_are_as_asked(
    model: str, unknown: float, clients: int
) -> None:
    history = operations_of(Case(model, operations=20_000, clients=clients, unknown=unknown))
    assert 19_999 <= len(history) <= 20_000 * 1.001
    assert {type(o.process) for o in history} == {int}
    assert len({o.process for o in history if o.outcome is not Outcome.INFO}) >= clients
    lost = sum(o.outcome is Outcome.INFO for o in history)
    assert lost / len(history) == pytest.approx(unknown / 100, rel=0.15, abs=0)


@pytest.mark.parametrize("model", OBJECTS)
def test_nearly_all_clients_are_in_a_call_at_any_time(model: str) -> None:
    history = operations_of(Case(model, operations=5000, clients=10))
    in_calls = sum(o.completed - o.invoked for o in history if o.completed is not None)
    ends = [o.completed for o in history if o.completed is not None]
    assert in_calls / max(ends) > 0.9 * 10


@pytest.mark.parametrize("model", OBJECTS)
def test_some_unknown_calls_took_effect_and_some_did_not(model: str) -> None:
    """Without those of unknown outcome there is a hole in it; as if all had happened, too much."""
    without, with_all = set(), set()
    for seed in SEEDS:
        history = operations_of(Case(model, operations=400, clients=2, unknown=5, seed=seed))
        known = [o for o in history if o.outcome is not Outcome.INFO]
        without.add(type(decide(numbered(known), model_of(model))))
        as_if_ok = [
            Event("ok", e.process, e.f, e.value, e.time)
            if e.type == "info" and e.f != "read"
            else e
            for e in history.events
        ]
        with_all.add(type(decide(History.of(as_if_ok), model_of(model))))
    assert NotLinearizable in without
    assert NotLinearizable in with_all


@pytest.mark.parametrize("model", ["cas-register", "owned-mutex"])
def test_some_unknown_calls_took_effect_after_their_clients_went_on(model: str) -> None:
    """Where they had to take effect before, what came later cannot always be explained."""
    verdicts = set()
    for seed in range(20):
        events = events_of(Case(model, operations=150, clients=3, unknown=10, seed=seed))
        by_then = History.of(map(returned_by_then, events))
        verdicts.add(type(decide(by_then, ByThenOrNever(model_of(model)))))
    assert NotLinearizable in verdicts


def returned_by_then(event: Event) -> Event:
    """Return an answer that came, "perhaps", in place of one that was lost."""
    if event.type != "info":
        return event
    return Event("ok", event.process, event.f, PERHAPS, event.time)


PERHAPS = "perhaps"


class ByThenOrNever:
    """A model in which a call that is answered ``PERHAPS`` has taken effect by then, or never will.

    A state is the set of the states that ``model`` may be in. Failed calls say nothing here.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self.functions = model.functions

    def initial(self) -> frozenset[Any]:
        return frozenset([self._model.initial()])

    def step(self, states: frozenset[Any], call: Call, result: Result) -> frozenset[Any] | Refused:
        perhaps = result == Ok(PERHAPS)
        following = {self._model.step(s, call, Info() if perhaps else result) for s in states}
        possible = frozenset(s for s in following if not isinstance(s, Refused))
        if perhaps:
            return possible | states
        return possible or Refused("impossible in each of the states")


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (Case("semaphore", 10, 2), "no object 'semaphore'; there are cas-register"),
        (Case("mutex", 10, 1), "give two at least"),
        (Case("cas-register", 4, 4, good=False), "give more"),
    ],
)
def test_what_cannot_be_made_is_refused(case: Case, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        events_of(case)


def test_the_command_writes_the_history_as_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    numbers = {"--operations": "200", "--clients": "4", "--unknown": "5", "--seed": "3"}
    options = [word for option in numbers.items() for word in option]
    command = [sys.executable, str(SCRIPT), str(path), "--model", "owned-mutex", "--bad", *options]
    subprocess.run(command, check=True)
    wanted = events_of(Case("owned-mutex", 200, 4, unknown=5, good=False, seed=3))
    assert list(read_history(path).events) == wanted
