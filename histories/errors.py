"""The one error for a history that cannot be read or makes no sense."""

from __future__ import annotations


class HistoryError(ValueError):
    """A recorded history is not what it must be.

    Args:
        problem: what is wrong, as a clause.
        remedy: what its owner can do about it.
        source: the file's name, or what else the events came from.
        line: the line of the file, from 1, or ``None`` where it concerns the whole.
    """

    def __init__(
        self, problem: str, *, remedy: str, source: str = "history", line: int | None = None
    ) -> None:
        self.problem = problem
        self.remedy = remedy
        self.source = source
        self.line = line
        where = source if line is None else f"{source}:{line}"
        super().__init__(f"{where}: {problem}; {remedy}")
