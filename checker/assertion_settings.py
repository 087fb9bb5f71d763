"""What surrounds an assertion: set by whoever runs the tests, read by ``assert_linearizable``.

The standard library only: the pytest plugin imports this at every start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from holdfast.histories.history import History

ClusterKind = Literal["simulated", "live"]


@dataclass(frozen=True)
class Settings:
    """What an assertion does not say itself.

    Args:
        budget: how many seconds a check may take, or ``None`` for no limit.
        cluster: what ``holdfast_record`` records against.
        watch: called with every history that is asserted to be linearizable.
    """

    budget: float | None = None
    cluster: ClusterKind = "simulated"
    watch: Callable[[History], None] | None = None


_now = Settings()


def current() -> Settings:
    """Return what holds now."""
    return _now


@contextmanager
def surrounded_by(**changes: Any) -> Iterator[None]:
    """Have these settings in force within the block, in every thread of the process."""
    global _now  # noqa: PLW0603 - a context variable would not reach the threads that a test starts
    before = _now
    _now = replace(before, **changes)
    try:
        yield
    finally:
        _now = before
