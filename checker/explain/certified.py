"""The counterexample that a certificate comes to: the calls it rests on, and nothing to search for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve

from holdfast.checker.budget import Budget
from holdfast.checker.engines import NoOrder
from holdfast.checker.engines.wgl import WingGongLowe
from holdfast.checker.explain.counterexample import configuration_of
from holdfast.checker.explain.parts import Part
from holdfast.checker.locks.certificate import Certificate, Outnumbered, TooManyFlips, named
from holdfast.checker.question import Question
from holdfast.checker.verdict import Counterexample
from holdfast.histories.operation import Operation, Outcome
from holdfast.models.lock import ACQUIRE, HOLDER, RELEASE
from holdfast.models.model import token_of
from holdfast.models.value import Value

CALLS_MAX = 40
"""Where the tokens that are named have more calls than this, only those named are shown."""

WORDS_SECONDS = 0.3
"""What finding the model's words on so few operations may take."""


def certified_counterexample(
    question: Question, certificate: Certificate, completion: int, *, explain: bool
) -> Counterexample:
    """Return the calls that a certificate rests on, with the model's words on them.

    Args:
        question: one key's operations and their model.
        certificate: names operations by their numbers.
        completion: the place in the problem of the last to return of those named.
        explain: whether the model's words are wanted.
    """
    all_of_them = question.problem.operations
    found = Counterexample(question.key, all_of_them[completion], (), (), certificate)
    if not explain:
        return evolve(found, operations=all_of_them)
    tokens = {number: token_of(question.model, value) for number, value in question.tokens.items()}
    operations = _part(all_of_them, tokens, certificate)
    part = Part(question.model, tuple(operations), question.tokens)
    # Without owners the part is a window. Judged alone, as if nothing had been before, it may fail elsewhere.
    alone = isinstance(certificate, (TooManyFlips, Outnumbered))
    whole = not alone or _between(all_of_them, set(named(certificate)))
    failing = _judged(part) if whole else None
    if failing is None or (alone and part.operations[failing.completion] != found.completion):
        part = part.self_contained()
        last = next(one for one in part.operations if one.number == found.completion.number)
        return evolve(found, completion=last, operations=part.operations)
    # Up to its completion it fails already, and with fewer operations.
    small = part.cut_after(part.operations[failing.completion]).self_contained()
    again = _judged(small)
    part, failing = (part, failing) if again is None else (small, again)
    problem = part.problem()
    words = (configuration_of(problem, failing.completion, end) for end in failing.dead_ends)
    return evolve(
        found,
        completion=problem.operations[failing.completion],
        configurations=tuple(words),
        operations=part.operations,
    )


def _judged(part: Part) -> NoOrder | None:
    """Return where the part fails on its own, if that is found at once."""
    answer = WingGongLowe().decide(part.problem(), Budget(seconds=WORDS_SECONDS).start())
    return answer if isinstance(answer, NoOrder) else None


def _part(
    operations: Sequence[Operation], tokens: Mapping[int, Value], certificate: Certificate
) -> list[Operation]:
    numbers = set(named(certificate))
    if isinstance(certificate, (TooManyFlips, Outnumbered)):
        numbers |= _between(operations, numbers)
    elif tokens:
        concerned = {tokens[number] for number in numbers if number in tokens} - {None}
        end = max(one.returned or 0 for one in operations if one.number in numbers)
        # What a release or a read says of a hold, it may say later.
        calls = {
            one.number
            for one in operations
            if (one.result if one.f == HOLDER else tokens.get(one.number)) in concerned
            and (one.f in (RELEASE, HOLDER) or one.invoked <= end)
        }
        numbers |= calls if len(calls) <= CALLS_MAX else set()
    return [one for one in operations if one.number in numbers]


def _between(operations: Sequence[Operation], numbers: set[int]) -> set[int]:
    """Return the calls that may have changed the lock in the time of those named, if these are few."""
    those = [one for one in operations if one.number in numbers]
    begin = min(one.invoked for one in those)
    end = max(one.returned or 0 for one in those)
    between = {
        one.number
        for one in operations
        if one.f in (ACQUIRE, RELEASE)
        and one.outcome is not Outcome.FAIL
        and one.invoked <= end
        and (one.returned is None or one.returned >= begin)
    }
    return between if len(between) <= CALLS_MAX else set()
