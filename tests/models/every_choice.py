"""Queues whose dequeues take any element, tried choice by choice: nothing is shared with the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Row = tuple[str, int | None, int, int | None]
"""What was done and with which element; when invoked; when returned, ``None`` if nothing is known.

``put`` and ``take`` have an element; ``take`` of ``None`` found the queue empty; ``lose`` took an
unknown one, or found the queue empty.
"""

Content = tuple[int, ...]
"""The elements in the queue, sorted."""


def outcomes(content: Content, what: str, element: int | None) -> Iterator[Content]:
    """Yield what may be in the queue afterwards: once for every choice."""
    if what == "put":
        assert element is not None
        yield tuple(sorted((*content, element)))
        return
    if not content and (what == "lose" or element is None):
        yield content
    for place, there in enumerate(content):
        if what == "lose" or there == element:
            yield content[:place] + content[place + 1 :]


def is_explained(rows: Sequence[Row], content: Content = ()) -> bool:
    """Return whether some order, with some choices, explains the rows."""
    if all(returned is None for *_, returned in rows):
        return True
    for place, (what, element, invoked, _) in enumerate(rows):
        others = [*rows[:place], *rows[place + 1 :]]
        if any(returned is not None and returned < invoked for *_, returned in others):
            continue
        if any(is_explained(others, following) for following in outcomes(content, what, element)):
            return True
    return False
