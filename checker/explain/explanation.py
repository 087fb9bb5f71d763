"""Why a history is not linearizable, as data that a renderer draws: words, holds, faults, times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from holdfast.checker.verdict import Configuration, NotLinearizable
from holdfast.histories.errors import printable
from holdfast.histories.header import HEADER, TOOK, client_of, header_of
from holdfast.histories.history import History
from holdfast.histories.operation import Operation, Outcome
from holdfast.histories.tokens import tokens_of
from holdfast.models.model import Model, OwnedByToken
from holdfast.models.value import Value

TOLD = 6
"""How many operations of a long order are told: the last ones decide."""

DRAWN = 12
"""How many operations of a counterexample are drawn."""


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
class Explanation:
    """A counterexample in words and figures.

    Args:
        headline: the finding in a few words.
        sentences: the argument, each sentence checkable against the file.
        holds: the grants concerned, for a lock.
        overlap: when two clients held at once, from and to, if they did.
        operations: what to draw besides the holds.
        faults: the faults that struck in the time shown, with their times.
        timed: whether times are nanoseconds; else they are positions.
    """

    headline: str
    sentences: tuple[str, ...]
    holds: tuple[Hold, ...]
    overlap: tuple[int, int] | None
    operations: tuple[tuple[str, Operation], ...]
    faults: tuple[tuple[int, str], ...]
    timed: bool


def explain(verdict: NotLinearizable, history: History, model: Model[Any]) -> Explanation:
    """Return why ``verdict`` says that ``history`` breaks ``model``.

    Args:
        verdict: what the check of ``history`` answered.
        history: the whole history, faults and refused releases included.
        model: the model of the failing key.
    """
    teller = _Teller(verdict, history)
    holds = teller.holds(model) if isinstance(model, OwnedByToken) else ()
    overlap = _overlap(holds, teller.last_instant)
    if overlap is not None:
        return teller.tell_overlap(holds, overlap)
    return teller.tell_refusal(holds)


def said(operation: Operation) -> str:
    """Return an operation as a call with its answer: ``acquire('c1-3') → 17``."""
    call = operation.f if operation.value is None else f"{operation.f}({shown(operation.value)})"
    if operation.outcome is Outcome.INFO:
        return f"{call} → unknown"
    if operation.outcome is Outcome.FAIL:
        return f"{call} → failed"
    return call if operation.result is None else f"{call} → {shown(operation.result)}"


def shown(value: Value) -> str:
    """Return a value as a user reads it, a sequence in JSON's brackets; control characters escaped."""
    if isinstance(value, tuple):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    return repr(value)


def instant(time: int, *, timed: bool) -> str:
    """Return a time in milliseconds with one decimal, or a position."""
    return f"{time / 1e6:.1f} ms" if timed else f"event {time + 1}"


