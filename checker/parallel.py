"""Decides the keys of a history, several at once where that pays; the answers come in a fixed order."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from holdfast.checker.budget import Watch
from holdfast.checker.engines import Answer, Engine, NoOrder
from holdfast.checker.question import Question

Answered = tuple[Question, Answer]

OPERATIONS_EACH = 20_000
"""With fewer operations than this for each, more threads cost more than they gain."""


def answers(
    questions: Sequence[Question], engine: Engine, watch: Watch, threads: int | None = None
) -> Generator[Answered, None, None]:
    """Yield each question with its answer, in the order given, up to the first that has no order.

    Linearizability is local, so no key waits for another (A. Horn and D. Kroening, *Faster
    Linearizability Checking via P-compositionality*, FORTE 2015). The compiled engines search without
    the interpreter's lock. When the iteration ends early, so do the searches that are still going on.

    Args:
        questions: one for each key.
        engine: what decides.
        watch: limits all of them together.
        threads: how many to use; by default as many as there are processors, and work for.
    """
    operations = sum(len(question.operations) for question in questions)
    if threads is None:
        threads = min(_processors(), operations // OPERATIONS_EACH, len(questions))
    if threads <= 1:
        yield from _one_by_one(questions, engine, watch)
        return
    shared = watch.share()
    with ThreadPoolExecutor(threads, thread_name_prefix="holdfast") as pool:
        # A pool's threads take batches in this order, so nothing waits for one that is not begun.
        batches = _batches(questions, operations // (4 * threads))
        found = [pool.submit(_all, batch, engine, shared) for batch in batches]
        try:
            yield from _up_to_a_failure(
                answered for future in found for answered in future.result()
            )
        finally:
            shared.close()
            pool.shutdown(cancel_futures=True)


def _one_by_one(questions: Sequence[Question], engine: Engine, watch: Watch) -> Iterator[Answered]:
    decided = ((question, engine.decide(question.problem, watch)) for question in questions)
    return _up_to_a_failure(decided)


def _up_to_a_failure(answers: Iterable[Answered]) -> Iterator[Answered]:
    for question, answer in answers:
        yield question, answer
        if isinstance(answer, NoOrder):
            return


def _all(questions: Sequence[Question], engine: Engine, watch: Watch) -> list[Answered]:
    return list(_one_by_one(questions, engine, watch))


def _batches(questions: Sequence[Question], operations: int) -> Iterator[Sequence[Question]]:
    """Yield runs of questions with about so many operations: a thread each for tiny ones is wasteful."""
    batch: list[Question] = []
    size = 0
    for question in questions:
        batch.append(question)
        size += len(question.operations)
        if size >= operations:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
