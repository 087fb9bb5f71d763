"""The queues, call by call; and the unordered one against every choice that it leaves open."""

from __future__ import annotations

import itertools
import os
import random
from typing import Any

import pytest
from tests.checker.brute_force import is_linearizable
from tests.checker.tables import fail, history, info, never, ok
from tests.models.every_choice import Content, Row, is_explained, outcomes

from holdfast.histories import Operation
from holdfast.models import Call, Fail, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.persistent_map import PersistentMap
from holdfast.models.persistent_sequence import PersistentSequence
from holdfast.models.queue import Bag, FifoQueue, UnorderedQueue

HISTORIES = int(os.environ.get("HOLDFAST_HISTORIES", "2000"))
ENQUEUE, DEQUEUE = Call("enqueue", 1), Call("dequeue")


@pytest.mark.parametrize(
    ("before", "call", "result", "following"),
    [
        ([], ENQUEUE, Ok(), [1]),
        ([2], ENQUEUE, Ok(1), [2, 1]),
        ([1], ENQUEUE, Info(), [1, 1]),
        ([1, 2], DEQUEUE, Ok(1), [2]),
        ([1, 2], DEQUEUE, Ok(2), Refused("dequeued 2, but 1 is next")),
        ([1, 2], DEQUEUE, Info(), [2]),
        ([1, 2], DEQUEUE, Ok(None), Refused("found it empty, but 1 is next")),
        ([1, 2], DEQUEUE, Fail(), Refused("the dequeue failed, but 1 is next")),
        ([], DEQUEUE, Ok(1), Refused("dequeued 1, but the queue is empty")),
        ([], DEQUEUE, Ok(None), []),
        ([], DEQUEUE, Info(), []),
        ([], DEQUEUE, Fail(), []),
    ],
)
def test_first_in_first_out(before: list[Any], call: Call, result: Result, following: Any) -> None:
    expected = following if isinstance(following, Refused) else PersistentSequence(following)
    assert FifoQueue().step(PersistentSequence(before), call, result) == expected


@pytest.mark.parametrize(
    ("before", "call", "result", "following"),
    [
        (({}, 0), ENQUEUE, Ok(), ({1: 1}, 1)),
        (({1: 1}, 1), ENQUEUE, Info(), ({1: 2}, 2)),
        (({1: 2, 2: 1}, 2), ENQUEUE, Ok(1), ({1: 3, 2: 1}, 3)),
        (({1: 1, 2: 1}, 2), DEQUEUE, Ok(1), ({2: 1}, 1)),
        (({1: 1, 2: 1}, 2), DEQUEUE, Ok(2), ({1: 1}, 1)),
        (({1: 2}, 2), DEQUEUE, Ok(1), ({1: 1}, 1)),
        (({1: 1}, 1), DEQUEUE, Ok(1), ({}, 0)),
        (({1: 1}, 1), DEQUEUE, Ok(2), Refused("dequeued 2, which is not there")),
        (({1: 1, 2: 1}, 2), DEQUEUE, Info(), ({1: 1, 2: 1}, 1)),
        (({1: 1, 2: 1}, 1), DEQUEUE, Ok(2), ({}, 0)),
        (({1: 1, 2: 1}, 1), DEQUEUE, Info(), ({}, 0)),
        (({1: 1, 2: 1}, 1), DEQUEUE, Ok(None), Refused("found it empty, but 1 must be there")),
        (({1: 1, 2: 1}, 1), DEQUEUE, Fail(), Refused("the dequeue failed, but 1 must be there")),
        (({}, 0), DEQUEUE, Ok(1), Refused("dequeued 1, but the queue is empty")),
        (({}, 0), DEQUEUE, Ok(None), ({}, 0)),
        (({}, 0), DEQUEUE, Info(), ({}, 0)),
        (({}, 0), DEQUEUE, Fail(), ({}, 0)),
    ],
)
def test_any_order(before: Any, call: Call, result: Result, following: Any) -> None:
    expected = following if isinstance(following, Refused) else bag(*following)
    assert UnorderedQueue().step(bag(*before), call, result) == expected


def bag(candidates: dict[Any, int], size: int) -> Bag:
    return Bag(PersistentMap(candidates), size)


@pytest.mark.parametrize("kind", [FifoQueue, UnorderedQueue])
def test_a_failed_dequeue_observes_nothing_by_default(kind: Any) -> None:
    assert kind().observed_failures == ()
    assert kind(failed_dequeue_means_empty=True).observed_failures == ("dequeue",)


@pytest.mark.parametrize("model", [FifoQueue(), UnorderedQueue()])
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (Call("enqueue"), "enqueue of null"),
        (Call("drain"), "unknown function 'drain'; this model knows enqueue, dequeue"),
    ],
)
def test_malformed_calls_are_invalid(model: Any, call: Call, words: str) -> None:
    with pytest.raises(InvalidCall, match=words):
        model.step(model.initial(), call, Ok())


PUT_1, PUT_2 = ok("enqueue", 1, 0, 1), ok("enqueue", 2, 2, 3)
LOST_EARLY, LOST_LATE = info("dequeue", None, 0, 1), info("dequeue", None, 4, 5)
EMPTY = ok("dequeue", None, 6, 7)