class _Teller:
    def __init__(self, verdict: NotLinearizable, history: History) -> None:
        self._found = verdict.counterexample
        self._history = history
        self._header = header_of(history)
        self._timed = history.timed
        self.last_instant = max(
            (operation.completed or operation.invoked for operation in history), default=0
        )

    def holds(self, model: OwnedByToken) -> tuple[Hold, ...]:
        mine = [operation for operation in self._history if operation.key == self._found.key]
        tokens = tokens_of(mine, model.token_calls)
        wanted = {tokens[operation.number] for operation in self._found.operations}
        calls: dict[Value, list[Operation]] = {token: [] for token in wanted}
        for operation in mine:
            token = tokens.get(operation.number)
            if token in wanted:
                calls[token].append(operation)
        held = (self._hold(token, operations) for token, operations in calls.items())
        return tuple(sorted((hold for hold in held if hold), key=lambda hold: hold.granted))

    def _hold(self, token: Value, operations: Sequence[Operation]) -> Hold | None:
        acquires = [o for o in operations if o.f == "acquire" and o.outcome is Outcome.OK]
        if not acquires or acquires[0].completed is None:
            return None
        acquire = acquires[0]
        releases = [o for o in operations if o.f == "release" and o.number > acquire.number]
        release = releases[0] if releases else None
        refused = release is not None and release.outcome is Outcome.FAIL
        return Hold(
            client=self._client(acquire),
            token=token,
            asked=acquire.invoked,
            granted=acquires[0].completed,
            given_back=release.invoked if release else None,
            ended=release.completed if release else None,
            refusal=str(release.error or "failed") if release and refused else None,
            fence=acquire.result if acquire.result != token else None,
        )

    def tell_overlap(self, holds: tuple[Hold, ...], overlap: tuple[int, int]) -> Explanation:
        begin, end = overlap
        faults = self._faults(min(hold.asked for hold in holds), end)
        told = [(hold.granted, self._tell_hold(hold)) for hold in holds]
        told += [(time, self._tell_fault(time, words)) for time, words in faults]
        lasting = f": {(end - begin) / 1e6:.1f} ms" if self._timed else ""
        until = f"to {self._at(end)}" if end > begin else "on"
        both = f"From {self._at(begin)} {until} both were certain to hold it{lasting}."
        sentences = [*(words for _, words in sorted(told)), both]
        return Explanation(
            headline=f"two holders at once{self._of_key()}",
            sentences=tuple(sentences),
            holds=holds,
            overlap=overlap,
            operations=(),
            faults=faults,
            timed=self._timed,
        )

    def tell_refusal(self, holds: tuple[Hold, ...]) -> Explanation:
        completion = self._found.completion
        where = f"line {self._history.line_of(completion)}"
        sentences = [
            f"Up to just before {self._at(completion.completed or completion.invoked)} an order of effects "
            f"exists. None explains {self._client(completion)}'s {said(completion)} ({where}).",
            *(self._tell_hold(hold) for hold in holds),
            *(
                self._tell_dead_end(configuration)
                for configuration in self._found.configurations[:2]
            ),
        ]
        drawn = self._drawn(holds)
        begin = min((operation.invoked for _, operation in drawn), default=0)
        faults = self._faults(begin, completion.completed or completion.invoked)
        sentences += [self._tell_fault(time, words) for time, words in faults]
        return Explanation(
            headline=self._headline(completion, holds),
            sentences=tuple(sentences),
            holds=holds,
            overlap=None,
            operations=drawn,
            faults=faults,
            timed=self._timed,
        )

    def _headline(self, completion: Operation, holds: Sequence[Hold]) -> str:
        if any(hold.refusal is not None for hold in holds):
            return f"lock lost before its release{self._of_key()}"
        return f"{completion.f} by {self._client(completion)} cannot be explained{self._of_key()}"

    def _tell_hold(self, hold: Hold) -> str:
        fence = "" if hold.fence is None else f" and fencing token {shown(hold.fence)}"
        words = (
            f"{hold.client} was granted the lock at {self._at(hold.granted)}, "
            f"under token {shown(hold.token)}{fence}, "
        )
        if hold.given_back is None:
            return words + "and never began to give it back."
        words += f"and held it until it began to give it back at {self._at(hold.given_back)}"
        if hold.refusal is not None:
            return words + f", which was refused: {shown(hold.refusal)}."
        return words + "."

    def _tell_fault(self, time: int, words: str) -> str:
        return f"At {self._at(time)} a fault struck: {words}."

    def _tell_dead_end(self, configuration: Configuration) -> str:
        order = configuration.linearized
        told = ", ".join(
            f"{self._client(operation)}'s {said(operation)}" for operation in order[-TOLD:]
        )
        before = f"{len(order) - TOLD} operations and then " if len(order) > TOLD else ""
        after = f"After {before}{told}" if order else "At the start"
        refusals = "; ".join(
            f"{self._client(refusal.operation)}'s {said(refusal.operation)} is impossible: {refusal.reason}"
            for refusal in configuration.refusals[:TOLD]
        )
        return f"{after}: {refusals}."

    def _drawn(self, holds: tuple[Hold, ...]) -> tuple[tuple[str, Operation], ...]:
        if holds:
            return ()
        operations = [self._found.completion, *self._found.operations[:DRAWN]]
        for configuration in self._found.configurations[:1]:
            operations += configuration.linearized[-TOLD:]
            operations += [refusal.operation for refusal in configuration.refusals[:TOLD]]
        unique = {operation.number: operation for operation in operations}
        return tuple((self._client(unique[number]), unique[number]) for number in sorted(unique))

    def _faults(self, begin: int, end: int) -> tuple[tuple[int, str], ...]:
        faults = []
        for note in self._history.notes:
            if note.f == HEADER or note.time is None:
                continue
            # A fault is noted when it is in force; what it led to may have been recorded before.
            took = note.extra.get(TOOK)
            time = note.time - (took if isinstance(took, int) else 0)
            if begin <= time <= end:
                words = note.value if isinstance(note.value, str) else f"{note.f}: {note.value!r}"
                faults.append((time, printable(words)))
        return tuple(faults)

    def _client(self, operation: Operation) -> str:
        return printable(client_of(operation.process, self._header))

    def _at(self, time: int) -> str:
        return instant(time, timed=self._timed)

    def _of_key(self) -> str:
        return "" if self._found.key is None else f", key {shown(self._found.key)}"


def _overlap(holds: Sequence[Hold], last_instant: int) -> tuple[int, int] | None:
    for place, first in enumerate(holds):
        for second in holds[place + 1 :]:
            ends = [hold.given_back for hold in (first, second) if hold.given_back is not None]
            begin, end = max(first.granted, second.granted), min(ends, default=last_instant)
            # Where neither ever gave it back, they hold for as long as anything was recorded.
            if begin < end or not ends:
                return begin, end
    return None
