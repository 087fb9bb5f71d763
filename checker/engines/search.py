"""The search engine: just-in-time linearization over integers, native where it could be compiled."""

from __future__ import annotations

from array import array
from collections.abc import Hashable
from weakref import WeakKeyDictionary

from holdfast.checker.budget import Watch, resident_bytes
from holdfast.checker.core import Table, search
from holdfast.checker.engines import ENGINES, Answer, DeadEnd, GaveUp, NoOrder, Order
from holdfast.checker.problem import Problem
from holdfast.checker.verdict import UnknownReason
from holdfast.checker.vocabulary import Asked, Vocabulary
from holdfast.histories import core
from holdfast.histories.columns import packed, taken
from holdfast.models.model import (
    Call,
    Fail,
    Info,
    Observes,
    Overwrites,
    Refused,
    Result,
    takes_instants,
)

PATIENCE = 20_000
"""How many configurations without progress make the search turn from depth to breadth."""

LEFT_OUT = -1
"""The number of a class that the search need not see."""

KEPT_MAX = 5_000
"""With more states or classes than this, nothing is kept for the next history."""

UNCOUNTED_BYTES = 4_000_000
"""By so much a process grows for reasons of its own."""

GROWTH = 1.15
"""What is nearly full may double at once; so the search is taken for somewhat larger than it is."""

OTHER, OBSERVES, OVERWRITES = range(3)
"""The kinds of classes, as the core numbers them."""


class _Ended(Exception):
    """The watch ended the search."""

    def __init__(self, reason: UnknownReason, configurations: int, at: int) -> None:
        self.reason = reason
        self.configurations = configurations
        self.at = at


@ENGINES.register("search")
class Search:
    """Follow what can have taken effect from return to return, over a table of the model.

    G. Lowe, *Testing for Linearizability* (2017), with the shortcuts of docs/decisions/0010: first depth
    first, which finds a legal order fast; then breadth first, which proves that there is none.

    Args:
        dominance: whether a configuration is dropped when another can do all that it can.
        deadlines: whether of operations that do the same the one that returns first goes first.
        kinds: whether use is made of what the model says it observes and overwrites.
        counting: whether operations of unknown outcome that do the same are counted, not told apart.
        patience: how many configurations without progress make it turn from depth to breadth; with 0 it
            turns at once.
    """

    def __init__(
        self,
        *,
        dominance: bool = True,
        deadlines: bool = True,
        kinds: bool = True,
        counting: bool = True,
        patience: int = PATIENCE,
    ) -> None:
        self._dominance = dominance
        self._deadlines = deadlines
        self._kinds = kinds
        self._counting = counting
        self._patience = patience

    def decide(self, problem: Problem, watch: Watch) -> Answer:
        """Return whether the problem's operations have a legal order."""
        if (reason := watch.exhausted()) is not None:
            return GaveUp(reason, 0, 0)
        idle = _idle_of(problem.vocabulary)[self._kinds] if self._counting else []
        # Threads take turns with what is compiled, or compile for themselves.
        compiled = idle.pop() if idle else _Compiled(problem.vocabulary, kinds=self._kinds)
        try:
            return self._decide(compiled, problem, watch)
        finally:
            if compiled.is_small():
                idle.append(compiled)

    def _decide(self, compiled: _Compiled, problem: Problem, watch: Watch) -> Answer:
        laid_out = _LaidOut(compiled, problem)
        if not self._counting:
            laid_out.tell_apart_unknown()
        resident_before: int | None = None

        def poll(configurations: int, at: int, memory_bytes: int) -> None:
            # The core knows its own memory; what the model's states take, only the system knows. It
            # is not asked before there is something to tell: that takes longer than a short search.
            nonlocal resident_before
            if resident_before is None:
                resident_before = resident_bytes() - memory_bytes
            grown = resident_bytes() - resident_before - UNCOUNTED_BYTES
            reason = watch.exhausted(int(GROWTH * max(memory_bytes, grown)))
            if reason is not None:
                raise _Ended(reason, configurations, at)

        try:
            found, order, completion, ends, configurations = search(
                laid_out.classes,
                bytes(compiled.kinds),
                laid_out.endpoints,
                compiled.table,
                poll,
                self._dominance,
                self._deadlines,
                self._patience,
            )
        except _Ended as ended:
            explained = sum(mark < 0 for mark in laid_out.endpoints[: ended.at])
            return GaveUp(ended.reason, explained, ended.configurations)
        if found:
            return Order(laid_out.places(order), configurations)
        dead_ends = tuple(
            DeadEnd(tuple(laid_out.places(order)), compiled.states[state]) for order, state in ends
        )
        return NoOrder(laid_out.place(completion), dead_ends, configurations)


