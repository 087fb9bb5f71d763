"""A test that any model must pass: that it keeps the promises on which the checker rests."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from holdfast.models.model import (
    Call,
    Example,
    Fail,
    Info,
    InvalidCall,
    Model,
    Observes,
    ObservesFailures,
    Ok,
    Overwrites,
    OwnedByToken,
    Refused,
    Result,
    TokensInteract,
    WithExamples,
    takes_instants,
    token_of,
)
from holdfast.models.state_graph import reachable_states

UNHEARD_OF = "no-such-function"


def check_conformance(
    model: Model[Any], examples: Sequence[Example] | None = None, *, limit: int = 200
) -> None:
    """Check that ``model`` keeps the promises of ``Model`` and of its optional powers.

    Args:
        model: the model to test.
        examples: calls with their results, by default ``model.examples()``: each function with
            a result that some state accepts, each observed failure, two tokens or values at least.
        limit: how many states, or pairs of states, each part of the test visits at most.

    Raises:
        AssertionError: a promise is broken; the message says which, where, and what to do.
    """
    if examples is None:
        if not isinstance(model, WithExamples):
            raise TypeError(
                "give examples: [(Call('open'), Ok()), …], or the model a method examples()"
            )
        examples = model.examples()
    _check_examples(model, examples)
    careful = _CarefulModel(model)
    space = reachable_states(careful, examples, limit)
    for state in space.states:
        _check_unheard_of(model, state)
    _check_repeatable(model, examples, space.states)
    _check_overwriting(model, examples, space.states)
    accepted = {transition.call.f for transition in space.transitions}
    for f in model.functions:
        _demand(f in accepted, f"no example of {f!r} is ever accepted: give one that is")
    for transition in space.transitions:
        if _only_observes(model, transition.call, transition.result) and not takes_instants(model):
            _demand(
                transition.source == transition.target,
                f"{transition.call} with {transition.result} only observes, as the model says, but "
                f"changes the state {space.states[transition.source]!r}",
            )
    _check_lost_answers(model, examples, limit)
    if isinstance(model, OwnedByToken):
        _check_tokens(model, examples, space.states)
        interact = isinstance(model, TokensInteract) and model.tokens_interact
        for token in () if interact else _tokens(model, examples):
            _check_removal(model, examples, token, limit)


@frozen
class _CarefulModel:
    """A model whose every step is taken several times and compared."""

    model: Model[Any]

    @property
    def functions(self) -> Mapping[str, str]:
        return self.model.functions

    def initial(self) -> Hashable:
        state: Hashable = self.model.initial()
        _check_state(state)
        _demand(state == self.model.initial(), "initial() returns another state each time")
        return state

    def step(self, state: Hashable, call: Call, result: Result) -> Hashable | Refused:
        before = copy.deepcopy(state)
        first = self._step(state, call, result)
        again = self._step(state, call, result)
        where = f"step({before!r}, {call}, {result})"
        _demand(first == again, f"{where} is not a pure function: {first!r}, then {again!r}")
        _demand(state == before, f"{where} changed the state that it was given, to {state!r}")
        of_equal = self._step(before, call, result)
        _demand(
            first == of_equal,
            f"equal states must behave alike, but {where} is {first!r} or, for a copy of the "
            f"state, {of_equal!r}",
        )
        if isinstance(first, Refused):
            _demand(
                bool(first.reason.strip()), f"{where} refuses without a reason: say why, in words"
            )
        else:
            _check_state(first)
        return first

    def _step(self, state: Hashable, call: Call, result: Result) -> Hashable | Refused:
        try:
            return self.model.step(state, call, result)
        except InvalidCall as error:
            raise AssertionError(
                f"the example {call} with {result} raised InvalidCall in the state {state!r} "
                f"({error}): mend the example, or refuse where only this state forbids it"
            ) from error


def _check_examples(model: Model[Any], examples: Sequence[Example]) -> None:
    functions = model.functions
    _demand(bool(functions), "the model knows no function")
    for f, words in functions.items():
        _demand(bool(words.strip()), f"the function {f!r} is not documented: say what it takes")
    for call, _ in examples:
        _demand(call.f in functions, f"{call.f!r} of the examples is not among the functions")
    for f in model.observed_failures if isinstance(model, ObservesFailures) else ():
        _demand(f in functions, f"{f!r} of observed_failures is not among the functions")
        shown = any(call.f == f and isinstance(result, Fail) for call, result in examples)
        _demand(shown, f"{f!r} is in observed_failures: give an example of it that fails")
    for f in model.observations if isinstance(model, Observes) else ():
        _demand(f in functions, f"{f!r} of observations is not among the functions")


def _check_overwriting(
    model: Model[Any], examples: Sequence[Example], states: Iterable[Hashable]
) -> None:
    """Demand that a call which overwrites leads from every state to one, whatever was answered."""
    overwriting = model.overwrites if isinstance(model, Overwrites) else ()
    for f in overwriting:
        _demand(f in model.functions, f"{f!r} of overwrites is not among the functions")
    led_to: dict[Call, Hashable] = {}
    for state in states:
        for call, result in examples:
            if call.f not in overwriting:
                continue
            for answer in (result, Info()):
                following = model.step(state, call, answer)
                _demand(
                    following == led_to.setdefault(call, following)
                    and not isinstance(following, Refused),
                    f"{call} overwrites, but with {answer} in the state {state!r} it gave "
                    f"{following!r}: leave {call.f!r} out of overwrites",
                )


def _check_state(state: Hashable) -> None:
    try:
        hash(state)
    except TypeError:
        raise AssertionError(
            f"the state {state!r} cannot be hashed: use tuples, frozensets and frozen classes"
        ) from None
    twin = copy.deepcopy(state)
    _demand(
        state == twin and hash(state) == hash(twin),
        f"the state {state!r} does not equal its own copy: states are compared by value",
    )


def _check_unheard_of(model: Model[Any], state: Hashable) -> None:
    for result in (Ok(), Info()):
        try:
            answer = model.step(state, Call(UNHEARD_OF), result)
        except InvalidCall:
            continue
        raise AssertionError(
            f"an unknown function with {result} gave {answer!r} in the state {state!r}: raise "
            "InvalidCall"
        )


def _check_repeatable(
    model: Model[Any], examples: Sequence[Example], states: Iterable[Hashable]
) -> None:
    """Explore anew, by equal states that came about on other ways, and compare."""
    answers = {
        (state, place): model.step(state, *example)
        for state in states
        for place, example in enumerate(examples)
    }
    for (state, _), following in list(answers.items()):
        for place, example in enumerate(examples):
            if (following, place) in answers:
                answer = model.step(following, *example)
                _demand(
                    answer == answers[following, place],
                    f"{example[0]} with {example[1]} gave {answers[following, place]!r} in the "
                    f"state {following!r}, but {answer!r} when {state!r} had led to it",
                )


def _check_lost_answers(model: Model[Any], examples: Sequence[Example], limit: int) -> None:
    """Walk pairs of states: one where all answers came, one where some of the same were lost."""

    def successors(answered: Hashable, lost: Hashable) -> Iterable[tuple[Hashable, Hashable]]:
        for call, result in examples:
            following = model.step(answered, call, result)
            if isinstance(following, Refused):
                continue
            for given in (result, Info()) if isinstance(result, Ok) else (result,):
                after = model.step(lost, call, given)
                if isinstance(after, Refused):
                    raise AssertionError(
                        f"{call} with {result} is possible in the state {answered!r}, but with "
                        f"{given} it is refused in {lost!r} ({after.reason}), where the same calls "
                        "lead when some answers are lost: an Info must allow what an Ok allows"
                    )
                yield following, after

    _walk((model.initial(), model.initial()), successors, limit)


def _check_tokens(model: Any, examples: Sequence[Example], states: Iterable[Hashable]) -> None:
    for f in model.token_calls:
        _demand(f in model.functions, f"{f!r} of token_calls is not among the functions")
    tokens = _tokens(model, examples)
    _demand(len(tokens) > 1, "the examples have fewer than two tokens")
    _demand(not model.holders(model.initial()), "the initial state has holders")
    seen: set[Hashable] = set()
    for state in states:
        seen.update(model.holders(state))
        strange = seen.difference(tokens)
        _demand(not strange, f"the holders of {state!r} are {strange}: not tokens of any example")
    _demand(bool(seen), "holders() names nobody in any state that the examples lead to")


def _check_removal(model: Any, examples: Sequence[Example], token: Hashable, limit: int) -> None:
    """Walk pairs of states: one after all calls, one after the same without those of ``token``."""

    def successors(whole: Hashable, without: Hashable) -> Iterable[tuple[Hashable, Hashable]]:
        for call, result in examples:
            following = model.step(whole, call, result)
            if isinstance(following, Refused) or _only_observes(model, call, result):
                continue
            if call.f in model.token_calls and token_of(model, call.value) == token:
                yield following, without
                continue
            after = model.step(without, call, result)
            if isinstance(after, Refused):
                raise AssertionError(
                    f"{call} with {result} is possible in the state {whole!r}, but refused in "
                    f"{without!r} ({after.reason}), where the same calls lead without those of "
                    f"token {token!r}: removing a token must forbid nothing (see OwnedByToken)"
                )
            _demand(
                token not in model.holders(after),
                f"{token!r} holds in the state {after!r} although it made no call",
            )
            yield following, after

    _walk((model.initial(), model.initial()), successors, limit)


def _walk(
    start: tuple[Hashable, Hashable],
    successors: Callable[[Hashable, Hashable], Iterable[tuple[Hashable, Hashable]]],
    limit: int,
) -> None:
    seen = {start}
    queue = [start]
    for pair in queue:  # grows as it goes
        for following in successors(*pair):
            if following not in seen and len(seen) < limit:
                seen.add(following)
                queue.append(following)


def _tokens(model: Any, examples: Sequence[Example]) -> tuple[Hashable, ...]:
    values = (call.value for call, _ in examples if call.f in model.token_calls)
    return tuple(dict.fromkeys(token_of(model, value) for value in values))


def _only_observes(model: Model[Any], call: Call, result: Result) -> bool:
    if isinstance(result, Fail):
        return True
    if takes_instants(model):
        return isinstance(model, OwnedByToken) and call.f not in model.token_calls
    return isinstance(model, Observes) and call.f in model.observations


def _demand(kept: bool, words: str) -> None:
    if not kept:
        raise AssertionError(words)
