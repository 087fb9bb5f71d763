"""The search engine: it agrees with others on small histories, and keeps its word on large ones."""

from __future__ import annotations

import _thread
import itertools
import random
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.checker import engine_agreement
from tests.checker.brute_force import is_linearizable
from tests.checker.engine_agreement import SWITCHES, core, decide, disagreement, wrong_answer
from tests.checker.random_histories import histories_of, models_with_options
from tests.checker.tables import history, info, ok

from holdfast.checker.budget import Budget
from holdfast.checker.check import check
from holdfast.checker.core import NATIVE
from holdfast.checker.engines import Answer, GaveUp, NoOrder, Order
from holdfast.checker.engines.search import Search
from holdfast.checker.engines.wgl import WingGongLowe
from holdfast.checker.problem import Problem
from holdfast.checker.replay import objection
from holdfast.checker.verdict import Unknown, UnknownReason
from holdfast.histories import Operation
from holdfast.models import Call, Refused, Result
from holdfast.models.counter import Counter
from holdfast.models.queue import FifoQueue
from holdfast.models.register import CasRegister, Register

MODELS = dict(models_with_options())
CORES = ["native", "twin"] if NATIVE else ["twin"]
EVERY_SETTING = engine_agreement.settings()
ALL_ON = {**dict.fromkeys(SWITCHES, True), "patience": 5}


@pytest.fixture(params=CORES, autouse=True)
def at_work(request: pytest.FixtureRequest) -> Any:
    with core(request.param):
        yield request.param


def problem_of(model: Any, rows: Sequence[Operation]) -> Problem:
    return Problem.of(model, history(*rows), {})


def searched(model: Any, rows: Sequence[Operation], budget: Budget | None = None) -> Answer:
    return Search().decide(problem_of(model, rows), (budget or Budget()).start())


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=12, derandomize=True, database=None, deadline=None)
@given(data=st.data())
def test_it_agrees_whatever_its_setting(name: str, data: st.DataObject) -> None:
    model = MODELS[name]
    recorded = data.draw(histories_of(model))
    tried = EVERY_SETTING[data.draw(st.integers(0, 7)) :: 8]
    assert disagreement(model, recorded, tried, is_linearizable(model, recorded)) is None


REGISTERS = [
    *(ok("write", number % 3, 0, 100 + number) for number in range(6)),
    *(ok("read", None, 10, 20 + value, value) for value in range(3)),
]
SWAPS = [
    *(info("cas", (number % 2, 1 - number % 2), 0, 1) for number in range(6)),
    *(ok("write", 0, 2, 3), ok("read", None, 4, 5, 1)),
    *(ok("read", None, 6, 7, 0), ok("read", None, 8, 9, 2)),
]


@pytest.mark.parametrize(
    ("switch", "rows"),
    [
        ("dominance", REGISTERS),
        ("deadlines", REGISTERS),
        ("kinds", REGISTERS),
        ("counting", SWAPS),
    ],
)
def test_every_shortcut_saves_configurations(switch: str, rows: Sequence[Operation]) -> None:
    problem = problem_of(CasRegister(), rows)
    taken = {**ALL_ON, "patience": 0}
    with_it = decide(problem, taken)
    without = decide(problem, {**taken, switch: False})
    assert wrong_answer(problem, without, with_it) is None
    assert with_it.configurations < without.configurations


def _agreed(*rows: Operation, model: Any) -> Answer:
    problem = problem_of(model, rows)
    reference = decide(problem, {**ALL_ON, "patience": 0})
    assert wrong_answer(problem, decide(problem, ALL_ON), reference) is None
    assert wrong_answer(problem, reference, reference) is None
    return reference


OPEN = 70


def test_more_than_64_open_operations_have_an_order() -> None:
    reads = [ok("read", None, 0, 1000, value) for value in range(OPEN)]
    writes = [ok("write", value, 10 * value, 10 * value + 1) for value in range(OPEN)]
    assert isinstance(_agreed(*reads, *writes, model=Register()), Order)


def test_more_than_64_open_operations_have_none() -> None:
    reads = [ok("read", None, 0, 1000, value) for value in range(OPEN)]
    writes = [ok("write", value, 10 * value, 10 * value + 1) for value in range(OPEN)]
    late = ok("read", None, 2000, 2001, 3)
    answer = _agreed(*reads, *writes, late, model=Register())
    assert isinstance(answer, NoOrder)
    assert answer.completion == 2 * OPEN


CLASSES = 70


def test_more_than_64_classes_of_unknown_outcome() -> None:
    chain = [info("cas", (value, value + 1), 0, 1) for value in range(CLASSES)]
    first = ok("write", 0, 2, 3)
    assert isinstance(
        _agreed(*chain, first, ok("read", None, 4, 5, CLASSES), model=CasRegister()), Order
    )
    assert isinstance(
        _agreed(
            *chain,
            first,
            ok("read", None, 4, 5, CLASSES),
            ok("read", None, 6, 7, 1),
            model=CasRegister(),
        ),
        NoOrder,
    )


def test_a_witness_with_unknown_outcomes_replays() -> None:
    rows = [
        *(info("cas", (value, value + 1), 0, 1) for value in range(4)),
        *(info("write", 9, 0, 1) for _ in range(3)),
        ok("write", 0, 2, 3),
        ok("read", None, 4, 5, 4),
        ok("read", None, 6, 7, 9),
    ]
    problem = problem_of(CasRegister(), rows)
    answer = decide(problem, ALL_ON)
    assert isinstance(answer, Order)
    assert objection(problem, answer.places) is None
    used = [place for place in answer.places if problem.operations[place].outcome.value == "info"]
    assert len(used) == 5


