"""What all models of locks have in common: a choice of what failures mean, and reads."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import MODELS, Call, Fail, Info, Ok, Refused
from holdfast.models.model import accepts_any_value, takes_instants

LOCKS = [name for name, model in MODELS if "acquire" in model().functions]
OWNED = [name for name in LOCKS if hasattr(MODELS[name](), "token_calls")]
ODD_VALUES: list[Any] = [None, "a", 7, 1.5, True, ("a", ("b", 2))]


def test_these_are_the_locks() -> None:
    assert sorted(LOCKS) == [
        "fenced-mutex",
        "leased-mutex",
        "mutex",
        "owned-mutex",
        "owned-semaphore",
        "reentrant-mutex",
        "semaphore",
        "unowned-fenced-mutex",
    ]


def called(model: Any, f: str, token: Any) -> Call:
    return Call(f, (token, 0, 100) if takes_instants(model) else token)


@pytest.mark.parametrize("name", LOCKS)
def test_a_failed_acquire_means_held_only_if_one_says_so(name: str) -> None:
    plain: Any = MODELS[name]()
    observing: Any = MODELS[name](failed_acquire_means_held=True)  # type: ignore[call-arg]
    assert plain.observed_failures == ()
    assert observing.observed_failures == ("acquire",)
    refused = observing.step(observing.initial(), called(observing, "acquire", "a"), Fail())
    assert isinstance(refused, Refused)


@pytest.mark.parametrize("name", OWNED)
def test_a_failed_release_means_not_the_holder_only_if_one_says_so(name: str) -> None:
    observing: Any = MODELS[name](failed_release_means_not_holder=True)  # type: ignore[call-arg]
    assert observing.observed_failures == ("release",)
    taken = observing.step(observing.initial(), called(observing, "acquire", "a"), Info())
    assert isinstance(
        observing.step(taken, called(observing, "release", "a"), Fail()), Refused
    ) or (
        takes_instants(observing)  # by then its lease may have expired
    )
    assert not isinstance(observing.step(taken, called(observing, "release", "b"), Fail()), Refused)


@pytest.mark.parametrize("name", LOCKS)
def test_whether_it_is_locked_can_be_read(name: str) -> None:
    model: Any = MODELS[name]()
    read = called(model, "is_locked", None)
    assert isinstance(model.step(model.initial(), read, Ok(True)), Refused)
    assert not isinstance(model.step(model.initial(), read, Ok(False)), Refused)


@pytest.mark.parametrize("name", [name for name in LOCKS if accepts_any_value(MODELS[name]())])
def test_any_value_and_any_answer_is_accepted_or_refused_but_never_invalid(name: str) -> None:
    model: Any = MODELS[name](failed_acquire_means_held=True)  # type: ignore[call-arg]
    state = model.step(model.initial(), Call("acquire", "a"), Ok())
    for f in model.functions:
        for value in ODD_VALUES:
            for answer in (*map(Ok, ODD_VALUES), Info()):
                for before in (model.initial(), state):
                    model.step(before, Call(f, value), answer)
