"""All histories of a few calls to a lock, those that differ by names alone but once."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from tests.checker.lease_histories import all_lease_calls
from tests.checker.lock_histories import Answered, calls_of
from tests.checker.lock_operations import Drawn

from holdfast.models.leased_mutex import LeasedMutex
from holdfast.models.model import Call, Info, Ok

Intervals = tuple[tuple[int, int], ...]
"""When each call is invoked and returns."""


def all_calls(model: Any, size: int) -> Iterator[list[Drawn]]:
    """Yield every history of so many calls, those that differ by names or unseen order alone but once."""
    if isinstance(model, LeasedMutex):
        yield from all_lease_calls(model, size)
        return
    vocabulary = calls_of(model, size)
    for chosen in itertools.combinations_with_replacement(range(len(vocabulary)), size):
        answered = [vocabulary[at] for at in chosen]
        if _is_named_first(answered, vocabulary, size):
            unknown = tuple(isinstance(result, Info) for _, result in answered)
            for intervals in _orders(unknown):
                calls = [
                    (call, result, *interval)
                    for (call, result), interval in zip(answered, intervals, strict=True)
                ]
                yield sorted(calls, key=lambda drawn: drawn[2])


def _is_named_first(
    answered: Sequence[Answered], vocabulary: Sequence[Answered], size: int
) -> bool:
    """Return whether no other names for its tokens would come first in the order of the vocabulary."""
    owners = {_owner(one) for one in answered} - {None}
    if not owners:
        return True
    if owners != set(range(len(owners))):
        return False
    number = _numbers(tuple(vocabulary))
    mine = sorted(number[one] for one in answered)
    for names in itertools.permutations(range(len(owners))):
        if sorted(number[_renamed(one, names)] for one in answered) < mine:
            return False
    return True


@functools.cache
def _numbers(vocabulary: tuple[Answered, ...]) -> dict[Answered, int]:
    return {one: number for number, one in enumerate(vocabulary)}


def _owner(one: Answered) -> Any:
    call, result = one
    return result.value if call.f == "holder" and isinstance(result, Ok) else call.value


def _renamed(one: Answered, names: Sequence[int]) -> Answered:
    call, result = one
    if call.f == "holder":
        assert isinstance(result, Ok)
        return call, Ok(names[result.value])  # type: ignore[call-overload]
    if call.value is None:
        return one
    return Call(call.f, names[call.value]), result  # type: ignore[call-overload]


@functools.cache
def _orders(unknown: tuple[bool, ...]) -> list[Intervals]:
    """Return intervals for every real-time order of calls, of which some never return."""
    found: dict[frozenset[tuple[int, int]], Intervals] = {}
    places = range(len(unknown))
    for shape in _shapes(len(unknown)):
        for intervals in itertools.permutations(shape):
            before = frozenset(
                (first, second)
                for first, second in itertools.permutations(places, 2)
                if not unknown[first] and intervals[first][1] < intervals[second][0]
            )
            found.setdefault(before, intervals)
    return list(found.values())


@functools.cache
def _shapes(size: int) -> list[Intervals]:
    """Return every order of the invocations and returns of some calls, the first invoked first."""

    def place(returns: int, marks: tuple[int, ...]) -> Iterator[Intervals]:
        # ``marks`` are calls' numbers at their invocations, and complements at their returns.
        if returns == size:
            at = {mark: when for when, mark in enumerate(marks)}
            yield tuple((at[one], at[~one]) for one in range(size))
            return
        last = max((when for when, mark in enumerate(marks) if mark >= 0), default=-1)
        for begin in range(last + 1, len(marks) + 1):
            begun = (*marks[:begin], returns, *marks[begin:])
            for end in range(begin + 1, len(begun) + 1):
                yield from place(returns + 1, (*begun[:end], ~returns, *begun[end:]))

    return list(place(0, ()))