@pytest.mark.parametrize(
    ("rows", "linearizable"),
    [
        ([PUT_1, EMPTY], False),
        ([PUT_1, LOST_LATE, EMPTY], True),
        ([PUT_1, never("dequeue", None, 4), EMPTY], True),
        ([PUT_1, LOST_EARLY, EMPTY], True),
        ([PUT_1, EMPTY, info("dequeue", None, 8, 9)], False),
        ([PUT_1, PUT_2, LOST_LATE, EMPTY], False),
        ([PUT_1, PUT_2, LOST_EARLY, LOST_LATE, EMPTY], True),
        ([PUT_1, PUT_2, LOST_EARLY, EMPTY, ok("dequeue", None, 8, 9, 1)], False),
        ([PUT_1, PUT_2, LOST_EARLY, ok("dequeue", None, 4, 5, 1), EMPTY], True),
        ([PUT_1, PUT_2, LOST_EARLY, ok("dequeue", None, 4, 5, 2), EMPTY], True),
        ([PUT_1, LOST_LATE, ok("dequeue", None, 6, 7, 1)], True),
        ([PUT_1, LOST_LATE, EMPTY, ok("dequeue", None, 8, 9, 1)], False),
        ([PUT_1, LOST_LATE, EMPTY, ok("enqueue", 1, 8, 9), ok("dequeue", None, 10, 11, 1)], True),
        ([PUT_1, LOST_LATE, fail("dequeue", None, 6, 7)], True),
        ([PUT_1, fail("dequeue", None, 6, 7), LOST_LATE], True),
        ([PUT_1, fail("dequeue", None, 2, 3), LOST_LATE], False),
    ],
)
def test_dequeues_of_unknown_result(rows: list[Operation], linearizable: bool) -> None:
    model = UnorderedQueue(failed_dequeue_means_empty=True)
    assert is_linearizable(model, history(*rows)) == linearizable
    assert is_explained([_row(operation) for operation in rows]) == linearizable


KINDS = (
    *(("put", element) for element in (1, 1, 2, 2)),
    *(("take", element) for element in (1, 2, None, None)),
    *(("lose", None), ("lose", None)),
)


def test_random_histories_are_linearizable_if_some_choice_explains_them() -> None:
    source = random.Random("unordered")
    answers = []
    for _ in range(HISTORIES):
        rows = [_random_row(source) for _ in range(source.randrange(8))]
        operations = history(*(_operation(row, source) for row in rows))
        expected = is_explained([_row(operation) for operation in operations])
        model = UnorderedQueue(failed_dequeue_means_empty=True)
        assert is_linearizable(model, operations) == expected, rows
        answers.append(expected)
    assert 0.1 < sum(answers) / len(answers) < 0.9


def _random_row(source: random.Random) -> Row:
    what, element = source.choice(KINDS)
    invoked = source.randrange(12)
    # Mostly answered; a dequeue of unknown result never is.
    answered = what != "lose" and source.random() < 0.9
    return what, element, invoked, invoked + source.randrange(5) if answered else None


def _operation(row: Row, source: random.Random) -> Operation:
    what, element, invoked, returned = row
    f, value = ("enqueue", element) if what == "put" else ("dequeue", None)
    if returned is None:
        return never(f, value, invoked)
    if what == "take" and element is None and source.random() < 0.5:
        return fail(f, value, invoked, returned)
    return ok(f, value, invoked, returned, element)


def _row(operation: Operation) -> Row:
    returned = operation.returned
    if operation.f == "enqueue":
        assert isinstance(operation.value, int)
        return "put", operation.value, operation.invoked, returned
    if returned is None:
        return "lose", None, operation.invoked, None
    assert operation.result is None or isinstance(operation.result, int)
    return "take", operation.result, operation.invoked, returned


LETTERS: dict[tuple[str, int | None], tuple[Call, Result]] = {
    ("put", 1): (Call("enqueue", 1), Ok()),
    ("put", 2): (Call("enqueue", 2), Info()),
    ("take", 1): (DEQUEUE, Ok(1)),
    ("take", 2): (DEQUEUE, Ok(2)),
    ("take", None): (DEQUEUE, Ok(None)),
    ("lose", None): (DEQUEUE, Info()),
}


def test_no_choice_is_missed_and_nothing_else_is_allowed() -> None:
    """In every order of up to 7 calls: allowed at once by a choice, so by the model, so by a late choice.

    A late choice lets a dequeue of unknown result take effect later than in the order, or never.
    """
    counts = [0, 0, 0]
    orders: list[tuple[Any, frozenset[Content], frozenset[tuple[Content, int]]]] = [
        (UnorderedQueue().initial(), frozenset([()]), frozenset([((), 0)]))
    ]
    for _ in range(7):
        longer = []
        for (state, contents, late), (letter, asked) in itertools.product(orders, LETTERS.items()):
            following = None if state is None else UnorderedQueue().step(state, *asked)
            allowed = following is not None and not isinstance(following, Refused)
            at_once = frozenset(
                after for content in contents for after in outcomes(content, *letter)
            )
            later = _late(late, letter)
            assert bool(at_once) <= allowed <= bool(later)
            counts = [
                count + met
                for count, met in zip(counts, (bool(at_once), allowed, bool(later)), strict=True)
            ]
            if later:
                longer.append((following if allowed else None, at_once, later))
        orders = longer
    # The three are not the same: the test would be none if they were.
    assert 0 < counts[0] < counts[1] < counts[2]


def _late(
    late: frozenset[tuple[Content, int]], letter: tuple[str, int | None]
) -> frozenset[tuple[Content, int]]:
    """Return what may be in the queue, each with how many unknown dequeues are still to come."""
    if letter[0] == "lose":
        return frozenset((content, due + 1) for content, due in late)
    reached = set(late)
    queue = list(late)
    for content, due in queue:  # grows as it goes
        for after in outcomes(content, "lose", None) if due else ():
            if (after, due - 1) not in reached:
                reached.add((after, due - 1))
                queue.append((after, due - 1))
    return frozenset(
        (after, due) for content, due in reached for after in outcomes(content, *letter)
    )
