"""The front door: verdicts with their proofs, keys, budgets, and bugs that are not passed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from benchmarks.generated import lock_history
from tests.checker.tables import history, info, ok

import holdfast
from holdfast.checker.budget import Budget, Watch
from holdfast.checker.check import check
from holdfast.checker.engines import ENGINES, Answer, NoOrder, Order
from holdfast.checker.locks.certificate import named
from holdfast.checker.problem import Problem
from holdfast.checker.verdict import (
    Linearizable,
    NotLinearizable,
    Refusal,
    Unknown,
    UnknownReason,
)
from holdfast.histories import Event, History
from holdfast.models import Info, Refused
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.mutex import OwnedMutex
from holdfast.models.register import Register
from holdfast.registry import UnknownName

GOOD = history(
    ok("acquire", "a", 0, 1),
    info("acquire", "c", 1, 2),
    ok("acquire", "b", 2, 9),
    ok("release", "a", 3, 4),
)
BAD = history(
    ok("acquire", "x", 0, 1),
    ok("release", "x", 2, 3),
    ok("acquire", "a", 4, 5),
    info("acquire", "c", 5, 6),
    ok("acquire", "b", 7, 8),
    ok("release", "a", 9, 10),
)


def _hard(key: Any = None) -> list[Any]:
    """Return operations that take a search much longer than the budgets below."""
    rows = [info("write", value, 0, 1) for value in range(16)]
    return list(history(*rows, ok("read", None, 2, 3, "never written"), key=key))


def _keyed(**parts: Any) -> list[Any]:
    """Return the rows of several keys as one history."""
    events = [
        (event.time, 0 if event.type == "invoke" else 1, f"{key}{event.process}", event, key)
        for key, rows in parts.items()
        for row in rows
        for event in (row.invocation, row.completion)
        if event is not None
    ]
    return list(
        History.of(
            Event(event.type, process, event.f, event.value, event.time, key=key)
            for _, _, process, event, key in sorted(events, key=lambda one: one[:3])
        )
    )


def test_a_witness_holds_what_took_effect_in_order() -> None:
    verdict = check(GOOD, OwnedMutex())
    assert isinstance(verdict, Linearizable)
    assert verdict.witnesses == {None: (GOOD[0], GOOD[3], GOOD[2])}
    assert (verdict.engine, verdict.fallback) == ("locks", None)
    assert check(GOOD, OwnedMutex(), engine="search").spent.configurations >= 1
    assert verdict.spent.seconds > 0


def test_a_counterexample_is_small_and_says_why() -> None:
    verdict = check(BAD, OwnedMutex())
    assert isinstance(verdict, NotLinearizable)
    found = verdict.counterexample
    first, second = found.operations
    assert (first, second) == (BAD[2], BAD[4])
    assert found.completion == second
    assert found.key is None
    (configuration,) = found.configurations
    assert configuration.linearized == (first,)
    assert configuration.state == ("a",)
    assert configuration.refusals == (Refusal(second, "held by 'a'"),)


@pytest.mark.parametrize("nothing", [History.of([]), (), []])
def test_nothing_is_linearizable(nothing: Any) -> None:
    verdict = check(nothing, OwnedMutex(), keys=None)
    assert isinstance(verdict, Linearizable)
    assert verdict.witnesses == {}


def test_a_recording_of_faults_alone_is_linearizable() -> None:
    recorded = History.of([Event("info", "nemesis", "kill", "n1", 5)])
    assert isinstance(check(recorded, OwnedMutex()), Linearizable)


def test_every_key_has_its_witness_in_the_order_of_appearance() -> None:
    rows = _keyed(second=[ok("write", 1, 3, 4)], first=[*GOOD])
    verdict = check(rows, {"first": OwnedMutex(), "second": Register()})
    assert isinstance(verdict, Linearizable)
    assert list(verdict.witnesses) == ["first", "second"]
    assert [operation.value for operation in verdict.witnesses["first"]] == ["a", "a", "b"]
    assert [operation.value for operation in verdict.witnesses["second"]] == [1]


def test_one_failing_key_is_enough() -> None:
    verdict = check(_keyed(good=GOOD, bad=BAD), OwnedMutex())
    assert isinstance(verdict, NotLinearizable)
    assert verdict.counterexample.key == "bad"
    assert isinstance(check(_keyed(good=GOOD, bad=BAD), OwnedMutex(), keys=["good"]), Linearizable)


def test_the_same_token_under_two_keys_is_two_locks() -> None:
    rows = _keyed(one=[ok("acquire", "a", 0, 1)], two=[ok("acquire", "a", 2, 3)])
    assert isinstance(check(rows, OwnedMutex()), Linearizable)


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (0.2, UnknownReason.TIME),
        (Budget(seconds=0.2), UnknownReason.TIME),
        (Budget(memory_bytes=100_000), UnknownReason.MEMORY),
        (Budget(cancelled=lambda: True), UnknownReason.CANCELLED),
    ],
)
def test_a_budget_that_runs_out(budget: Any, reason: UnknownReason) -> None:
    verdict = check(_hard(), Register(), budget=budget, engine="wgl")
    assert isinstance(verdict, Unknown)
    assert verdict.reason is reason
    assert verdict.detail == "an order explains the first 0 of 1 completions"
    assert verdict.engine == "wgl"


def test_the_key_with_the_fewest_operations_goes_first() -> None:
    small, large = [ok("read", None, 2, 3, 7)], [ok("read", None, 0, 1, 7), ok("read", None, 2, 3)]
    for rows in (_keyed(small=small, large=large), _keyed(large=large, small=small)):
        verdict = check(rows, Register())
        assert isinstance(verdict, NotLinearizable)
        assert verdict.counterexample.key == "small"


def test_a_key_that_gave_up_does_not_hide_one_that_fails() -> None:
    long = [ok("write", value, 2 * value, 2 * value + 1) for value in range(20)]
    wrong = ok("read", None, 50, 51, "never written")
    verdict = check(
        _keyed(hard=_hard(), long=[*long, wrong]), Register(), budget=Budget(memory_bytes=100_000)
    )
    assert isinstance(verdict, NotLinearizable)
    assert verdict.counterexample.key == "long"


def test_one_key_that_gave_up_makes_all_unknown() -> None:
    rows = _keyed(hard=_hard(), easy=[ok("read", None, 0, 1)])
    verdict = check(rows, Register(), budget=Budget(memory_bytes=100_000))
    assert isinstance(verdict, Unknown)
    assert verdict.detail == "an order explains the first 0 of 1 completions of key 'hard'"
    assert verdict.spent.configurations > 500


@pytest.mark.parametrize("budget", [0, -1.0])
def test_a_budget_of_nothing_is_refused(budget: float) -> None:
    with pytest.raises(ValueError, match="must be > 0"):
        check(GOOD, OwnedMutex(), budget=budget)


def test_without_an_explanation_the_counterexample_is_everything() -> None:
    verdict = check(BAD, OwnedMutex(), explain=False)
    assert isinstance(verdict, NotLinearizable)
    found = verdict.counterexample
    assert found.operations == BAD
    assert found.certificate is not None
    assert found.completion.number in named(found.certificate)
    assert found.configurations == ()


def test_an_unknown_engine() -> None:
    with pytest.raises(UnknownName, match=r"no engine 'wlg'; did you mean 'wgl'\?"):
        check(GOOD, OwnedMutex(), engine="wlg")


def test_a_model_of_somebody_else() -> None:
    """Nothing is subclassed: a counter with two members is a model."""

    class Counter:
        functions: ClassVar = {"increment": "the result is the new count"}

        def initial(self) -> int:
            return 0

        def step(self, state: int, call: Any, result: Any) -> Any:
            if result == Info() or result.value == state + 1:
                return state + 1
            return Refused(f"{result.value} does not follow {state}")

    rows = history(ok("increment", None, 0, 9, 2), ok("increment", None, 1, 8, 1))
    assert isinstance(holdfast.check(rows, Counter()), Linearizable)
    verdict = holdfast.check(history(ok("increment", None, 0, 9, 2)), Counter())
    assert isinstance(verdict, NotLinearizable)
    assert verdict.counterexample.configurations[0].refusals[0].reason == "2 does not follow 0"


def test_processes_are_the_tokens_where_there_are_no_others() -> None:
    events = [
        Event("invoke", 0, "acquire"),
        Event("ok", 0, "acquire"),
        Event("invoke", 1, "release"),
        Event("ok", 1, "release"),
    ]
    assert isinstance(check(History.of(events[:2]), OwnedMutex()), Linearizable)
    verdict = check(History.of(events), OwnedMutex())
    assert isinstance(verdict, NotLinearizable)


def test_a_grant_known_only_by_its_result_stays_the_same_token_in_a_counterexample() -> None:
    # Process 0 holds lease 5; process 1's acquire of lease 6 has no completion at the failure.
    rows = History.of(
        [
            Event("invoke", 0, "acquire"),
            Event("ok", 0, "acquire", 5),
            Event("invoke", 1, "acquire"),
            Event("invoke", 2, "release", 6),
            Event("ok", 2, "release"),
            Event("ok", 1, "acquire", 6),
        ]
    )
    verdict = check(rows, FencedMutex())
    assert isinstance(verdict, NotLinearizable)
    again = check(verdict.counterexample.operations, FencedMutex())
    assert isinstance(again, NotLinearizable)
    assert {5, 6} == {operation.value for operation in verdict.counterexample.operations}


class _Engine:
    answer: Callable[[Problem], Answer]

    def decide(self, problem: Problem, watch: Watch) -> Answer:
        return type(self).answer(problem)


def _with_engine(monkeypatch: pytest.MonkeyPatch, answer: Callable[[Problem], Answer]) -> str:
    broken = type("Broken", (_Engine,), {"answer": staticmethod(answer)})
    ENGINES.names()  # they are all registered now
    monkeypatch.setitem(ENGINES._things, "broken", broken)
    return "broken"


def test_a_witness_that_does_not_replay_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = _with_engine(monkeypatch, lambda problem: Order((0, 1, 2, 3, 4), 1))
    with pytest.raises(
        RuntimeError, match=r"bug in holdfast: the engine broken gave a witness .*replay"
    ):
        check(BAD, OwnedMutex(), engine=engine)


def test_a_counterexample_that_is_linearizable_is_not_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = _with_engine(monkeypatch, lambda problem: NoOrder(2, (), 1))
    with pytest.raises(
        RuntimeError, match=r"bug in holdfast: the counterexample .* is linearizable"
    ):
        check(GOOD, OwnedMutex(), engine=engine)


def test_an_engine_without_dead_ends_is_explained_by_the_reference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = _with_engine(monkeypatch, lambda problem: NoOrder(4, (), 1))
    verdict = check(BAD, OwnedMutex(), engine=engine)
    assert isinstance(verdict, NotLinearizable)
    assert verdict.engine == "broken"
    assert verdict.counterexample.operations == (BAD[2], BAD[4])
    assert verdict.counterexample.configurations[0].refusals == (Refusal(BAD[4], "held by 'a'"),)


@pytest.mark.parametrize("unknown", [0.0, 0.01])
def test_a_thousand_operations_by_five_clients(unknown: float) -> None:
    correct = lock_history(1_000, 5, unknown, faulty=False)
    assert isinstance(check(correct, OwnedMutex()), Linearizable)
    verdict = check(lock_history(1_000, 5, unknown, faulty=True), OwnedMutex())
    assert isinstance(verdict, NotLinearizable)
    found = verdict.counterexample
    assert [operation.f for operation in found.operations] == ["acquire", "acquire"]
    (dead_end,) = found.configurations
    (holder,) = dead_end.linearized
    assert dead_end.refusals == (Refusal(found.completion, f"held by {holder.value!r}"),)
