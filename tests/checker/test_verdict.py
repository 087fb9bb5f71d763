"""Verdicts are values, and none of them is true or false."""

from __future__ import annotations

import attrs
import pytest
from tests.checker.tables import history, ok

from holdfast.checker.verdict import (
    Counterexample,
    Linearizable,
    NotLinearizable,
    Spent,
    Unknown,
    UnknownReason,
    Verdict,
)

OPERATION = history(ok("acquire", "a", 0, 1))[0]
COUNTEREXAMPLE = Counterexample(None, OPERATION, (), (OPERATION,))
SPENT = Spent(1.0, 2)

VERDICTS: list[Verdict] = [
    Linearizable({}, "wgl", SPENT),
    NotLinearizable(COUNTEREXAMPLE, "wgl", SPENT),
    Unknown(UnknownReason.TIME, "far", "wgl", SPENT),
]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_no_verdict_is_a_bool(verdict: Verdict) -> None:
    with pytest.raises(TypeError, match=r"use isinstance\(verdict, Linearizable\), or match it"):
        bool(verdict)
    with pytest.raises(TypeError):
        assert not verdict


@pytest.mark.parametrize("verdict", VERDICTS)
def test_what_it_cost_makes_no_difference(verdict: Verdict) -> None:
    assert attrs.evolve(verdict, spent=Spent(9.0, 9)) == verdict
    assert attrs.evolve(verdict, engine="other") != verdict


def test_what_was_spent_adds_up() -> None:
    assert Spent(1.0, 2) + Spent(0.5, 3) == Spent(1.5, 5)


@pytest.mark.parametrize("reason", UnknownReason)
def test_every_reason_says_itself(reason: UnknownReason) -> None:
    assert reason.value
