"""Whether observations that the lock was held are as unexplained as a certificate says."""

from __future__ import annotations

from attrs import Factory, define

from holdfast.checker.locks import certificate as rules
from holdfast.checker.verify_facts import Facts, demand
from holdfast.checker.verify_part import NEVER, has_order
from holdfast.histories.operation import Operation, Outcome
from holdfast.histories.order import precedes
from holdfast.models.lock import ACQUIRE, RELEASE
from holdfast.models.value import Value


@define
class Attempt:
    """What one acquire attempt did; of a reentrant lock, from the first acquire to the last release."""

    acquire: Operation | None = None
    releases: list[Operation] = Factory(list)
    others: list[Operation] = Factory(list)
    clear: bool = True

    @property
    def happened(self) -> bool:
        """Whether it certainly held."""
        calls = (self.acquire, *self.releases, *self.others)
        return any(one is not None and one.outcome is Outcome.OK for one in calls)

    @property
    def released(self) -> int:
        """When it can have been given back at the earliest."""
        return min((one.invoked for one in self.releases), default=NEVER)


def check_never_held(facts: Facts, found: rules.NeverHeld) -> None:
    """Raise ``Wrong`` unless nobody can have held when some calls found the lock held.

    The holds that are named, the acquires of unknown outcome that may have held, and what needs the
    lock to be free are tried in all orders. No other token can have held then.
    """
    attempts = _attempts(facts)
    kept = {*found.observations, *found.frees}
    for number in found.frees:
        one = facts[number]
        demand(facts.changes(one) or facts.saw_free(one), "what it calls free is not")
    for hold in found.holds:
        _demand_certain(facts, attempts[hold.acquire], hold)
    for number in (*(hold.acquire for hold in found.holds), *found.lost, *found.frees):
        attempt = attempts.get(number)
        if attempt is not None:
            demand(attempt.clear, "a token's calls are unclear")
            its = (attempt.acquire, *attempt.releases, *attempt.others)
            kept |= {one.number for one in its if one is not None}
    observations = [facts[number] for number in found.observations]
    for seen in observations:
        demand(facts.saw_held(seen), "what it calls held is not")
    for attempt in {id(one): one for one in attempts.values()}.values():
        if attempt.acquire is not None and attempt.acquire.number not in kept:
            for seen in observations:
                demand(
                    _elsewhere(facts, attempt, attempt.acquire, seen, found),
                    f"operation {attempt.acquire.number} may have held then",
                )
    calls = [facts.part_call(facts[number]) for number in sorted(kept)]
    demand(not has_order(facts.model, [facts.model.initial()], calls), "they have a legal order")


def _demand_certain(facts: Facts, attempt: Attempt, hold: rules.CertainHold) -> None:
    """Demand that an attempt held from when it is said to until when."""
    own = [one for one in attempt.others if one.outcome is Outcome.OK]
    known = [one for one in attempt.releases if one.outcome is Outcome.OK]
    since = facts[hold.since]
    demand(attempt.acquire is facts[hold.acquire], "it names another acquire")
    demand(since.returned is not None, "the hold has an unknown beginning")
    demand(since is attempt.acquire or since in own, "the hold begins with a stranger's call")
    if hold.until is None:
        demand(not attempt.releases, "the hold may have been ended by a release")
        return
    until = facts[hold.until]
    demand(precedes(since, until), "the hold is never certain")
    if until not in own:  # in which it held at some instant
        demand(until in attempt.releases, "it was not ended by that")
        demand(until.invoked == attempt.released or until in known, "another may have ended it")
        demand(len(known) == (until in known), "it was ended by another")


def _elsewhere(
    facts: Facts, attempt: Attempt, acquire: Operation, seen: Operation, found: rules.NeverHeld
) -> bool:
    """Return whether an attempt cannot have held when the lock was seen held."""
    if precedes(seen, acquire):
        return True
    demand(attempt.clear, "a token's calls are unclear")
    if any(one.returned is not None and precedes(one, seen) for one in attempt.releases):
        return True
    last = seen.returned or 0
    for number in found.frees:
        # Had it held then, it would still when the lock was free.
        free = facts[number]
        if facts.saw_free(free) and last < free.invoked and (free.returned or 0) < attempt.released:
            return True
    for hold in found.holds:
        since, until = facts[hold.since], None if hold.until is None else facts[hold.until]
        begin = since.returned or 0
        if until is not None and until.invoked < seen.invoked:
            # If it took the lock before that hold's time ended, it had ended when that began.
            held = [one for one in attempt.others if one.outcome is Outcome.OK]
            taken = any(precedes(one, until) for one in (acquire, *held))
            if taken and attempt.happened:
                return True
        if last < begin < attempt.released:
            return True  # had it held then, it would still when that hold's time began
    return False


def _attempts(facts: Facts) -> dict[int, Attempt]:
    """Return the attempt of each call that is of one.

    A token's attempts are clear if its calls follow each other, or if it has but one.
    """
    attempts: dict[int, Attempt] = {}
    latest: dict[Value, Attempt] = {}
    count: dict[Value, int] = {}
    returned: dict[Value, int] = {}
    overlapping: set[Value] = set()
    again: set[Value] = set()
    reentrant = hasattr(facts.model, "holds_max")
    for one in facts.all:
        reads = not (facts.changes(one) or one.f == RELEASE or facts.tells_holder(one))
        if reads and not (reentrant and one.f == ACQUIRE):
            continue
        token = facts.token(one)
        if one.invoked <= returned.get(token, -1):
            overlapping.add(token)
        returned[token] = max(
            returned.get(token, 0), NEVER if one.returned is None else one.returned
        )
        attempt = latest.setdefault(token, Attempt())
        if one.f == ACQUIRE and facts.changes(one):
            inner = reentrant and count.get(token, 0) > 0
            if attempt.acquire is not None and not inner:
                again.add(token)
                attempt = latest[token] = Attempt()
            count[token] = count.get(token, 0) + 1
            if inner:
                attempt.others.append(one)
            else:
                attempt.acquire = one
        elif one.f == RELEASE and facts.changes(one):
            count[token] = count.get(token, 0) - 1
            outer = count[token] <= 0 or not reentrant
            (attempt.releases if outer else attempt.others).append(one)
        elif one.f != ACQUIRE:
            attempt.others.append(one)
        attempts[one.number] = attempt
    unclear = overlapping if reentrant else overlapping & again
    for number, attempt in attempts.items():
        if facts.token(facts[number]) in unclear:
            attempt.clear = False
    return attempts