class _Compiled:
    """A model's calls as numbered classes, and its states by number; grows with what is asked."""

    def __init__(self, vocabulary: Vocabulary, *, kinds: bool) -> None:
        model = vocabulary.model
        self._observes = model.observations if kinds and isinstance(model, Observes) else ()
        # Where time goes on with every call, none of them leaves the state as it is.
        self._timed = takes_instants(model)
        self._overwrites = model.overwrites if kinds and isinstance(model, Overwrites) else ()
        self._vocabulary = vocabulary
        self._class_of = array("i")
        self._asked: list[Asked] = []
        self._classes: dict[Hashable, int] = {}
        self.kinds = bytearray()
        self.states: list[Hashable] = [vocabulary.model.initial()]
        self._numbers: dict[Hashable, int] = {self.states[0]: 0}
        self.table = Table(self.ask)

    def class_of(self) -> array[int]:
        """Return by number in the vocabulary the class of a call, or ``LEFT_OUT``."""
        asked = self._vocabulary.asked
        for number in range(len(self._class_of), len(asked)):
            self._class_of.append(self._new_class(*asked[number]))
        return self._class_of

    def _new_class(self, call: Call, result: Result) -> int:
        observing = call.f in self._observes or (isinstance(result, Fail) and not self._timed)
        if observing and isinstance(result, Info):
            return LEFT_OUT
        # What overwrites does the same whether or not its answer is known.
        overwriting = call.f in self._overwrites and not observing
        key = (call,) if overwriting else (call, result)
        kind = OBSERVES if observing else OVERWRITES if overwriting else OTHER
        return self._numbered(key, (call, result), kind)

    def another(self, cls: int) -> int:
        """Return a new class of calls that do the same."""
        return self._numbered(object(), self._asked[cls], self.kinds[cls])

    def _numbered(self, key: Hashable, asked: Asked, kind: int) -> int:
        number = self._classes.setdefault(key, len(self._classes))
        if number == len(self._asked):
            self._asked.append(asked)
            self.kinds.append(kind)
        return number

    def ask(self, state: int, cls: int) -> int:
        """Return the number of the state that a class of calls leads to, or -1 for a refusal."""
        after = self._vocabulary.model.step(self.states[state], *self._asked[cls])
        if isinstance(after, Refused):
            return -1
        number = self._numbers.setdefault(after, len(self.states))
        if number == len(self.states):
            self.states.append(after)
        return number

    def is_small(self) -> bool:
        """Return whether this is worth keeping for the next history."""
        return max(len(self.states), len(self._class_of)) <= KEPT_MAX


_idle: WeakKeyDictionary[Vocabulary, dict[bool, list[_Compiled]]] = WeakKeyDictionary()


def _idle_of(vocabulary: Vocabulary) -> dict[bool, list[_Compiled]]:
    idle = _idle.get(vocabulary)
    return _idle.setdefault(vocabulary, {True: [], False: []}) if idle is None else idle


class _LaidOut:
    """A problem in integers, without the observations of unknown outcome.

    They change nothing and need not have happened.
    """

    def __init__(self, compiled: _Compiled, problem: Problem) -> None:
        self._compiled = compiled
        asks = problem.asks  # before the classes: the vocabulary may grow by this
        self.classes = taken(compiled.class_of(), asks)
        self.endpoints = problem.endpoints
        self._kept: array[int] | None = None
        if LEFT_OUT in self.classes:
            self._kept = packed(core.kept(self.classes))
            self.classes = taken(self.classes, self._kept)
            self.endpoints = packed(core.renumbered(self.endpoints, self._kept))

    def tell_apart_unknown(self) -> None:
        """Give each operation of unknown outcome a class of its own."""
        returning = {~mark for mark in self.endpoints if mark < 0}
        for number, cls in enumerate(self.classes):
            if number not in returning:
                self.classes[number] = self._compiled.another(cls)

    def place(self, number: int) -> int:
        """Return the place in the problem of an operation as the core numbers it."""
        return number if self._kept is None else self._kept[number]

    def places(self, order: bytes) -> array[int]:
        """Return the places of operations as the core numbers them."""
        numbers = packed(order)
        return numbers if self._kept is None else taken(self._kept, numbers)
