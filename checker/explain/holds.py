"""Who believed to hold when: each client's grants, from its own calls alone."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence

from attrs import frozen

from holdfast.histories.errors import printable
from holdfast.histories.header import Header, client_of, header_of
from holdfast.histories.history import History
from holdfast.histories.operation import Operation, Outcome
from holdfast.histories.tokens import tokens_of
from holdfast.models.lock import ACQUIRE, RELEASE
from holdfast.models.model import OwnedByToken
from holdfast.models.value import Value


@frozen
class Hold:
    """What one client believed of one grant. Times are nanoseconds, or positions in an untimed history.

    Args:
        client: its name.
        token: the acquire attempt.
        asked: when the acquire was invoked.
        granted: when it returned: from here on the client is certain to hold.
        given_back: when the release was invoked: up to here it is certain; ``None`` if it never was.
        ended: when the release returned, if it did.
        refusal: what the release was answered, if it was refused.
        fence: the fencing token, where the lock gave one.
    """

    client: str
    token: Value
    asked: int
    granted: int
    given_back: int | None
    ended: int | None
    refusal: str | None
    fence: Value


@frozen
class BelievedOverlap:
    """More clients believed to hold at once than the lock has permits, whatever the model says of it.

    Args:
        first: the grants of the first such overlap; the last of them came while the others lasted.
        begin: when it began.
        end: when the first of them was given back.
        count: how many grants came while so many others believed to hold already.
    """

    first: tuple[Hold, ...]
    begin: int
    end: int
    count: int


def holds_of(
    history: History, key: Value, model: OwnedByToken, wanted: Collection[int] | None = None
) -> tuple[Hold, ...]:
    """Return the grants of one key in the order in which they returned.

    Args:
        history: the whole history, refused releases included.
        key: the key.
        model: the key's model.
        wanted: the numbers of operations; only the grants that they belong to count. All by default.
    """
    header = header_of(history)
    mine = [operation for operation in history if operation.key == key]
    tokens = tokens_of(mine, model.token_calls)
    attempts: dict[Value, list[list[Operation]]] = {}
    again = not hasattr(model, "holds_max")  # an owner may hold repeatedly, all as one
    for operation in mine:
        if operation.number in tokens:
            its = attempts.setdefault(tokens[operation.number], [])
            # Clients without a name for each attempt use one token again and again.
            if not its or (again and operation.f == ACQUIRE):
                its.append([])
            its[-1].append(operation)
    held = (
        _hold(token, operations, header)
        for token, each in attempts.items()
        for operations in each
        if wanted is None or any(one.number in wanted for one in operations)
    )
    return tuple(sorted((hold for hold in held if hold), key=lambda hold: hold.granted))


def believed_overlap(history: History, key: Value, model: object) -> BelievedOverlap | None:
    """Return when more clients believed to hold than the lock has permits, or ``None`` if never.

    Args:
        history: the whole history.
        key: the key.
        model: the key's model; nothing is known of one without tokens, or whose owners hold repeatedly.
    """
    if not isinstance(model, OwnedByToken) or hasattr(model, "holds_max"):
        return None
    permits: int = getattr(model, "permits", 1)
    last = max((one.completed or one.invoked for one in history), default=0)
    lasting: list[tuple[int, int, Hold]] = []
    found: BelievedOverlap | None = None
    count = 0
    for number, hold in enumerate(holds_of(history, key, model)):
        while lasting and lasting[0][0] <= hold.granted:
            heapq.heappop(lasting)
        end = last if hold.given_back is None else hold.given_back
        if end <= hold.granted:
            continue
        heapq.heappush(lasting, (end, number, hold))
        if len(lasting) > permits:
            count += 1
            if found is None:
                holds = [one for *_, one in sorted(lasting, key=lambda one: one[1])]
                found = BelievedOverlap(tuple(holds), hold.granted, lasting[0][0], 0)
    return found and BelievedOverlap(found.first, found.begin, found.end, count)


def _hold(token: Value, operations: Sequence[Operation], header: Header | None) -> Hold | None:
    acquires = [one for one in operations if one.f == ACQUIRE and one.outcome is Outcome.OK]
    if not acquires or acquires[0].completed is None:
        return None
    acquire = acquires[0]
    releases = [one for one in operations if one.f == RELEASE and one.number > acquire.number]
    release = releases[0] if releases else None
    refused = release is not None and release.outcome is Outcome.FAIL
    return Hold(
        client=printable(client_of(acquire.process, header)),
        token=token,
        asked=acquire.invoked,
        granted=acquires[0].completed,
        given_back=release.invoked if release else None,
        ended=release.completed if release else None,
        refusal=str(release.error or "failed") if release and refused else None,
        fence=acquire.result if acquire.result != token else None,
    )
