"""Why a history is not linearizable, as data that a renderer draws: words, holds, faults, times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve, frozen

from holdfast.checker.explain.holds import Hold, holds_of
from holdfast.checker.explain.losses import Loss, denied_finding, losses, ttl_of
from holdfast.checker.explain.proof import (
    LOST_BEFORE_RELEASE,
    TWO_HOLDERS,
    Proof,
    Words,
    proof_of,
)
from holdfast.checker.explain.struck import faults_between
from holdfast.checker.explain.words import instant, said, shown
from holdfast.checker.locks.certificate import (
    Certificate,
    DeniedHolder,
    LeasesTooLong,
    TooManyHolders,
)
from holdfast.checker.verdict import Configuration, NotLinearizable
from holdfast.histories.errors import printable
from holdfast.histories.header import client_of, header_of
from holdfast.histories.history import History
from holdfast.histories.operation import Operation
from holdfast.models.model import Model, OwnedByToken

TOLD = 6
"""How many operations of a long order are told: the last ones decide."""

DRAWN = 12
"""How many operations of a counterexample are drawn."""


@frozen
class Explanation:
    """A counterexample in words and figures.

    Args:
        headline: the finding in a few words.
        findings: what is wrong, each by its name, such as "two holders at once" or "a lock lost early".
        sentences: the argument, each sentence checkable against the file.
        holds: the grants concerned, for a lock.
        overlap: when two clients held at once, from and to, if they did.
        operations: what to draw besides the holds.
        faults: the faults that struck in the time shown, with their times.
        timed: whether times are nanoseconds; else they are positions.
    """

    headline: str
    findings: tuple[str, ...]
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
    teller = _Teller(verdict, history, model)
    holds = teller.holds(model) if isinstance(model, OwnedByToken) else ()
    certificate = verdict.counterexample.certificate
    if isinstance(certificate, TooManyHolders):
        believed = _overlap(holds, teller.last_instant) if len(certificate.holds) == 2 else None
        proof = teller.proof(certificate)
        if believed is None and any(hold.refusal is not None for hold in holds):
            return teller.tell_proof(holds, evolve(proof, finding=LOST_BEFORE_RELEASE))
        return teller.tell_overlap(holds, believed or teller.overlap_of(certificate), proof)
    overlap = _overlap(holds, teller.last_instant)
    if overlap is not None and isinstance(certificate, LeasesTooLong) and len(holds) == 2:
        certain = overlap[0], min(overlap[1], holds[0].asked + (teller.ttl or 0))
        if certain[0] < certain[1]:
            return teller.tell_overlap(holds, certain, teller.proof(certificate))
    if certificate is not None:
        return teller.tell_proof(holds, teller.proof(certificate))
    if overlap is not None:
        return teller.tell_overlap(holds, overlap, Proof(TWO_HOLDERS, ()))
    return teller.tell_refusal(holds)


class _Teller:
    def __init__(self, verdict: NotLinearizable, history: History, model: Model[Any]) -> None:
        self._found = verdict.counterexample
        self._history = history
        self._header = header_of(history)
        self.ttl = ttl_of(model, self._header)
        self._timed = history.timed
        self.last_instant = max(
            (operation.completed or operation.invoked for operation in history), default=0
        )

    def holds(self, model: OwnedByToken) -> tuple[Hold, ...]:
        wanted = {operation.number for operation in self._found.operations}
        return holds_of(self._history, self._found.key, model, wanted)

    def overlap_of(self, certificate: TooManyHolders) -> tuple[int, int]:
        """Return from when to when all those that were certain to hold were so at once."""
        begins = [self._history[hold.since].completed or 0 for hold in certificate.holds]
        untils = [hold.until for hold in certificate.holds]
        ends = [self._history[until].invoked for until in untils if until is not None]
        return max(begins), min(ends, default=self.last_instant)

    def proof(self, certificate: Certificate) -> Proof:
        """Return a certificate in words."""
        words = Words(
            operation=self._history.__getitem__,
            client=self._client,
            said=lambda one: f"{said(one)} (line {self._history.line_of(one)})",
            at=self._at,
            lock="the lock" if self._found.key is None else shown(self._found.key),
        )
        proof = proof_of(certificate, words)
        if isinstance(certificate, DeniedHolder):
            loss = denied_finding(certificate, self._history, self.ttl)
            return Proof(loss.finding, (*proof.sentences, loss.words))
        return proof

    def tell_overlap(
        self, holds: tuple[Hold, ...], overlap: tuple[int, int], proof: Proof
    ) -> Explanation:
        begin, end = overlap
        faults = faults_between(
            self._history, min((hold.asked for hold in holds), default=begin), end
        )
        told = [(hold.granted, self._tell_hold(hold)) for hold in holds]
        told += [(time, self._tell_fault(time, words)) for time, words in faults]
        both = f"From {self._at(begin)} {self._lasting(holds, begin, end)}."
        lost = self._losses(holds)
        sentences = [
            *proof.sentences,
            *(words for _, words in sorted(told)),
            both,
            *(loss.words for loss in lost),
        ]
        return Explanation(
            headline=f"{proof.finding}{self._of_key()}",
            findings=tuple(dict.fromkeys([proof.finding, *(loss.finding for loss in lost)])),
            sentences=tuple(sentences),
            holds=holds,
            overlap=overlap,
            operations=(),
            faults=faults,
            timed=self._timed,
        )

    def _lasting(self, holds: Sequence[Hold], begin: int, end: int) -> str:
        certain = f"{'both' if len(holds) == 2 else 'all'} were certain to hold it"
        length = f"{(end - begin) / 1e6:.1f} ms" if self._timed else f"{end - begin} events"
        if any(hold.given_back == end for hold in holds):
            return f"to {self._at(end)} {certain}: {length}"
        return f"on {certain}, for {length} at least" if end > begin else f"on {certain}"

    def tell_proof(self, holds: tuple[Hold, ...], proof: Proof) -> Explanation:
        """Tell what a certificate proves, where it is not that several held at once."""
        those = self._found.operations
        begin = min(one.invoked for one in those)
        end = max(one.completed or one.invoked for one in those)
        faults = faults_between(self._history, begin, end)
        lost = self._losses(holds)
        return Explanation(
            headline=f"{proof.finding}{self._of_key()}",
            findings=tuple(dict.fromkeys([proof.finding, *(loss.finding for loss in lost)])),
            sentences=(
                *proof.sentences,
                *map(self._tell_hold, holds[:TOLD]),
                *map(self._tell_dead_end, self._found.configurations[:1]),
                *(loss.words for loss in lost),
                *(self._tell_fault(time, words) for time, words in faults),
            ),
            holds=holds,
            overlap=None,
            operations=self._drawn(holds),
            faults=faults,
            timed=self._timed,
        )

    def _losses(self, holds: Sequence[Hold]) -> list[Loss]:
        return losses(holds, self.ttl, self.last_instant, self._at)

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
        faults = faults_between(self._history, begin, completion.completed or completion.invoked)
        sentences += [self._tell_fault(time, words) for time, words in faults]
        return Explanation(
            headline=self._headline(completion, holds) + self._of_key(),
            findings=(self._headline(completion, holds),),
            sentences=tuple(sentences),
            holds=holds,
            overlap=None,
            operations=drawn,
            faults=faults,
            timed=self._timed,
        )

    def _headline(self, completion: Operation, holds: Sequence[Hold]) -> str:
        if any(hold.refusal is not None for hold in holds):
            return LOST_BEFORE_RELEASE
        return f"{completion.f} by {self._client(completion)} cannot be explained"

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
