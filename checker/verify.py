"""A second opinion on a certificate, by code that shares nothing with the procedures that found it.

It knows the rules of ``holdfast.checker.locks.certificate`` and the history's raw instants, no engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import Factory, define
from msgspec.structs import replace

from holdfast.checker.locks import certificate as rules
from holdfast.histories.operation import Operation, Outcome
from holdfast.histories.order import precedes
from holdfast.models.model import (
    Call,
    Fail,
    Info,
    Model,
    ObservesFailures,
    Ok,
    OwnedByToken,
    Refused,
    Result,
)
from holdfast.models.value import Value, freeze

OPERATIONS_MAX = 24
"""How many operations are tried in every order, where a rule comes to that."""


class _Wrong(Exception):
    """The certificate does not prove what it says."""


def certificate_objection(
    model: Model[Any],
    operations: Sequence[Operation],
    tokens: Mapping[int, Value],
    certificate: rules.Certificate,
) -> str | None:
    """Return why ``certificate`` does not prove ``operations`` not linearizable, or ``None`` if it does.

    Args:
        model: a model of a lock.
        operations: one key's operations, all of them.
        tokens: by operation number, the token that replaces the call's value.
        certificate: names operations by their numbers.
    """
    try:
        _Checker(model, operations, tokens).check(certificate)
    except _Wrong as wrong:
        return str(wrong)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # It may have been tampered with: what does not even fit the history proves nothing.
        return f"it names operations that do not fit ({error!r})"
    return None


@define
class _Session:
    """What one acquire attempt did; under a reentrant lock, from the first acquire to the last release."""

    acquire: Operation | None = None
    releases: list[Operation] = Factory(list)
    told: list[Operation] = Factory(list)
    denied: list[Operation] = Factory(list)


class _Checker:
    def __init__(
        self, model: Any, operations: Sequence[Operation], tokens: Mapping[int, Value]
    ) -> None:
        self._model = model
        self._tokens = tokens
        observed = model.observed_failures if isinstance(model, ObservesFailures) else ()
        self._all = [
            one for one in operations if one.outcome is not Outcome.FAIL or one.f in observed
        ]
        self._by_number = {one.number: one for one in self._all}
        self._permits: int = getattr(model, "permits", 1)
        self._session_of: dict[int, _Session] = {}
        if isinstance(model, OwnedByToken):
            self._find_sessions()

    def check(self, certificate: rules.Certificate) -> None:
        """Raise ``_Wrong`` unless the rule that the certificate states applies."""
        name = type(certificate).__name__
        rule: Callable[[Any], None] = getattr(self, f"_{name}")
        rule(certificate)

    def _value(self, one: Operation) -> Value:
        return freeze(self._tokens.get(one.number, one.value))

    def _token(self, one: Operation) -> Value:
        return freeze(one.result) if one.f == "holder" else self._value(one)

    def _find_sessions(self) -> None:
        latest: dict[Value, _Session] = {}
        returned: dict[Value, int] = {}
        holds: dict[Value, int] = {}
        overlapping, again = set(), set()
        most: int = getattr(self._model, "holds_max", 1)
        for one in self._all:
            if one.f == "is_locked" or (one.f == "holder" and one.result is None):
                continue
            token, fails = self._token(one), one.outcome is Outcome.FAIL
            if fails and one.f == "acquire" and not hasattr(self._model, "holds_max"):
                continue
            end = one.returned
            if one.invoked <= returned.get(token, -1):
                overlapping.add(token)
            returned[token] = max(returned.get(token, 0), 1 << 62 if end is None else end)
            session = latest.setdefault(token, _Session())
            inner = holds.get(token, 0) > 0 and hasattr(self._model, "holds_max")
            if one.f == "acquire" and not fails:
                if session.acquire is not None and not inner:
                    again.add(token)
                    session = latest[token] = _Session()
                holds[token] = holds.get(token, 0) + 1
                if not inner:
                    session.acquire = one
            elif one.f == "release" and not fails:
                holds[token] = holds.get(token, 0) - 1
                if holds[token] <= 0 or most == 1:
                    session.releases.append(one)
            (session.denied if fails else session.told if one.f == "holder" else []).append(one)
            self._session_of[one.number] = session
        unclear = overlapping if hasattr(self._model, "holds_max") else overlapping & again
        for one in self._all:
            if one.number in self._session_of and self._token(one) in unclear:
                del self._session_of[one.number]

    def _span(self, hold: rules.CertainHold) -> tuple[Operation, Operation | None]:
        """Return the operations whose return and invocation bound the certain time of a hold."""
        session = self._session_of[hold.acquire]
        since = self._by_number[hold.since]
        until = None if hold.until is None else self._by_number[hold.until]
        _demand(session.acquire is self._by_number[hold.acquire], "it names another acquire")
        _demand(since.returned is not None, "the hold has an unknown beginning")
        _demand(
            since is session.acquire or since in session.told,
            "the hold begins with a stranger's call",
        )
        known = [one for one in session.releases if one.returned is not None]
        if until is None:
            _demand(not session.releases, "the hold may have been ended by a release")
        elif until in session.told:
            pass  # it held at some instant of this read
        elif until in known:
            _demand(len(known) == 1, "two releases")
        else:
            _demand(until in session.releases and not known, "it was not ended by that")
            first = min(one.invoked for one in session.releases)
            _demand(until.invoked == first, "an earlier release may have ended the hold")
        _demand(until is None or precedes(since, until), "the hold is never certain")
        return since, until

    def _TooManyHolders(self, found: rules.TooManyHolders) -> None:  # noqa: N802
        spans = [self._span(hold) for hold in found.holds]
        _demand(len({hold.acquire for hold in found.holds}) == self._permits + 1, "too few holds")
        for since, _ in spans:
            for _, until in spans:
                _demand(until is None or precedes(since, until), "the holds do not overlap")

    def _TakenTwice(self, found: rules.TakenTwice) -> None:  # noqa: N802
        first, second = self._session_of[found.first], self._by_number[found.second]
        _demand(first.acquire is self._by_number[found.first], "it names another acquire")
        _demand(second.f == "acquire" and second.outcome is Outcome.OK, "it was not taken again")
        _demand(self._session_of[found.second] is not first, "it is one acquire")
        _demand(self._token(second) == self._token(self._by_number[found.first]), "another token")
        _demand(not first.releases, "it may have been given back")

    def _NeverFree(self, found: rules.NeverFree) -> None:  # noqa: N802
        needing = [self._by_number[number] for number in found.needing]
        _demand(
            len({hold.acquire for hold in found.holds}) == self._permits, "a permit may be free"
        )
        begin = max(one.invoked for one in needing)
        end = min((one.returned for one in needing if one.returned is not None), default=1 << 62)
        for since, until in map(self._span, found.holds):
            _demand((since.returned or 0) < begin, "it may come before the hold")
            _demand(until is None or end < until.invoked, "it may come after the hold")
        if self._saw_free(needing[0]):
            return
        session = self._session_of[needing[0].number]
        own = [session.acquire, *session.told, *session.releases]
        _demand(all(one in own for one in needing), "it needs no free instant")
        _demand(session.acquire in needing and self._happened(session), "it need not have happened")
        # As its calls overlap, some instant of all of them has its hold, and so no room for another.
        _demand(
            all(hold.acquire != needing[0].number for hold in found.holds), "it is its own hold"
        )
        known = [one for one in session.releases if one.returned is not None]
        releases = [one for one in needing if one in session.releases]
        if known:
            _demand(all(one in known for one in releases), "another release ended it")
        elif releases:
            least = min(one.invoked for one in session.releases)
            _demand(all(one.invoked == least for one in releases), "it may have been short before")

    def _happened(self, session: _Session) -> bool:
        calls = [session.acquire, *session.told, *session.releases]
        return any(one is not None and one.returned is not None for one in calls)

    def _saw_free(self, one: Operation) -> bool:
        if one.f == "holder":
            return one.outcome is Outcome.OK and one.result is None
        return one.f == "is_locked" and one.outcome is Outcome.OK and one.result == False  # noqa: E712

    def _StrangersRelease(self, found: rules.StrangersRelease) -> None:  # noqa: N802
        self._stranger(self._by_number[found.release], found.instead)

    def _StrangersRead(self, found: rules.StrangersRead) -> None:  # noqa: N802
        self._stranger(self._by_number[found.read], found.instead)

    def _stranger(self, call: Operation, instead: int | None) -> None:
        _demand(
            call.returned is not None and call.outcome is Outcome.OK, "it may not have happened"
        )
        _demand(call.f in ("release", "holder"), "it claims no hold")
        session = self._session_of[call.number]
        if instead is None:
            others = [
                one for one in session.releases if one.returned is not None and one is not call
            ]
            twice = bool(others) and call.f == "release"
            _demand(session.acquire is None or twice, "its token has an acquire")
            return
        other = self._by_number[instead]
        _demand(self._session_of[instead] is session and other is not call, "it is another token's")
        if other is session.acquire:
            _demand(precedes(call, other), "it may come after the acquire")
        elif call.f == "release":
            _demand(other in session.releases and other.returned is not None, "no second release")
        else:
            _demand(
                other in session.releases and precedes(other, call),
                "it may come before the release",
            )

    def _DeniedHolder(self, found: rules.DeniedHolder) -> None:  # noqa: N802
        since, until = self._span(found.hold)
        denied = self._by_number[found.release]
        _demand(denied in self._session_of[found.hold.acquire].denied, "it was not denied")
        _demand(precedes(since, denied), "it may come before the hold")
        _demand(until is None or precedes(denied, until), "it may come after the hold")

    def _FenceBackwards(self, found: rules.FenceBackwards) -> None:  # noqa: N802
        higher, lower = self._by_number[found.higher], self._by_number[found.lower]
        _demand(higher.outcome is Outcome.OK and lower.outcome is Outcome.OK, "a grant is unknown")
        _demand(higher.f == lower.f == "acquire" and higher is not lower, "they are not two grants")
        if higher.result == lower.result:
            return
        _demand(higher.result > lower.result, "the fencing tokens rise")  # type: ignore[operator]
        returned = self._by_number[found.returned]
        own = self._session_of.get(found.higher, _Session(higher))
        if returned not in (higher, *own.told):
            _demand(returned in own.releases, "another token's call")
        other = self._session_of.get(found.lower, _Session(lower))
        if found.invoked < 0:
            _demand(
                not other.releases and bool(self._session_of), "the lower may have been given back"
            )
            return
        invoked = self._by_number[found.invoked]
        _demand(precedes(returned, invoked), "the grants may be in order")
        known = [one for one in other.releases if one.returned is not None] or other.releases
        least = min((one.invoked for one in known), default=invoked.invoked)
        _demand(
            invoked in (lower, *other.told) or (invoked in known and invoked.invoked == least),
            "no bound",
        )

    def _FenceSkipped(self, found: rules.FenceSkipped) -> None:  # noqa: N802
        before, after = self._by_number[found.before], self._by_number[found.after]
        _demand(bool(self._model.consecutive), "fencing tokens need not be consecutive")
        acquires = [
            one for one in self._all if one.f == "acquire" and one.outcome is not Outcome.FAIL
        ]
        granted = [one for one in acquires if one.outcome is Outcome.OK]
        _demand(before in granted and after in granted, "they are not two grants")
        known: list[Any] = [one.result for one in acquires if one.outcome is Outcome.OK]
        low, high = int(before.result), int(after.result)  # type: ignore[call-overload]
        missing = high - low - 1 - sum(low < fence < high for fence in known)
        may = [one for one in acquires if one.outcome is Outcome.INFO and not precedes(after, one)]
        _demand(len(may) < missing, "unknown acquires may have got the missing fencing tokens")

    def _Miscounted(self, found: rules.Miscounted) -> None:  # noqa: N802
        call = self._by_number[found.call]
        owner, held = self._token(call), 0
        _demand(found.call in self._session_of, "its owner's calls overlap")
        for one in self._all:
            if one is call:
                break
            if (
                one.outcome is Outcome.OK
                and one.f in ("acquire", "release")
                and self._token(one) == owner
            ):
                held += 1 if one.f == "acquire" else -1
        _demand(call.returned is not None, "it may not have happened")
        fails, most = call.outcome is Outcome.FAIL, self._model.holds_max
        wrong = {
            ("acquire", False): held >= most,
            ("release", False): held <= 0,
            ("acquire", True): 0 < held < most,
            ("release", True): held > 0,
        }
        _demand(wrong[call.f, fails], "its owner's count allows it")

    def _TooManyFlips(self, found: rules.TooManyFlips) -> None:  # noqa: N802
        named = [self._by_number[number] for number in sorted(set(found.operations))]
        last = self._by_number[found.completion]
        flips = {"acquire": "release", "release": "acquire"}
        changing = [one for one in self._all if one.f in flips and one.outcome is not Outcome.FAIL]
        functions = {one.f for one in named}
        happened = functions <= set(flips) and all(one.outcome is Outcome.OK for one in named)
        other = [one for one in changing if one.f not in functions]
        if happened and len(functions) == 1 and self._outnumber(named, other):
            return
        # What is left out may only be what observes, or what was called after the last return.
        _demand(last in named and last.returned is not None, "it does not name what returned")
        end = last.returned or 0
        missing = [one for one in changing if one not in named]
        _demand(
            all(one.invoked > end for one in missing), "it leaves out what may have come between"
        )
        self._no_order([one.number for one in named], end if missing else 1 << 62)

    def _outnumber(self, named: Sequence[Operation], other: Sequence[Operation]) -> bool:
        """Return whether too few others can have taken effect while those named did."""
        begin, end = min(one.invoked for one in named), max(one.returned or 0 for one in named)
        by_then = [one for one in other if one.invoked <= end]
        between = [one for one in by_then if one.returned is None or one.returned >= begin]
        if len(named) > len(between) + self._permits:
            return True
        return named[0].f == "release" and len(named) > len(by_then)

    def _NeverHeld(self, found: rules.NeverHeld) -> None:  # noqa: N802
        kept = {*found.observations, *found.frees}
        tokens = [*(hold.acquire for hold in found.holds), *found.lost]
        for hold in found.holds:
            self._span(hold)
        for number in found.frees:
            one = self._by_number[number]
            flips = one.f in ("acquire", "release") and one.outcome is not Outcome.FAIL
            _demand(flips or self._saw_free(one), "what it calls free is not")
        for number in (*tokens, *found.frees):
            session = self._session_of.get(number)
            if session is not None:
                denied = [one for one in session.denied if one.f == "release"]
                calls = (session.acquire, *session.releases, *session.told, *denied)
                kept |= {one.number for one in calls if one is not None}
        for number in found.observations:
            one = self._by_number[number]
            failed = one.f == "acquire" and one.outcome is Outcome.FAIL
            saw = one.f == "is_locked" and one.outcome is Outcome.OK and bool(one.result)
            _demand(failed or saw, "what it calls held is not")
            self._between(self._by_number[number], found, set(kept))
        self._no_order(sorted(kept))

    def _between(self, seen: Operation, found: rules.NeverHeld, kept: set[int]) -> None:
        """Demand that no token that was left out can have held when the lock was seen held."""
        for one in self._all:
            if one.f == "acquire" and one.outcome is not Outcome.FAIL:
                _demand(one.number in self._session_of, "a token's calls are unclear")
        for session in {id(one): one for one in self._session_of.values()}.values():
            acquire = session.acquire
            if acquire is None or acquire.number in kept or acquire.invoked > (seen.returned or 0):
                continue
            known = [one for one in session.releases if one.returned is not None]
            _demand(
                (bool(known) and precedes(known[0], seen)) or self._before(session, found, seen),
                f"operation {acquire.number} may have held then",
            )

    def _before(self, session: _Session, found: rules.NeverHeld, seen: Operation) -> bool:
        """Return whether a certain hold lies between a session and what was seen, either way."""
        acquire = session.acquire
        assert acquire is not None
        for hold in found.holds:
            since, until = self._span(hold)
            if until is not None and precedes(acquire, until) and until.invoked < seen.invoked:
                # It took the lock before that hold's time ended; so it had ended when that began.
                return self._happened(session)
            if (seen.returned or 0) < (since.returned or 0) and not self._ends_before(
                session, since
            ):
                # Had it held then, it would still when that hold's time began.
                return True
        return False

    def _ends_before(self, session: _Session, since: Operation) -> bool:
        first = min((one.invoked for one in session.releases), default=1 << 62)
        return first <= (since.returned or 0)

    def _no_order(self, numbers: Sequence[int], until: int = 1 << 62) -> None:
        """Demand that the operations named have no legal order: by trying them all.

        Args:
            numbers: the operations.
            until: what returns later counts as unknown, what then only observes not at all.
        """
        _demand(len(numbers) <= OPERATIONS_MAX, f"more than {OPERATIONS_MAX} operations to try")
        part = [self._by_number[number] for number in numbers]
        late = [one for one in part if one.returned is not None and one.returned > until]
        part = [
            replace(one, completion=None, completed=None) if one in late else one
            for one in part
            if one not in late or (one.f in ("acquire", "release") and one.outcome is Outcome.OK)
        ]
        before = [[at for at, first in enumerate(part) if precedes(first, one)] for one in part]
        needed = {at for at, one in enumerate(part) if one.outcome is not Outcome.INFO}
        stack: list[tuple[frozenset[int], Any]] = [(frozenset(), self._model.initial())]
        seen = set(stack)
        while stack:
            done, state = stack.pop()
            _demand(not needed <= done, "these operations have a legal order")
            for at, one in enumerate(part):
                if at in done or not done.issuperset(before[at]):
                    continue
                after = self._model.step(state, Call(one.f, self._value(one)), _answer(one))
                entry = (done | {at}, after)
                if not isinstance(after, Refused) and entry not in seen:
                    seen.add(entry)
                    stack.append(entry)


def _answer(one: Operation) -> Result:
    if one.outcome is Outcome.OK:
        return Ok(freeze(one.result))
    return Fail(freeze(one.error)) if one.outcome is Outcome.FAIL else Info()


def _demand(right: bool, words: str) -> None:
    if not right:
        raise _Wrong(words)
