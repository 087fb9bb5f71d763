"""Whether a few calls have a legal order: a search of one page, for certificates that name few calls.

Just-in-time linearization (G. Lowe, *Testing for Linearizability*, 2017), breadth first. Of calls that
are alike the one that must take effect first goes first, and of what need not happen the less is used
the better.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import Any

from attrs import frozen

from holdfast.models.model import Call, Info, Model, Refused, Result

NEVER = 1 << 62
CONFIGURATIONS_MAX = 20_000
"""So many are tried, which is more than the certificates of the procedures need."""

Configuration = tuple[Hashable, frozenset[int], frozenset[int]]
"""A state; what must have happened and has, though not returned; what need not have and has."""


class TooMuch(Exception):
    """The calls are more than can be tried."""


@frozen
class PartCall:
    """A call, what it was answered, and when.

    Args:
        call: what was asked.
        result: what was answered.
        invoked: when.
        returned: when, or ``NEVER``.
        needed: whether it must take effect.
    """

    call: Call
    result: Result
    invoked: int
    returned: int
    needed: bool


def has_order(
    model: Model[Any],
    starts: Iterable[Hashable],
    calls: Sequence[PartCall],
    configurations_max: int = CONFIGURATIONS_MAX,
) -> bool:
    """Return whether the calls have a legal order.

    Args:
        model: the sequential specification.
        starts: the states before them, any of which will do.
        calls: those that are needed must all take effect, between invocation and return.
        configurations_max: how many may be tried.

    Raises:
        TooMuch: these did not suffice.
    """
    search = _Search(model, calls, configurations_max)
    now: Collection[Configuration] = [(start, frozenset(), frozenset()) for start in starts]
    for at, returns in _events(calls):
        if not returns:
            search.invoke(at)
            continue
        now = search.returned(at, now)
        search.forget(at)
        if not now:
            return False
    return True


def _events(calls: Sequence[PartCall]) -> Iterator[tuple[int, bool]]:
    """Yield the places of calls as they are invoked and return; at one instant, invocations first."""
    marks = [(call.invoked, False, at) for at, call in enumerate(calls)]
    marks += [(call.returned, True, at) for at, call in enumerate(calls) if call.returned < NEVER]
    yield from ((at, returns) for _, returns, at in sorted(marks))


class _Search:
    def __init__(
        self, model: Model[Any], calls: Sequence[PartCall], configurations_max: int
    ) -> None:
        self._model = model
        self._calls = calls
        self._left = configurations_max
        # Calls that are open; those alike together, the first to return first.
        self._open: dict[Hashable, list[tuple[int, int]]] = {}
        self._alike = [(one.call, one.result, one.needed) for one in calls]

    def invoke(self, at: int) -> None:
        """Take in that a call was invoked."""
        insort(self._open.setdefault(self._alike[at], []), (self._calls[at].returned, at))

    def forget(self, at: int) -> None:
        """Take in that a call has returned."""
        self._open[self._alike[at]].remove((self._calls[at].returned, at))

    def returned(self, at: int, now: Iterable[Configuration]) -> list[Configuration]:
        """Return what is possible once a call has returned: that it has taken effect, or need not have."""
        stack = list(now)
        seen = set(stack)
        found = [] if self._calls[at].needed else [one for one in stack if at not in one[2]]
        while stack:
            state, done, used = stack.pop()
            if at in done or at in used:
                found.append((state, done - {at}, used - {at}))
                continue
            self._left -= 1
            if self._left < 0:
                raise TooMuch
            for following in self._following(state, done, used):
                if following not in seen:
                    seen.add(following)
                    stack.append(following)
        return _least(found)

    def _following(
        self, state: Hashable, done: frozenset[int], used: frozenset[int]
    ) -> Iterator[Configuration]:
        for alike in self._open.values():
            at = next((at for _, at in alike if at not in done and at not in used), None)
            if at is None:
                continue
            one = self._calls[at]
            after = self._model.step(state, one.call, one.result)
            if isinstance(after, Refused) or (after == state and isinstance(one.result, Info)):
                continue
            if one.needed:
                yield after, done | {at}, used
            else:
                yield after, done, used | {at}


def _least(found: Iterable[Configuration]) -> list[Configuration]:
    """Return those than which no other in the same situation has used less."""
    kept: dict[tuple[Hashable, frozenset[int]], list[frozenset[int]]] = {}
    for state, done, used in sorted(found, key=lambda one: len(one[2])):
        least = kept.setdefault((state, done), [])
        if not any(other <= used for other in least):
            least.append(used)
    return [(*situation, used) for situation, least in kept.items() for used in least]
