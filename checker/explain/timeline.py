"""A counterexample drawn in characters: rows are clients, bars what they did, readable without colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen
from rich.text import Text

from holdfast.checker.explain.explanation import Explanation
from holdfast.checker.explain.holds import Hold
from holdfast.checker.explain.words import instant, said
from holdfast.histories.errors import printable

ASKS, HOLDS, CALLS, PENDING, BOTH, FAULT = "░", "█", "─", "┄", "^", "!"

STYLES = {
    ASKS: "cyan",
    HOLDS: "bold cyan",
    CALLS: "cyan",
    PENDING: "dim",
    BOTH: "bold red",
    FAULT: "yellow",
}


@frozen
class Bar:
    """A stretch of one row, in the timeline's own time; drawn later, it covers what was drawn before."""

    begin: int
    end: int
    mark: str


@frozen
class Row:
    """A labelled row of bars, with words after them."""

    label: str
    bars: tuple[Bar, ...]
    words: str = ""


@frozen
class Scale:
    """The mapping from times to columns."""

    begin: int
    end: int
    columns: int

    def column(self, time: int) -> int:
        """Return the column of ``time``, the nearest one inside."""
        share = (time - self.begin) / max(1, self.end - self.begin)
        return min(self.columns - 1, max(0, round(share * (self.columns - 1))))


def timeline(explanation: Explanation, *, width: int = 100) -> Text:
    """Return the drawing of ``explanation``, at most ``width`` columns wide."""
    rows = list(_rows(explanation))
    times = [time for row in rows for bar in row.bars for time in (bar.begin, bar.end)]
    if not times:
        return Text()
    label_width = max(len(row.label) for row in rows) + 2
    words_width = max(len(row.words) for row in rows) + 2
    columns = max(20, width - label_width - words_width)
    scale = Scale(_first_instant(explanation, times), max(times), columns)
    drawing = Text(no_wrap=True, overflow="crop")
    drawing.append(" " * label_width + _axis(scale, timed=explanation.timed) + "\n", style="dim")
    for row in rows:
        drawing.append(row.label.ljust(label_width))
        drawing.append_text(_draw(row.bars, scale))
        drawing.append(f"  {row.words}".rstrip() + "\n")
    legend = _legend(explanation)
    drawing.append(" " * min(label_width, max(0, width - len(legend))) + legend, style="dim")
    return drawing


def _first_instant(explanation: Explanation, times: Sequence[int]) -> int:
    """Return where to begin: a long wait for a lock is cut short, to leave room for the holds."""
    if not explanation.holds:
        return min(times)
    granted = min(hold.granted for hold in explanation.holds)
    return max(min(times), granted - (max(times) - granted) // 4)


def _rows(explanation: Explanation) -> Iterable[Row]:
    end = max(
        [
            time
            for hold in explanation.holds
            for time in (hold.granted, hold.given_back, hold.ended)
            if time is not None
        ]
        + [o.completed or o.invoked for _, o in explanation.operations]
        + [explanation.overlap[1] if explanation.overlap else 0],
        default=0,
    )
    for hold in explanation.holds:
        yield Row(hold.client, _hold_bars(hold, end), _hold_words(hold))
    for client, operation in explanation.operations:
        pending = operation.returned is None
        mark = PENDING if pending else CALLS
        stop = operation.completed if operation.completed is not None else end
        yield Row(client, (Bar(operation.invoked, stop, mark),), said(operation))
    if explanation.overlap is not None:
        yield Row("both", (Bar(*explanation.overlap, BOTH),))
    if explanation.faults:
        marks = tuple(Bar(time, time, FAULT) for time, _ in explanation.faults)
        yield Row("faults", marks)


def _hold_bars(hold: Hold, end: int) -> tuple[Bar, ...]:
    given_back = end if hold.given_back is None else hold.given_back
    bars = [Bar(hold.asked, hold.granted, ASKS)]
    if hold.ended is not None:
        bars.append(Bar(given_back, hold.ended, ASKS))
    return (*bars, Bar(hold.granted, given_back, HOLDS))


def _hold_words(hold: Hold) -> str:
    words = printable(str(hold.token))
    if hold.fence is not None:
        words += f", fence {hold.fence}"
    return words


def _draw(bars: Iterable[Bar], scale: Scale) -> Text:
    cells = [" "] * scale.columns
    for bar in bars:
        for column in range(scale.column(bar.begin), scale.column(bar.end) + 1):
            cells[column] = bar.mark
    drawing = Text()
    for cell in cells:
        drawing.append(cell, style=STYLES.get(cell, ""))
    return drawing


def _axis(scale: Scale, *, timed: bool) -> str:
    begin, end = instant(scale.begin, timed=timed), instant(scale.end, timed=timed)
    return begin + end.rjust(max(1, scale.columns - len(begin)))


def _legend(explanation: Explanation) -> str:
    parts = []
    if explanation.holds:
        parts += [f"{ASKS} asking or giving back", f"{HOLDS} certain to hold"]
    if explanation.operations:
        parts += [f"{CALLS} a call", f"{PENDING} outcome unknown"]
    if explanation.overlap is not None:
        parts.append(f"{BOTH} two hold")
    if explanation.faults:
        parts.append(f"{FAULT} a fault")
    return "   ".join(parts)
