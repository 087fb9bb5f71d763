"""Whether an error is definite is decided in one place, and in doubt it is not."""

from __future__ import annotations

import socket

import pytest

from holdfast.histories.operation import Outcome
from holdfast.histories.outcome import (
    DefiniteFailure,
    NoAnswer,
    NotAcquired,
    NotHeld,
    NotSent,
    ServerRefused,
    StaleToken,
    outcome_of,
)


@pytest.mark.parametrize(
    "kind", [DefiniteFailure, NotSent, ServerRefused, NotAcquired, NotHeld, StaleToken]
)
def test_what_certainly_had_no_effect_is_a_failure(kind: type[Exception]) -> None:
    assert outcome_of(kind("in words")) == (Outcome.FAIL, "in words")


@pytest.mark.parametrize(
    "kind",
    [
        NoAnswer,
        TimeoutError,
        socket.timeout,
        ConnectionResetError,
        BrokenPipeError,
        ConnectionRefusedError,
        OSError,
        ValueError,
        AssertionError,
        Exception,
        KeyboardInterrupt,
        SystemExit,
        GeneratorExit,
    ],
)
def test_everything_else_may_have_had_an_effect(kind: type[BaseException]) -> None:
    """Even a refused connection: a client library may have tried before, and got through."""
    assert outcome_of(kind("in words")) == (Outcome.INFO, "in words")


def test_an_error_without_words_is_named() -> None:
    assert outcome_of(TimeoutError()) == (Outcome.INFO, "TimeoutError")
    assert outcome_of(NotHeld()) == (Outcome.FAIL, "NotHeld")


def test_a_definite_failure_behind_a_doubtful_one_does_not_count() -> None:
    """The request that raised last is the one that nobody knows about."""
    error = NoAnswer("from the second node")
    error.__cause__ = NotSent("to the first node")
    assert outcome_of(error) == (Outcome.INFO, "from the second node")
