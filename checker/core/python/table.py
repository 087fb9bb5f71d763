"""The model as a table of integers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from holdfast.checker.core.python.problem import demand

REFUSED: Final = -1


def _nothing() -> None:
    pass


class Table:
    """The model in integers, asked once for each state and class, in all searches that use it.

    Args:
        ask: given a state and a class, the state that follows, or -1 for a refusal. States are
            numbered in the order in which they are first met, from 0 on, the state at the start.

    Attributes:
        states: how many states are known.
        met: those that this search came to. What it makes of their number does not depend on what
            others asked before.
    """

    def __init__(self, ask: Callable[[int, int], int]) -> None:
        self._ask = ask
        self._known: dict[tuple[int, int], int] = {}
        self._in_use = False
        self._before_asking = _nothing
        self.states = 1
        self.met: set[int] = set()

    @contextmanager
    def leased(self, before_asking: Callable[[], None]) -> Iterator[None]:
        """Lend the table to one search.

        Args:
            before_asking: called whenever the model is about to be asked, which may take long.

        Raises:
            RuntimeError: another one is using it.
        """
        if self._in_use:
            raise RuntimeError("a table serves one search at a time")
        self._in_use = True
        self._before_asking = before_asking
        self.met = set()
        try:
            yield
        finally:
            self._in_use = False
            self._before_asking = _nothing

    def next(self, state: int, cls: int) -> int:
        """Return the state that a class leads to from ``state``, or ``REFUSED``."""
        known = self._known.get((state, cls))
        if known is None:
            self._before_asking()
            known = self._ask(state, cls)
            demand(REFUSED <= known <= self.states, "no such state")
            self._known[state, cls] = known
            self.states = max(self.states, known + 1)
        return known

    def __len__(self) -> int:
        return len(self._known)
