"""Small histories of a mutex with a lease: random ones, and all of a few calls on a grid of instants."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any

from tests.checker.lock_operations import Drawn, problem_of

from holdfast.checker.problem import Problem
from holdfast.models.leased_mutex import LeasedMutex
from holdfast.models.model import Call, Fail, Info, Ok, Result

Timed = tuple[str, Any, Result, int, int | None]
"""Function, token, result, and when it was invoked and returned."""

NAMES = "abcdef"


def lease_problem(model: LeasedMutex, calls: Sequence[Timed]) -> Problem:
    """Return calls as a question."""
    return problem_of(model, _drawn(calls))


def random_lease_calls(model: LeasedMutex, source: random.Random) -> list[Drawn]:
    """Return a history of a dozen operations at most."""
    return _drawn(random_calls(model, source, 1 + source.randrange(5)))


def _drawn(calls: Sequence[Timed]) -> list[Drawn]:
    return [
        (Call(f, token), result, invoked, returned or 0)
        for f, token, result, invoked, returned in sorted(calls, key=lambda call: call[3])
    ]


def random_calls(
    model: LeasedMutex, source: random.Random, tokens: int, *, reads: bool = True
) -> list[Timed]:
    """Return the calls of tokens that follow each other more or less, with reads and noise or without."""
    draw = source.randrange
    calls: list[Timed] = []
    held: list[tuple[str, int, int]] = []
    now = 0
    hurry = draw(3)
    for token in NAMES[:tokens]:
        invoked = max(0, now + draw(6) - 3)
        returned = invoked + draw(5)
        lost = draw(8) == 0
        calls.append(
            ("acquire", token, Info() if lost else Ok(), invoked, None if lost else returned)
        )
        now = returned + draw(model.ttl + 2 - hurry)
        held.append((token, returned, now))
        for _ in range((0, 1, 1, 1, 2)[draw(5)]):
            gone = draw(4) == 0
            end = None if gone else now + draw(4)
            denied = model.failed_release_means_not_holder and not gone and draw(3) == 0
            result = Info() if gone else Fail() if denied else Ok()
            calls.append(("release", token, result, now, end))
            now += draw(3)
            if not gone and draw(6):
                break
    if reads and draw(6) == 0:  # noise
        at = draw(len(calls))
        f, token, result, begin, end = calls.pop(at)
        earlier = draw(begin + 1)
        noises: list[Timed] = [
            (f, NAMES[draw(tokens)], result, begin, end),
            (f, token, result, begin - earlier, None if end is None else end - earlier),
        ]
        calls += noises[draw(3) :][:1]
    if reads and draw(2):
        calls += [_seen(model, source, held, now) for _ in range(draw(4))]
    return calls[:12]


def _seen(
    model: LeasedMutex, source: random.Random, held: Sequence[tuple[str, int, int]], last: int
) -> Timed:
    """Return a call that sees, most likely truly, who holds."""
    draw = source.randrange
    invoked = draw(last + 3)
    returned = invoked + draw(4)
    instant = invoked + draw(returned - invoked + 1)
    holder = next((token for token, begin, end in held if begin <= instant <= end), None)
    if draw(8) == 0:
        holder = None if holder else held[0][0]
    kind = draw(3 if model.failed_acquire_means_held and holder else 2)
    if kind == 0:
        return "is_locked", None, Ok(holder is not None), invoked, returned
    if kind == 1:
        return "holder", None, Ok(holder), invoked, returned
    return "acquire", "z", Fail(), invoked, returned


def all_lease_calls(model: LeasedMutex, size: int) -> Iterator[list[Drawn]]:
    """Yield every history of so many calls at a few instants, tokens taken up to their names.

    With the time to live that the tests use, what happens is within a lease, at its end, or after it.
    """
    ttl = model.ttl
    grid: tuple[tuple[int, int], ...] = (
        (0, 1),
        (1, 2),
        (1, ttl),
        (ttl, ttl + 1),
        (ttl + 2, ttl + 3),
        (0, ttl + 4),
    )
    grid = grid[:3] if size > 3 else grid
    kinds = _kinds(model, size)
    for chosen in itertools.product(kinds, repeat=size):
        named = [token for _, token, result in chosen if token is not None]
        named += ["a" for f, _, _ in chosen if f == "holder"]
        if any(token != "a" and NAMES[NAMES.index(token) - 1] not in named for token in named):
            continue
        for at in itertools.product(grid, repeat=size):
            if all(first <= second for first, second in itertools.pairwise(at)):
                yield _drawn(
                    [
                        (f, token, result, begin, None if result == Info() else end)
                        for (f, token, result), (begin, end) in zip(chosen, at, strict=True)
                    ]
                )


def _kinds(model: LeasedMutex, size: int) -> list[tuple[str, Any, Result]]:
    kinds: list[tuple[str, Any, Result]] = []
    for token in NAMES[: size if size < 4 else 2]:
        kinds += [(f, token, result) for f in ("acquire", "release") for result in (Ok(), Info())]
        kinds += [(f, token, Fail()) for f in model.observed_failures]
    if size < 4:
        told: list[tuple[str, Any]] = [("is_locked", True), ("is_locked", False), ("holder", "a")]
        kinds += [(f, None, Ok(value)) for f, value in told]
    return kinds
