"""What a certificate proves, in words: the finding by its name, and the times that show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from holdfast.checker.locks import certificate as rules
from holdfast.histories.operation import Operation
from holdfast.models.lock import ACQUIRE, RELEASE

TWO_HOLDERS = "two holders at once"
LOST_BEFORE_RELEASE = "lock lost before its release"
LOST_EARLY = "a lock lost early"
KEPT_AFTER_LOSS = "a lock kept after it was lost"
FENCE_BACKWARDS = "a fence that went backwards"
STRANGERS_RELEASE = "a release by a stranger"

SHOWN = 6
"""How many operations of a long list are told."""


@frozen
class Proof:
    """A certificate in words.

    Args:
        finding: what is wrong, by its name.
        sentences: why, each checkable against the file.
    """

    finding: str
    sentences: tuple[str, ...]


@frozen
class Words:
    """How operations and times are told.

    Args:
        operation: returns an operation by its number.
        client: returns the name of an operation's client.
        said: returns an operation as a call with its answer and its line.
        at: returns an instant with its unit.
        lock: the lock's name.
    """

    operation: Callable[[int], Operation]
    client: Callable[[Operation], str]
    said: Callable[[Operation], str]
    at: Callable[[int], str]
    lock: str

    def call(self, number: int) -> str:
        """Return whose call an operation is, and what it was answered."""
        one = self.operation(number)
        return f"{self.client(one)}'s {self.said(one)}"

    def calls(self, numbers: Sequence[int]) -> str:
        """Return several calls, of many the first ones."""
        told = ", ".join(map(self.call, numbers[:SHOWN]))
        return f"{told} and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else told

    def invoked(self, number: int) -> str:
        """Return when an operation was invoked."""
        return self.at(self.operation(number).invoked)

    def returned(self, number: int) -> str:
        """Return when an operation returned."""
        return self.at(self.operation(number).completed or 0)

    def held(self, hold: rules.CertainHold) -> str:
        """Return who certainly held from when until when."""
        client = self.client(self.operation(hold.acquire))
        until = "on" if hold.until is None else f"to {self.invoked(hold.until)}"
        return f"{client} certainly held {self.lock} from {self.returned(hold.since)} {until}"


def proof_of(certificate: rules.Certificate, words: Words) -> Proof:
    """Return ``certificate`` in words."""
    tell = _TELLERS.get(type(certificate))
    if tell is None:
        name = type(certificate).__name__
        return Proof(name, (f"{name}: {words.calls(rules.named(certificate))}.",))
    finding, sentences = tell(certificate, words)
    return Proof(finding, tuple(sentences))


Told = tuple[str, list[str]]


def _too_many(found: rules.TooManyHolders, words: Words) -> Told:
    holds = sorted(found.holds, key=lambda hold: words.operation(hold.since).completed or 0)
    *before, last = holds
    client = words.client(words.operation(last.acquire))
    granted = f"{client} was granted it at {words.returned(last.since)}"
    finding = TWO_HOLDERS if len(holds) == 2 else f"{len(holds)} holders at once"
    return finding, [f"{'; '.join(map(words.held, before))}; {granted}."]


def _never_free(found: rules.NeverFree, words: Words) -> Told:
    held = "; ".join(map(words.held, found.holds))
    first = words.operation(found.needing[0])
    if first.f != ACQUIRE and len(found.needing) == 1:
        told = f"{words.call(first.number)} found it free between {words.at(first.invoked)} and "
        return "seen free while it was held", [f"{held}; {told}{words.returned(first.number)}."]
    begin = max(words.operation(number).invoked for number in found.needing)
    known = [words.operation(number).returned for number in found.needing]
    end = min((one for one in known if one is not None), default=begin)
    client = words.client(first)
    told = f"{client} held it too at some instant from {words.at(begin)} to {words.at(end)}"
    return TWO_HOLDERS, [f"{held}; {told} ({words.calls(found.needing)})."]


def _taken_twice(found: rules.TakenTwice, words: Words) -> Told:
    again = f"{words.call(found.second)} was granted again under the same token"
    return "taken again by its holder", [
        f"{words.call(found.first)} was granted; {again}, with no release in between."
    ]


def _strangers_release(found: rules.StrangersRelease, words: Words) -> Told:
    why = "that token never acquired"
    if found.instead is not None:
        other = words.operation(found.instead)
        why = f"that token's {words.said(other)} had given it back already"
        if other.f == ACQUIRE:
            why = f"that token's acquire began only at {words.at(other.invoked)}"
    at = words.returned(found.release)
    return STRANGERS_RELEASE, [f"{words.call(found.release)} succeeded at {at}, but {why}."]


def _strangers_read(found: rules.StrangersRead, words: Words) -> Told:
    why = "that token never acquired"
    if found.instead is not None:
        other = words.operation(found.instead)
        why = f"that token had given it back by {words.returned(other.number)}"
        if other.f == ACQUIRE:
            why = f"that token's acquire began only at {words.at(other.invoked)}"
    return "a holder that was none", [f"{words.call(found.read)} told a holder, but {why}."]


def _denied(found: rules.DeniedHolder, words: Words) -> Told:
    told = f"{words.call(found.release)} was answered that it does not, at {words.returned(found.release)}"
    return LOST_EARLY, [f"{words.held(found.hold)}; {told}."]


def _fence(found: rules.FenceBackwards, words: Words) -> Told:
    higher, lower = words.operation(found.higher), words.operation(found.lower)
    if higher.result == lower.result:
        told = (
            f"{words.call(higher.number)} and {words.call(lower.number)} got the same fencing token"
        )
        return "one fencing token for two grants", [f"{told}."]
    order = f"the first certainly came before: {words.call(found.returned)} had returned by "
    later = "and the other was never given back"
    if found.invoked >= 0:
        later = f"and {words.call(found.invoked)} began at {words.invoked(found.invoked)}"
    pair = f"{words.call(higher.number)} was granted, then {words.call(lower.number)} with a lower number"
    return FENCE_BACKWARDS, [f"{pair}; {order}{words.returned(found.returned)}, {later}."]


def _skipped(found: rules.FenceSkipped, words: Words) -> Told:
    pair = f"{words.call(found.before)} and {words.call(found.after)}"
    most = f"only {len(found.lost)} acquires of unknown outcome can have got one"
    return "a fencing token is missing", [
        f"Between {pair} more fencing tokens are missing than that: {most}."
    ]


def _never_held(found: rules.NeverHeld, words: Words) -> Told:
    seen = f"{words.calls(found.observations)} found {words.lock} held, but nobody can have held it then"
    others = "; ".join(map(words.held, found.holds))
    lost = "no acquire of unknown outcome is left that may have"
    if found.lost:
        lost = f"of unknown outcome are only {words.calls(found.lost)}, too few"
    sentences = [f"{seen}: {lost}."]
    return "seen held while nobody held", [*sentences, *([f"{others}."] if others else [])]


def _miscounted(found: rules.Miscounted, words: Words) -> Told:
    since = "did not hold"
    if found.outermost is not None:
        since = f"had held since {words.call(found.outermost)}"
    owner = words.client(words.operation(found.call))
    return "an owner's count is wrong", [
        f"{words.call(found.call)} is impossible by its owner's own calls: {owner} {since}."
    ]


def _flips(found: rules.TooManyFlips, words: Words) -> Told:
    those = [words.operation(number) for number in found.operations]
    functions = {one.f for one in those}
    if functions in ({ACQUIRE}, {RELEASE}):
        taken = functions == {ACQUIRE}
        finding = (
            "taken again before it was given back" if taken else "given back before it was taken"
        )
        other = "releases" if taken else "acquires"
        return finding, [f"{words.calls(found.operations)}: too few {other} can lie between."]
    return "more taken than given back, or seen so", [
        f"{words.calls(found.operations)} cannot all have happened in that time, whatever was before."
    ]


def _times(count: int) -> str:
    return {0: "0 times", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _outnumbered(found: rules.Outnumbered, words: Words) -> Told:
    first, last = words.operation(found.first), words.operation(found.last)
    taken = first.f == ACQUIRE
    finding = "taken again before it was given back" if taken else "given back before it was taken"
    done, other = ("taken", "given back") if taken else ("given back", "taken")
    return finding, [
        f"From {words.at(first.invoked)} to {words.returned(last.number)} {words.lock} was {done} "
        f"{_times(found.least)}, and can have been {other} no more than {_times(found.most)}: "
        f"from {words.call(first.number)} to {words.call(last.number)}."
    ]


def _leases(found: rules.LeasesTooLong, words: Words) -> Told:
    return TWO_HOLDERS, [
        f"{words.calls(found.operations)}: these leases cannot have come one after the other."
    ]


_TELLERS: dict[type, Callable[[Any, Words], Told]] = {
    rules.TooManyHolders: _too_many,
    rules.NeverFree: _never_free,
    rules.TakenTwice: _taken_twice,
    rules.StrangersRelease: _strangers_release,
    rules.StrangersRead: _strangers_read,
    rules.DeniedHolder: _denied,
    rules.FenceBackwards: _fence,
    rules.FenceSkipped: _skipped,
    rules.NeverHeld: _never_held,
    rules.Miscounted: _miscounted,
    rules.TooManyFlips: _flips,
    rules.Outnumbered: _outnumbered,
    rules.LeasesTooLong: _leases,
}
