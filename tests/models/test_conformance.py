"""Every registered model keeps the promises of models; and each broken promise is found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pytest
from attrs import field, frozen
from tests.checker.random_histories import models_with_options

from holdfast.models import (
    Call,
    Example,
    Fail,
    Info,
    InvalidCall,
    Ok,
    OwnedByToken,
    Refused,
    Result,
    WithExamples,
)
from holdfast.models.conformance import check_conformance
from holdfast.models.mutex import OwnedMutex
from holdfast.models.register import Register
from holdfast.models.value import Value

ALL = dict(models_with_options())


@pytest.mark.parametrize("name", ALL)
def test_every_registered_model_conforms(name: str) -> None:
    assert isinstance(ALL[name], WithExamples), (
        "give the model a method examples(), see WithExamples"
    )
    check_conformance(ALL[name], ALL[name].examples())


@pytest.mark.parametrize("name", ALL)
def test_every_example_of_two_kinds_of_result(name: str) -> None:
    examples = ALL[name].examples()
    answered = {call for call, result in examples if isinstance(result, Ok)}
    assert {call for call, result in examples if isinstance(result, Info)} == answered


Step = Callable[[Any, Call, Result], Any]


@frozen
class Variant:
    """The owned mutex with some of its members replaced."""

    step: Step = OwnedMutex().step
    initial: Callable[[], Any] = OwnedMutex().initial
    functions: Mapping[str, str] = field(factory=lambda: OwnedMutex().functions)
    observed_failures: Collection[str] = ()
    observations: Collection[str] = OwnedMutex().observations
    token_calls: Collection[str] = ("acquire", "release")
    holders: Callable[[Any], tuple[Any, ...]] = OwnedMutex().holders


EXAMPLES = OwnedMutex().examples()


def test_the_variant_without_a_change_conforms() -> None:
    assert isinstance(Variant(), OwnedByToken)
    check_conformance(Variant(), EXAMPLES)


def _unlike_in(
    condition: Callable[[Any, Call, Result], bool], answer: Callable[[Any], Any]
) -> Step:
    sound = OwnedMutex().step
    return lambda state, call, result: (
        answer(state) if condition(state, call, result) else sound(state, call, result)
    )


def _accepts_anything(state: Any, call: Call, result: Result) -> Any:
    return OwnedMutex().step(state, Call("acquire", call.value), result)


def _forgetful() -> Step:
    calls: list[Call] = []

    def step(state: Any, call: Call, result: Result) -> Any:
        calls.append(call)
        return Refused("tired") if len(calls) % 7 == 0 else OwnedMutex().step(state, call, result)

    return step


def _mutating(state: dict[str, str], call: Call, result: Result) -> Any:
    if call.f not in OwnedMutex().functions:
        raise InvalidCall("unknown")
    state["holder"] = str(call.value)
    return state


@frozen
class MutableState:
    """Hashable and comparable, but not immutable."""

    holder: list[Any] = field(factory=list, hash=False)


def _mutating_hashable(state: MutableState, call: Call, result: Result) -> Any:
    if call.f not in OwnedMutex().functions:
        raise InvalidCall("unknown")
    state.holder.append(call.value)
    return MutableState([*state.holder])


class ByIdentity:
    """A state that equals nothing but itself."""


def _a_comes_first(state: Any, call: Call, result: Result) -> Any:
    holder, a_was_here = state
    following = OwnedMutex().step(holder, call, result)
    if isinstance(following, Refused):
        return following
    if call == Call("acquire", "b") and not a_was_here:
        return Refused("'a' comes first")
    return following, a_was_here or call.value == "a"


@frozen
class Worn:
    """A state with a part that its comparison overlooks."""

    holder: tuple[Any, ...] = ()
    acquires: int = field(default=0, eq=False)


def _wears_out(state: Worn, call: Call, result: Result) -> Any:
    following = OwnedMutex().step(state.holder, call, result)
    if isinstance(following, Refused):
        return following
    if state.acquires == 1 and call.f == "acquire":
        return Refused("worn out")
    return Worn(following, state.acquires + (call.f == "acquire"))


def _is_acquire(state: Any, call: Call, result: Result) -> bool:
    return call.f == "acquire" and not state


BROKEN: dict[str, tuple[Variant, Sequence[Example], str]] = {
    "no functions": (Variant(functions={}), EXAMPLES, "knows no function"),
    "an undocumented function": (
        Variant(functions={"acquire": "take it", "release": " "}),
        EXAMPLES,
        "'release' is not documented",
    ),
    "an example of an unknown function": (
        Variant(functions={"acquire": "take it"}),
        EXAMPLES,
        "'release' of the examples is not among the functions",
    ),
    "a function that never happens": (
        Variant(step=_unlike_in(lambda s, c, r: c.f == "release", lambda s: Refused("never"))),
        EXAMPLES,
        "no example of 'release' is ever accepted",
    ),
    "an unknown function is refused, not invalid": (
        Variant(
            step=lambda s, c, r: (
                OwnedMutex().step(s, c, r) if c.f in ("acquire", "release") else Refused("what?")
            )
        ),
        EXAMPLES,
        "raise InvalidCall",
    ),
    "an unknown function is invalid in some states only": (
        Variant(
            step=lambda s, c, r: (
                Refused("held") if s and c.f == "no-such-function" else OwnedMutex().step(s, c, r)
            )
        ),
        EXAMPLES,
        "raise InvalidCall",
    ),
    "an invalid call in some states only": (
        Variant(step=lambda s, c, r: OwnedMutex().step(s, Call("x") if s else c, r)),
        EXAMPLES,
        "raised InvalidCall in the state",
    ),
    "a refusal without a reason": (
        Variant(
            step=_unlike_in(lambda s, c, r: bool(s) and c.f == "acquire", lambda s: Refused(""))
        ),
        EXAMPLES,
        "refuses without a reason",
    ),
    "a step with a memory": (Variant(step=_forgetful()), EXAMPLES, "not a pure function"),
    "states that cannot be hashed": (
        Variant(initial=dict, step=_mutating),
        EXAMPLES,
        "cannot be hashed",
    ),
    "states that are changed in place": (
        Variant(initial=MutableState, step=_mutating_hashable),
        EXAMPLES,
        "changed the state|not a pure function",
    ),
    "states that are compared by identity": (
        Variant(initial=ByIdentity),
        EXAMPLES,
        "does not equal its own copy",
    ),
    "another initial state each time": (
        Variant(initial=iter([(), ("a",), ()]).__next__),
        EXAMPLES,
        "another state each time",
    ),
    "a lost answer that is refused": (
        Variant(
            step=_unlike_in(
                lambda s, c, r: _is_acquire(s, c, r) and isinstance(r, Info),
                lambda s: Refused("no"),
            )
        ),
        EXAMPLES,
        "an Info must allow what an Ok allows",
    ),
    "a lost answer that forbids what follows": (
        Variant(
            step=_unlike_in(
                lambda s, c, r: _is_acquire(s, c, r) and isinstance(r, Info), lambda s: ("nobody",)
            ),
            holders=lambda s: tuple(token for token in s if token != "nobody"),
        ),
        EXAMPLES,
        "an Info must allow what an Ok allows",
    ),
    "an observed failure that changes the state": (
        Variant(
            step=_unlike_in(lambda s, c, r: isinstance(r, Fail), lambda s: ("a",)),
            observed_failures=("acquire",),
        ),
        [*EXAMPLES, (Call("acquire", "a"), Fail())],
        "only observes, as the model says, but changes the state",
    ),
    "an observed failure without an example": (
        Variant(observed_failures=("acquire",)),
        EXAMPLES,
        "give an example of it that fails",
    ),
    "an observation that changes the state": (
        Variant(observations=("release",)),
        EXAMPLES,
        "only observes, as the model says, but changes the state",
    ),
    "an observation that is no function": (
        Variant(observations=("peek",)),
        EXAMPLES,
        "'peek' of observations",
    ),
    "an observed failure that is no function": (
        Variant(observed_failures=("peek",)),
        EXAMPLES,
        "'peek' of observed_failures",
    ),
    "a token call that is no function": (
        Variant(token_calls=("acquire", "release", "peek")),
        EXAMPLES,
        "'peek' of token_calls",
    ),
    "one token": (
        Variant(),
        [example for example in EXAMPLES if example[0].value in ("a", None)],
        "fewer than two tokens",
    ),
    "held at the start": (
        Variant(holders=lambda state: state or ("a",)),
        EXAMPLES,
        "the initial state has holders",
    ),
    "nobody ever holds": (Variant(holders=lambda state: ()), EXAMPLES, "names nobody"),
    "a holder that is no token": (
        Variant(holders=lambda state: ("z",) if state else ()),
        EXAMPLES,
        "not tokens of any example",
    ),
    "a token that holds without a call": (
        Variant(holders=lambda state: ("a",) if state else ()),
        EXAMPLES,
        "'a' holds in the state .* although it made no call",
    ),
    "a token whose removal forbids something": (
        Variant(initial=lambda: ((), False), step=_a_comes_first, holders=lambda state: state[0]),
        EXAMPLES,
        "removing a token must forbid nothing",
    ),
    "equal states that differ": (
        Variant(initial=Worn, step=_wears_out, holders=lambda state: state.holder),
        EXAMPLES,
        "had led to it",
    ),
}


@pytest.mark.parametrize("promise", BROKEN)
def test_a_broken_promise_is_found(promise: str) -> None:
    model, examples, words = BROKEN[promise]
    with pytest.raises(AssertionError, match=words):
        check_conformance(model, examples)


class _Sticky(Register):
    """A register whose write of 0 is refused: it does not overwrite every state."""

    def step(self, state: Value, call: Call, result: Result) -> Value | Refused:
        if call == Call("write", 0) and state == 1:
            return Refused("it sticks")
        return super().step(state, call, result)


def test_what_is_said_to_overwrite_must_do_so_from_every_state() -> None:
    examples = [(Call("write", 0), Ok()), (Call("write", 1), Ok()), (Call("read"), Ok(0))]
    check_conformance(Register(), examples)
    with pytest.raises(AssertionError, match="leave 'write' out of overwrites"):
        check_conformance(_Sticky(), examples)
