"""Finding the token of a lock call: which acquire attempt it belongs to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from holdfast.histories.operation import Operation, Process
from holdfast.models.value import Value


def tokens_of(operations: Sequence[Operation], token_calls: Collection[str]) -> dict[int, Value]:
    """Return, by operation number, the token of each call to one of the functions ``token_calls``.

    The token is the invocation's value; where it has none, the value that the completion returned (some
    recorders learn a lease's number only then); where there is none either, the token of the same
    process's call before, as a release belongs to its process's latest acquire; and for the first call
    of a process, the process itself. The last two are sound because a client is sequential and retires
    after an unknown outcome.
    """
    tokens: dict[int, Value] = {}
    latest: dict[Process, Value] = {}
    for operation in operations:
        if operation.f not in token_calls:
            continue
        token = operation.value
        if token is None:
            token = operation.result
        if token is None:
            token = latest.get(operation.process, operation.process)
        tokens[operation.number] = latest[operation.process] = token
    return tokens
