"""The checker agrees with brute force on small random histories of every registered model.

``HOLDFAST_HISTORIES`` sets how many are drawn for each; benchmarks/agreement.py draws as many as you like.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.checker.brute_force import is_linearizable
from tests.checker.random_histories import histories_of, models_with_options, random_history

from holdfast.checker.check import check
from holdfast.checker.verdict import Linearizable, NotLinearizable
from holdfast.histories import History

HISTORIES = int(os.environ.get("HOLDFAST_HISTORIES", "2000"))
MODELS = dict(models_with_options())


def agrees(model: Any, history: History) -> bool:
    """Check ``history`` both ways, and the counterexample if there is one; return the answer."""
    verdict = check(history, model)
    expected = is_linearizable(model, history)
    assert isinstance(verdict, Linearizable if expected else NotLinearizable)
    if isinstance(verdict, NotLinearizable):
        found = verdict.counterexample
        assert found.completion in found.operations
        assert not is_linearizable(model, found.operations)
        for configuration in found.configurations:
            assert found.completion in [refusal.operation for refusal in configuration.refusals]
    return expected


@pytest.mark.parametrize("name", MODELS)
def test_on_thousands(name: str) -> None:
    model, source = MODELS[name], random.Random(name)
    answers = [
        agrees(model, random_history(model, source, keys=1 + number % 2))
        for number in range(HISTORIES)
    ]
    # A sample of one kind would show nothing.
    assert 0.02 < sum(answers) / len(answers) < 0.98


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(data=st.data())
def test_on_fewer_that_shrink(name: str, data: st.DataObject) -> None:
    model = MODELS[name]
    agrees(model, data.draw(histories_of(model, keys=data.draw(st.integers(1, 2)))))