def test_states_without_end() -> None:
    counted = [ok("add", 1, 10 * number, 10 * number + 15) for number in range(400)]
    right = searched(Counter(), [*counted, ok("read", None, 9000, 9001, 400)])
    wrong = searched(Counter(), [*counted, ok("read", None, 9000, 9001, 399)])
    assert isinstance(right, Order)
    assert isinstance(wrong, NoOrder)


def test_unknown_outcomes_and_states_without_end() -> None:
    # Taken to happen any number of times, they would lead to ever new states.
    lost = [info("enqueue", "lost", number, number + 1) for number in range(3)]
    rows = [*lost, ok("enqueue", "a", 10, 11), ok("dequeue", None, 12, 13, "lost")]
    assert isinstance(searched(FifoQueue(), rows), Order)
    again = [ok("dequeue", None, 20 + 2 * n, 21 + 2 * n, "lost") for n in range(3)]
    assert isinstance(searched(FifoQueue(), [*rows, *again]), NoOrder)


def hard(count: int = 14) -> list[Operation]:
    """Return a history that takes very many configurations: which enqueues happened, in which order?"""
    lost = [info("enqueue", number, 0, 1) for number in range(count)]
    slow = [ok("enqueue", 100 + number, 2, 3000) for number in range(count)]
    return [*lost, *slow, ok("enqueue", "x", 4, 5), ok("dequeue", None, 4000, 4001, "none")]


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(seconds=0.05), UnknownReason.TIME),
        (Budget(memory_bytes=3_000_000), UnknownReason.MEMORY),
        (Budget(cancelled=lambda: True), UnknownReason.CANCELLED),
    ],
)
def test_a_budget_ends_it(budget: Budget, reason: UnknownReason) -> None:
    answer = searched(FifoQueue(), hard(), budget)
    assert isinstance(answer, GaveUp)
    assert answer.reason is reason
    assert answer.returns_explained >= 0


def test_it_is_asked_for_often_enough() -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    answer = searched(FifoQueue(), hard(), Budget(cancelled=cancelled))
    assert isinstance(answer, GaveUp)
    assert asked == 4
    assert answer.configurations < 3 * 4096 + 1


def test_it_is_asked_for_while_a_slow_model_answers() -> None:
    steps = 0

    class Slow(FifoQueue):
        def step(self, state: Any, call: Call, result: Result) -> Any:
            nonlocal steps
            steps += 1
            time.sleep(0.011)  # a search looks at the clock every 10 ms
            return super().step(state, call, result)

    problem = problem_of(Slow(), hard(2))
    before = steps
    watch = Budget(cancelled=lambda: steps >= before + 5).start()
    answer = Search().decide(problem, watch)
    assert isinstance(answer, GaveUp)
    assert steps == before + 5


def test_the_verdict_says_what_was_spent() -> None:
    asked = itertools.count()
    budget = Budget(cancelled=lambda: next(asked) > 20)
    verdict = check(history(*hard()), FifoQueue(), budget=budget)
    assert isinstance(verdict, Unknown)
    assert verdict.spent.configurations > 0
    assert verdict.detail.startswith("an order explains the first ")


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="a signal")
def test_ctrl_c_reaches_the_caller() -> None:
    caught = threading.Event()

    def interrupt() -> None:
        # Again and again: one that comes while garbage is collected is lost, wherever Python runs.
        while not caught.wait(0.3):
            _thread.interrupt_main()

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            searched(FifoQueue(), hard(20), Budget(seconds=60))
    finally:
        caught.set()
        interrupting.join()


class Faulty:
    """A register whose ``step`` does something it must not from some state on."""

    functions = Register().functions

    def __init__(self, fault: Callable[[Hashable], Any]) -> None:
        self._fault = fault

    def initial(self) -> int:
        return -1

    def step(self, state: int, call: Call, result: Result) -> Any:
        return self._fault(call.value) if state == 2 else call.value


def _raises(value: Hashable) -> Any:
    raise LookupError(f"a bug in the model at {value}")


WRITES = [ok("write", value, 10 * value, 10 * value + 1) for value in range(6)]


def test_an_error_of_the_model_reaches_the_caller() -> None:
    with pytest.raises(LookupError, match="a bug in the model at 3"):
        searched(Faulty(_raises), WRITES)


def test_after_an_error_the_engine_can_be_used_again() -> None:
    failing = True

    def fault(value: Hashable) -> Any:
        return _raises(value) if failing else value

    model = Faulty(fault)
    with pytest.raises(LookupError):
        searched(model, WRITES)
    failing = False
    assert isinstance(searched(model, WRITES), Order)


def test_a_state_that_cannot_be_told_from_others_is_a_loud_error() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        searched(Faulty(lambda value: [value]), WRITES)


def test_a_model_that_changes_its_mind_is_found_out() -> None:
    answers = iter(range(10**6))
    model = Faulty(lambda value: Refused("not now") if next(answers) else value)
    with pytest.raises(RuntimeError, match="does not replay"):
        check(history(*WRITES), model)


def test_the_completion_is_that_of_the_reference_on_longer_histories() -> None:
    source = random.Random(1)
    found = 0
    for _ in range(30):
        rows: list[Operation] = []
        for number in range(60):
            begin = 3 * number
            if source.random() < 0.5:
                rows.append(ok("write", source.randrange(3), begin, begin + source.randrange(1, 9)))
            else:
                value = source.randrange(3) if number > 40 else None
                rows.append(ok("read", None, begin, begin + source.randrange(1, 9), value))
        problem = problem_of(Register(), rows)
        reference = WingGongLowe().decide(problem, Budget().start())
        found += isinstance(reference, NoOrder)
        assert wrong_answer(problem, decide(problem, ALL_ON), reference) is None
    assert found
