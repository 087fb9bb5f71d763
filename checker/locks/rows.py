"""A lock's history as rows: what each call says about the lock, in one vocabulary for all models."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from attrs import frozen

NEVER = 1 << 62
"""The instant of what never happens."""

ALWAYS = -NEVER
"""An instant before all others."""


class Kind(enum.IntEnum):
    """What a call says about the lock."""

    ACQUIRE = 0
    RELEASE = 1
    HELD = 2
    FREE = 3
    NOT_HOLDER = 4
    HOLDER = 5


@frozen
class Row:
    """One call.

    Instants are doubled, and one is added to that of a return. So a return and an invocation at one
    instant are concurrent (the closed-interval rule), and no two events of different kinds are ever
    at one instant.

    Args:
        place: the operation's place among those given.
        kind: what it says.
        token: whose acquire attempt it is (or the owner, under a reentrant lock), as a number;
            ``HOLDER`` tells that this token holds. -1 where it is nobody's.
        invoked: twice the instant.
        returned: twice the instant and one; ``NEVER`` if its outcome is unknown.
        fence: the fencing token that an acquire answered; ``None`` where there is none.
    """

    place: int
    kind: Kind
    token: int
    invoked: int
    returned: int
    fence: int | None = None


@frozen
class Order:
    """The history is linearizable: the places of the operations that take effect, in order."""

    places: tuple[int, ...]


@frozen
class Outside:
    """The history is outside what the procedures decide exactly; a search has to decide."""

    reason: str


Rows = Sequence[Row]
