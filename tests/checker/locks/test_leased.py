"""A mutex with a lease: the model, the procedure and a brute force over instants agree."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.checker.lease_histories import Timed, lease_problem, random_calls
from tests.checker.lock_agreement import compared
from tests.checker.lock_brute_force import has_order

from holdfast.checker.locks.certificate import CertainHold, DeniedHolder, LeasesTooLong
from holdfast.checker.locks.leased import decide_leased
from holdfast.checker.locks.rows import Order, Outside
from holdfast.models.leased_mutex import LeasedMutex
from holdfast.models.model import Fail, Info, Ok

TTL = 4
MODEL = LeasedMutex(TTL)
OBSERVING = LeasedMutex(TTL, failed_acquire_means_held=True, failed_release_means_not_holder=True)


def holds_at_instants(calls: list[Timed]) -> bool:
    """Return whether the holds fit, by trying all instants of their beginnings and ends; no reads."""
    last = max((returned or invoked for *_, invoked, returned in calls), default=0) + 3 * TTL
    spans: list[list[tuple[int, int]]] = []
    for token in dict.fromkeys(token for _, token, *_ in calls):
        own = [call for call in calls if call[1] == token]
        acquires = [call for call in own if call[0] == "acquire"]
        releases = [call for call in own if call[0] == "release"]
        known = [call for call in releases if isinstance(call[2], Ok)]
        must = bool(known) or any(isinstance(call[2], Ok) for call in acquires)
        if not acquires:
            if known:
                return False
            continue
        (_, _, _, invoked, returned) = acquires[0]
        choices: set[tuple[int, int]] = set()
        for begin in range(invoked, (last if returned is None else returned) + 1):
            for end in range(begin, last + TTL + 1):
                if len(known) > 1:
                    break
                if known:
                    (*_, asked, answered) = known[0]
                    ends = answered is not None and asked <= end <= answered
                else:
                    ends = end >= begin + TTL or any(call[3] <= end for call in releases)
                if ends:
                    choices.add((begin, end))
        if must:
            spans.append(sorted(choices))
    return any(
        all(
            first[1] <= second[0] or second[1] <= first[0]
            for first, second in itertools.combinations(chosen, 2)
        )
        for chosen in itertools.product(*spans)
    )


def test_the_model_agrees_with_brute_force_over_instants() -> None:
    source = random.Random(1)
    found = [0, 0]
    for _ in range(1500):
        calls = random_calls(MODEL, source, 3, reads=False)
        expected = holds_at_instants(calls)
        found[expected] += 1
        assert has_order(lease_problem(MODEL, calls)) is expected, calls
    assert min(found) > 200


@pytest.mark.parametrize("model", [MODEL, OBSERVING])
def test_the_procedure_agrees_with_the_model(model: LeasedMutex) -> None:
    source = random.Random(2)
    answers: dict[type, int] = {}
    for _ in range(4000):
        problem = lease_problem(model, random_calls(model, source, 4))
        assert compared(problem).wrong is None
        answer = type(decide_leased(problem))
        answers[answer] = answers.get(answer, 0) + 1
    assert min(answers[kind] for kind in (Order, LeasesTooLong, Outside)) > 200, answers


INSTANTS = st.integers(0, 3 * TTL)
OUTCOMES = st.sampled_from([Ok(), Ok(), Ok(), Info(), Fail()])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["acquire", "release"]),
            st.sampled_from("abcd"),
            OUTCOMES,
            INSTANTS,
            st.integers(0, TTL),
        ),
        max_size=8,
    )
)
def test_any_calls_at_any_instants(drawn: list[tuple[str, str, Any, int, int]]) -> None:
    calls: list[Timed] = [
        (f, token, result, begin, None if result == Info() else begin + length)
        for f, token, result, begin, length in drawn
    ]
    assert compared(lease_problem(OBSERVING, calls)).wrong is None


CHAINS: list[Any] = [
    pytest.param((3, 4), (7, 8), Order, id="each lease expires before the next"),
    pytest.param((2, 3), (7, 8), LeasesTooLong, id="the first has not expired"),
    pytest.param((3, 4), (6, 7), LeasesTooLong, id="the second began late, and cannot end"),
]


@pytest.mark.parametrize(("second", "third", "expected"), CHAINS)
def test_leases_follow_each_other(
    second: tuple[int, int], third: tuple[int, int], expected: type
) -> None:
    calls: list[Timed] = [("acquire", "a", Ok(), 0, 1)]
    calls += [("acquire", token, Ok(), *at) for token, at in (("b", second), ("c", third))]
    assert isinstance(decide_leased(lease_problem(MODEL, calls)), expected)


def test_only_the_leases_that_matter_are_named() -> None:
    calls: list[Timed] = [
        ("acquire", "a", Ok(), 0, 1),
        ("release", "a", Ok(), 2, 3),
        ("acquire", "b", Ok(), 10, 11),
        ("acquire", "c", Ok(), 12, 13),
    ]
    assert decide_leased(lease_problem(MODEL, calls)) == LeasesTooLong((2, 3))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param((2, 3), DeniedHolder(CertainHold(0, 0, None), 1), id="lost early"),
        pytest.param((2, TTL), Order((0, 1)), id="expired just then"),
        pytest.param((0, 1), Order((1, 0)), id="not taken yet"),
    ],
)
def test_a_release_that_was_not_the_holder(at: tuple[int, int], expected: object) -> None:
    calls: list[Timed] = [("acquire", "a", Ok(), 0, 1), ("release", "a", Fail(), *at)]
    assert decide_leased(lease_problem(OBSERVING, calls)) == expected
    assert isinstance(decide_leased(lease_problem(MODEL, calls)), Order)
