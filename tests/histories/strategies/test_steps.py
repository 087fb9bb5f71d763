from __future__ import annotations

import pytest

from holdfast.histories import History
from holdfast.histories.strategies.steps import INSTANT_NS, Answer, Step, What, When, Who, play
from holdfast.models import Call, Ok
from holdfast.models.register import Register

MODEL = Register(initial_value=0)
EXAMPLES = [
    *((Call("read"), Ok(value)) for value in range(3)),
    *((Call("write", value), Ok()) for value in (1, 2)),
]
NOW = When(0, 0)


def step(
    client: int, f: str, value: int | None = None, answer: Answer = Answer.TRUE, when: When = NOW
) -> Step:
    return What(Call(f, value), answer, Ok(2)), when, Who(client, 0)


def played(*steps: Step) -> History:
    return play(MODEL, EXAMPLES, steps, clients=3, keys=1, source="steps")


@pytest.mark.parametrize(
    ("answer", "recorded", "seen"),
    [
        (Answer.TRUE, "ok", 1),
        (Answer.FALSE, "ok", 0),
        (Answer.FAIL, "fail", 0),
        (Answer.LATE, "info", 1),
        (Answer.LOST, "info", 0),
        (Answer.NEVER, None, 1),
    ],
)
def test_how_a_write_is_answered_and_what_a_later_read_sees(
    answer: Answer, recorded: str | None, seen: int
) -> None:
    write, read = played(step(0, "write", 1, answer), step(1, "read"))
    assert (write.completion and write.completion.type) == recorded
    assert read.result == seen


@pytest.mark.parametrize(("effect", "seen"), [(0, 1), (1, 1), (2, 0)])
def test_a_call_takes_effect_at_its_point(effect: int, seen: int) -> None:
    long = step(0, "write", 1, when=When(3, effect))
    write, read = played(long, step(1, "read"))
    assert (write.invoked, write.completed) == (0, 3 * INSTANT_NS)
    assert (read.invoked, read.result) == (INSTANT_NS, seen)


def test_a_busy_client_and_one_that_retired() -> None:
    history = played(
        step(0, "read", when=When(1, 0)),
        step(0, "read"),  # is busy still: left out
        step(0, "read", answer=Answer.LOST),
        step(0, "read"),
    )
    assert [(o.process, o.invoked // INSTANT_NS) for o in history] == [(0, 0), (0, 2), (3, 3)]


def test_what_the_object_cannot_answer_fails() -> None:
    only_two = [(Call("read"), Ok(2))]
    steps = [step(0, "read")]
    (read,) = play(MODEL, only_two, steps, clients=1, keys=1, source="steps")
    assert read.completion is not None
    assert read.completion.type == "fail"
