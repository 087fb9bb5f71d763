"""Operations as columns of numbers: a million of them are decided without an object for each."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from holdfast.histories import core
from holdfast.histories.operation import Operation, Outcome
from holdfast.models.value import freeze

OK, FAIL, INFO = range(3)
"""The outcomes, as the columns number them."""

OUTCOMES = (Outcome.OK, Outcome.FAIL, Outcome.INFO)
OUTCOME_NUMBERS = {"ok": OK, "fail": FAIL, "info": INFO}

NONE = 0
"""The number of ``None`` among values and among keys."""

NEVER = -1
"""What stands for the instant of a completion that was not recorded."""


_PLAIN = frozenset({str, int, type(None)})


def identity_of(value: Hashable) -> Hashable:
    """Return what tells ``value`` from all others as a key: to Python, true is 1 and 1 is 1.0."""
    kind = value.__class__
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple):
        return (tuple, *map(identity_of, value))
    if isinstance(value, Mapping):
        return (Mapping, frozenset((key, identity_of(item)) for key, item in value.items()))
    return (kind, value)


class Values:
    """Values by number, the first of which is ``None``.

    It only ever grows, so that columns may share it.

    Args:
        values: the first ones, each different; ``None`` in front.

    Attributes:
        in_order: the values by number.
        identities: likewise what ``identity_of`` says of each.
    """

    def __init__(self, values: Iterable[Hashable] = (None,)) -> None:
        self.in_order = list(values)
        self.identities = list(map(identity_of, self.in_order))
        self._numbers = {identity: number for number, identity in enumerate(self.identities)}

    def __getitem__(self, number: int) -> Hashable:
        return self.in_order[number]

    def __len__(self) -> int:
        return len(self.in_order)

    def number(self, value: Hashable) -> int:
        """Return the number of ``value``, which may be a new one."""
        identity = value if value.__class__ in _PLAIN else identity_of(value)
        number = self._numbers.get(identity)
        if number is None:
            number = self._numbers[identity] = len(self.in_order)
            self.in_order.append(value)
            self.identities.append(identity)
        return number


class Interned(dict[Any, int]):
    """Things by number: each different one gets the next number when it is first looked up."""

    def __missing__(self, thing: Hashable) -> int:
        number = self[thing] = len(self)
        return number


@frozen(eq=False)
class Columns:
    """Operations in the order of their invocations, a column for each of their parts.

    All columns have the same length. Functions, processes, keys and values are numbers in the tables of
    the same names.

    Args:
        number: each operation's place in its history (int64).
        invoked: the instant of the invocation, in nanoseconds or as a position (int64).
        completed: the instant of the completion, likewise; ``NEVER`` where none was recorded.
        outcome: ``OK``, ``FAIL`` or ``INFO`` (uint8).
        process: the client (int32, like all that follow).
        f: the function called.
        key: the object concerned.
        value: the argument.
        answer: the result of what is ``OK``, the error of what is ``FAIL``, else ``NONE``.
        processes: the clients.
        functions: the names of the functions.
        keys: the keys; the first is ``None``.
        values: arguments, results and errors; the first is ``None``.
    """

    number: array[int]
    invoked: array[int]
    completed: array[int]
    outcome: bytearray
    process: array[int]
    f: array[int]
    key: array[int]
    value: array[int]
    answer: array[int]
    processes: Sequence[Any]
    functions: Sequence[str]
    keys: Sequence[Any]
    values: Values

    def __len__(self) -> int:
        return len(self.f)

    def at(self, places: array[int]) -> Columns:
        """Return the rows at ``places``, which are int32 and rise."""
        return Columns(
            number=taken(self.number, places),
            invoked=taken(self.invoked, places),
            completed=taken(self.completed, places),
            outcome=bytearray(core.taken(self.outcome, 1, places)),
            process=taken(self.process, places),
            f=taken(self.f, places),
            key=taken(self.key, places),
            value=taken(self.value, places),
            answer=taken(self.answer, places),
            processes=self.processes,
            functions=self.functions,
            keys=self.keys,
            values=self.values,
        )


def packed(numbers: bytes, type: str = "i") -> array[int]:
    """Return the numbers that ``numbers`` holds: int32, or int64 for the type ``q``."""
    column: array[int] = array(type)
    column.frombytes(numbers)
    return column


def taken(column: array[int], places: array[int]) -> array[int]:
    """Return the numbers of ``column`` at ``places`` (int32)."""
    return packed(core.taken(column, column.itemsize, places), column.typecode)


class ColumnsBeingMade:
    """Columns that grow, an invocation or a completion at a time."""

    def __init__(self) -> None:
        self.invoked = array("q")
        self.completed = array("q")
        self.outcome = bytearray()
        self.process, self.f, self.key, self.value, self.answer = (array("i") for _ in range(5))
        self.processes, self.functions = Interned(), Interned()
        self.keys, self.values = Interned({None: NONE}), Values()

    def invoke(self, process: Any, f: str, key: Hashable, value: Hashable, instant: int) -> None:
        """Add an operation, of unknown outcome as yet."""
        self.process.append(self.processes[process])
        self.f.append(self.functions[f])
        self.key.append(self.keys[key])
        self.value.append(self.values.number(value))
        self.invoked.append(instant)
        self.completed.append(NEVER)
        self.outcome.append(INFO)
        self.answer.append(NONE)

    def complete(self, row: int, outcome: int, answer: Hashable, instant: int) -> None:
        """Give the operation in that row its outcome; ``answer`` is its result or its error."""
        self.completed[row] = instant
        self.outcome[row] = outcome
        if outcome != INFO:
            self.answer[row] = self.values.number(answer)

    def columns(self, number: array[int] | None = None) -> Columns:
        """Return what was made; ``number`` gives each operation's place in its history."""
        return Columns(
            number=array("q", range(len(self.f))) if number is None else number,
            invoked=self.invoked,
            completed=self.completed,
            outcome=self.outcome,
            process=self.process,
            f=self.f,
            key=self.key,
            value=self.value,
            answer=self.answer,
            processes=list(self.processes),
            functions=list(self.functions),
            keys=list(self.keys),
            values=self.values,
        )


def columns_of(operations: Iterable[Operation]) -> Columns:
    """Return operations that stand on their own as columns; their values are frozen here."""
    made = ColumnsBeingMade()
    number = array("q")
    for row, operation in enumerate(operations):
        invocation, completion = operation.invocation, operation.completion
        made.invoke(
            invocation.process,
            invocation.f,
            freeze(invocation.key),
            freeze(invocation.value),
            operation.invoked,
        )
        number.append(operation.number)
        if completion is not None and operation.completed is not None:
            answer = completion.value if completion.type == "ok" else completion.error
            outcome = OUTCOME_NUMBERS[completion.type]
            made.complete(row, outcome, freeze(answer), operation.completed)
    return made.columns(number)
