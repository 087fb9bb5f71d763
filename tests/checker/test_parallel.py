"""Keys decided side by side: the same answers in the same order, whatever the number of threads."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from tests.checker.tables import history, ok

from holdfast.checker.budget import Budget, Watch
from holdfast.checker.engines import Answer, GaveUp, NoOrder, Order
from holdfast.checker.engines.search import Search
from holdfast.checker.parallel import answers
from holdfast.checker.problem import Problem
from holdfast.checker.question import Question, questions_of
from holdfast.checker.verdict import UnknownReason
from holdfast.histories import Operation
from holdfast.models.register import Register


def questions(*wrong: int, keys: int = 30) -> list[Question]:
    """Return questions about registers, of which those with the numbers ``wrong`` have no order."""
    rows: list[Operation] = []
    for key in range(keys):
        read = ok("read", None, 4 * key + 2, 4 * key + 3, "never" if key in wrong else key)
        rows += history(ok("write", key, 4 * key, 4 * key + 1), read, key=key)
    numbered = [
        Operation(number, row.invocation, row.completion, row.invoked, row.completed)
        for number, row in enumerate(rows)
    ]
    return questions_of(numbered, Register(), None)


def found(asked: Sequence[Question], threads: int) -> list[tuple[object, str]]:
    watch = Budget().start()
    return [
        (question.key, type(answer).__name__)
        for question, answer in answers(asked, Search(), watch, threads)
    ]


@pytest.mark.parametrize("wrong", [(), (0,), (7, 3, 12), (29,)])
def test_threads_change_nothing(wrong: tuple[int, ...]) -> None:
    asked = questions(*wrong)
    first = min(wrong, default=30)
    expected = [(key, "Order") for key in range(first)]
    expected += [(key, "NoOrder") for key in wrong if key == first]
    for threads in (1, 2, 5, 40):
        assert found(asked, threads) == expected


def test_no_question_has_no_answer() -> None:
    assert list(answers([], Search(), Budget().start())) == []


class Endless:
    """An engine that finds no order of one key, and works on all others until it is ended."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)

    def decide(self, problem: Problem, watch: Watch) -> Answer:
        if problem.operations[0].key == 0:
            self.begun.acquire(timeout=20)  # another search is at work
            return NoOrder(1, (), 1)
        self.begun.release()
        while (reason := watch.exhausted()) is None:
            pass
        return GaveUp(reason, 0, 1)


def test_the_others_end_once_one_has_failed() -> None:
    asked = questions(keys=5)
    before = threading.active_count()
    answered = list(answers(asked, Endless(), Budget(seconds=60).start(), 3))
    assert [type(answer) for _, answer in answered] == [NoOrder]
    assert threading.active_count() == before


def test_an_error_in_a_thread_is_raised() -> None:
    class Broken:
        def decide(self, problem: Problem, watch: Watch) -> Answer:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(answers(questions(), Broken(), Budget().start(), 2))


def test_the_memory_of_all_threads_counts_together() -> None:
    watch = Budget(memory_bytes=100).start()
    assert watch.exhausted(60) is None
    said: list[object] = []
    elsewhere = threading.Thread(target=lambda: said.append(watch.exhausted(60)))
    elsewhere.start()
    elsewhere.join()
    assert said == [UnknownReason.MEMORY]
    assert watch.exhausted(39) is None


def test_a_closed_watch_ends_who_consults_it_and_not_the_one_it_came_from() -> None:
    watch = Budget().start()
    shared = watch.share()
    shared.close()
    assert shared.exhausted() is not None
    assert watch.exhausted() is None


def test_what_is_decided_is_what_one_engine_says() -> None:
    asked = questions(3)
    alone = [type(Search().decide(question.problem, Budget().start())) for question in asked]
    assert alone == [Order] * 3 + [NoOrder] + [Order] * 26
