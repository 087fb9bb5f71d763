"""The one error for a history that cannot be read or makes no sense."""

from __future__ import annotations

PROBLEM_LENGTH_MAX = 400


class HistoryError(ValueError):
    """A recorded history is not what it must be.

    The message is one line that is safe to print. Problem and source may quote a hostile file, so
    whatever a terminal would act on is written as an escape, and a very long problem loses its
    middle.

    Args:
        problem: what is wrong, as a clause.
        remedy: what its owner can do about it.
        source: the file's name, or what else the events came from.
        line: the line of the file, from 1, or ``None`` where it concerns the whole.
    """

    def __init__(
        self, problem: str, *, remedy: str, source: str = "history", line: int | None = None
    ) -> None:
        self.problem = _shortened(printable(problem))
        self.remedy = printable(remedy)
        self.source = printable(source)
        self.line = line
        where = self.source if line is None else f"{self.source}:{line}"
        super().__init__(f"{where}: {self.problem}; {self.remedy}")

    def __reduce__(self) -> tuple[object, ...]:
        # An exception is pickled with its positional arguments alone, from which this one could not
        # be built again in the process that asked.
        return _history_error, (self.problem, self.remedy, self.source, self.line)


def printable(text: str) -> str:
    """Return ``text`` with all that does not print, line breaks included, written as escapes."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def _shortened(text: str) -> str:
    if len(text) <= PROBLEM_LENGTH_MAX:
        return text
    half = PROBLEM_LENGTH_MAX // 2
    return f"{text[:half]} … {text[-half:]}"


def _history_error(problem: str, remedy: str, source: str, line: int | None) -> HistoryError:
    return HistoryError(problem, remedy=remedy, source=source, line=line)
