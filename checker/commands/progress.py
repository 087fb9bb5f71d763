"""What a run shows while it goes on: operations per second, and faults as they strike."""

from __future__ import annotations

import collections
import threading
import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from holdfast.histories.header import HEADER, NO_FAULTS
from holdfast.histories.operation import NEMESIS, Event
from holdfast.histories.workload import Workload

REFRESHES_PER_SECOND = 8


class Progress:
    """A line that lives while a run goes on; on a console that is no terminal only the faults are printed.

    Args:
        console: where to show it.
        workload: what runs, to know when it will be over.

    Attributes:
        events: how many events were recorded.
        outcomes: how many calls ended with which outcome.
        faults: what struck, in words.
    """

    def __init__(self, console: Console, workload: Workload) -> None:
        self.events = 0
        self.outcomes: collections.Counter[str] = collections.Counter()
        self.faults: list[str] = []
        self._console = console
        self._seconds = workload.seconds
        self._began: float | None = None
        self._guard = threading.Lock()
        self._live = Live(
            console=console,
            get_renderable=self._line,
            refresh_per_second=REFRESHES_PER_SECOND,
            transient=True,
        )

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def observe(self, event: Event) -> None:
        """Count an event that was recorded; thread-safe."""
        with self._guard:
            self.events += 1
            if event.process != NEMESIS:
                if self._began is None:
                    self._began = time.monotonic()
                if event.type != "invoke":
                    self.outcomes[event.type] += 1
                return
            if event.f == HEADER:
                return
            if event.f not in NO_FAULTS:
                self.faults.append(str(event.value))
        seconds = 0.0 if event.time is None else event.time / 1e9
        self._console.print(Text(f"  {seconds:6.2f} s  {event.value}", style="yellow"))

    def _line(self) -> Text:
        with self._guard:
            if self._began is None:
                return Text("  starting servers and clients …", style="dim")
            seconds = max(1e-9, time.monotonic() - self._began)
            completed = self.outcomes.total()
            counts = ", ".join(f"{self.outcomes[type]} {type}" for type in ("ok", "fail", "info"))
        gone = f"{min(seconds, self._seconds):.1f} of {self._seconds:g} s"
        rate = f"{completed / seconds:.0f} operations/s"
        return Text(f"  {gone}   {rate}   {counts}", style="cyan")
