"""Finding the token of a lock call: which acquire attempt it belongs to."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence

from attrs import evolve

from holdfast.histories.columns import NONE, OK, Columns, Values, columns_of
from holdfast.histories.operation import Operation
from holdfast.models.value import Value


def with_tokens(columns: Columns, token_calls: Collection[str]) -> Columns:
    """Return ``columns`` with its token as the value of each call to one of ``token_calls``.

    The token is the invocation's value; where it has none, the value that the completion returned (some
    recorders learn a lease's number only then); where there is none either, the token of the same
    process's call before, as a release belongs to its process's latest acquire; and for the first call
    of a process, the process itself. The last two are sound because a client is sequential and retires
    after an unknown outcome.
    """
    if NONE not in columns.value:
        return columns
    calls = {number for number, f in enumerate(columns.functions) if f in token_calls}
    # Numbers of values are given anew to processes that stand for tokens.
    values = Values(columns.values.in_order)
    latest: dict[int, int] = {}
    tokens = array("i", columns.value)
    rows = zip(
        columns.f, columns.value, columns.outcome, columns.answer, columns.process, strict=True
    )
    for row, (f, value, outcome, answer, process) in enumerate(rows):
        if f in calls:
            told = value or (answer if outcome == OK else NONE) or latest.get(process, NONE)
            tokens[row] = latest[process] = told or values.number(columns.processes[process])
    return evolve(columns, value=tokens, values=values)


def tokens_by_number(columns: Columns, token_calls: Collection[str]) -> dict[int, Value]:
    """Return, by operation number, the token of each call to one of ``token_calls``."""
    calls = {number for number, f in enumerate(columns.functions) if f in token_calls}
    found = with_tokens(columns, token_calls)
    rows = zip(found.number, found.f, found.value, strict=True)
    return {number: found.values[value] for number, f, value in rows if f in calls}


def tokens_of(operations: Sequence[Operation], token_calls: Collection[str]) -> dict[int, Value]:
    """Return, by operation number, the token of each call to one of ``token_calls``.

    ``with_tokens`` says how they are found.
    """
    return tokens_by_number(columns_of(operations), token_calls)
