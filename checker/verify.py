"""A second opinion on a certificate, by code that shares nothing with the procedures that found it.

It rests on two thoughts. Some calls may be left out of a history without making it worse: whole tokens,
as long as nobody saw the lock held; what only observes; and all that lies outside of some time, if the
state before it is taken to be any, and what reaches into it to have happened or not. And of the few
calls that are left it tries all orders. It imports no engine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any

from attrs import evolve

from holdfast.checker.locks import certificate as rules
from holdfast.checker.verify_facts import Facts, Wrong, demand
from holdfast.checker.verify_held import check_never_held
from holdfast.checker.verify_part import NEVER, TooMuch, has_order
from holdfast.histories.operation import Operation, Outcome
from holdfast.histories.order import precedes
from holdfast.models.model import Call, Fail, Model, Refused, Result
from holdfast.models.value import Value


def certificate_objection(
    model: Model[Any],
    operations: Sequence[Operation],
    values: Mapping[int, Value],
    certificate: rules.Certificate,
) -> str | None:
    """Return why ``certificate`` does not prove ``operations`` not linearizable, or ``None`` if it does.

    Args:
        model: a model of a lock.
        operations: one key's operations, all of them.
        values: by operation number, what the model is given in the value's place (a token).
        certificate: names operations by their numbers.
    """
    try:
        _CHECKS[type(certificate)](Facts(model, operations, values), certificate)
    except Wrong as wrong:
        return str(wrong)
    except TooMuch:
        return "it names too many operations to try their orders"
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # It may have been tampered with: what does not even fit the history proves nothing.
        return f"it names operations that do not fit ({error!r})"
    return None


def _spans(facts: Facts, holds: Collection[rules.CertainHold]) -> tuple[int, int]:
    """Return from when to when all the holds are certain, by what is said of them."""
    begin, end = -1, NEVER
    for hold in holds:
        acquire, since = facts[hold.acquire], facts[hold.since]
        demand(acquire.f == "acquire" and since.returned is not None, "no acquire, or no beginning")
        demand(since is acquire or facts.tells_holder(since), "it began with another call")
        demand(facts.token(since) == facts.token(acquire), "it began with a stranger's call")
        begin = max(begin, since.returned or 0)
        if hold.until is not None:
            until = facts[hold.until]
            demand(until.f == "release" or facts.tells_holder(until), "nothing ended the hold")
            demand(facts.token(until) == facts.token(acquire), "a stranger's call ended it")
            end = min(end, until.invoked)
    demand(begin < end, "the holds are at no instant certain together")
    return begin, end


def _too_many_holders(facts: Facts, found: rules.TooManyHolders) -> None:
    _spans(facts, found.holds)
    demand(len({hold.acquire for hold in found.holds}) == facts.permits + 1, "too few holds")
    _demand_no_order(facts, found)


def _never_free(facts: Facts, found: rules.NeverFree) -> None:
    begin, end = _spans(facts, found.holds)
    demand(len({hold.acquire for hold in found.holds}) == facts.permits, "a permit may be free")
    needing = [facts[number] for number in found.needing]
    first = max(one.invoked for one in needing)
    last = min(NEVER if one.returned is None else one.returned for one in needing)
    demand(begin < first and last < end, "it may come before or after the holds")
    _demand_no_order(facts, found)


def _taken_twice(facts: Facts, found: rules.TakenTwice) -> None:
    first, second = facts[found.first], facts[found.second]
    demand(first is not second and first.f == second.f == "acquire", "they are not two acquires")
    demand(facts.token(first) == facts.token(second), "they are of two tokens")
    _demand_no_order(facts, found)


def _stranger(facts: Facts, found: rules.StrangersRelease | rules.StrangersRead) -> None:
    released = isinstance(found, rules.StrangersRelease)
    call = facts[found.release if isinstance(found, rules.StrangersRelease) else found.read]
    demand(call.f == "release" if released else facts.tells_holder(call), "it claims no hold")
    if found.instead is not None:
        other = facts[found.instead]
        demand(other is not call, "it names one call twice")
        demand(facts.token(other) == facts.token(call), "it is another token's")
    else:
        others = [one for one in facts.flips([facts.token(call)]) if one is not call]
        twice = any(one.f == "release" and one.returned is not None for one in others)
        never = not any(one.f == "acquire" for one in others)
        demand(never or (released and twice), "its token has an acquire")
    _demand_no_order(facts, found)


def _denied_holder(facts: Facts, found: rules.DeniedHolder) -> None:
    begin, end = _spans(facts, [found.hold])
    denied = facts[found.release]
    demand(denied.f == "release" and denied.outcome is Outcome.FAIL, "it was not denied")
    demand(begin < denied.invoked and (denied.returned or 0) < end, "it may lie outside the hold")
    _demand_no_order(facts, found)


def _fence_backwards(facts: Facts, found: rules.FenceBackwards) -> None:
    higher, lower = facts[found.higher], facts[found.lower]
    grants: list[Any] = [higher.result, lower.result]
    demand(higher.f == lower.f == "acquire" and higher is not lower, "they are not two grants")
    demand(higher.outcome is lower.outcome is Outcome.OK, "a grant is unknown")
    demand(grants[0] >= grants[1], "the fencing tokens rise")
    if facts.owned:
        _demand_no_order(facts, found)
    elif grants[0] > grants[1]:
        demand((found.returned, found.invoked) == (found.higher, found.lower), "others' calls")
        demand(precedes(higher, lower), "the grants may be in order")


def _fence_skipped(facts: Facts, found: rules.FenceSkipped) -> None:
    before, after = facts[found.before], facts[found.after]
    demand(bool(facts.model.consecutive), "fencing tokens need not be consecutive")
    acquires = [one for one in facts.all if one.f == "acquire" and one.outcome is not Outcome.FAIL]
    granted = [one for one in acquires if one.outcome is Outcome.OK]
    demand(before in granted and after in granted, "they are not two grants")
    fences: list[Any] = [one.result for one in granted]
    low, high = int(before.result), int(after.result)  # type: ignore[call-overload]
    missing = high - low - 1 - sum(low < fence < high for fence in fences)
    may = [one for one in acquires if one not in granted and not precedes(after, one)]
    demand(len(may) < missing, "unknown acquires may have got the missing fencing tokens")
    demand([one.number for one in may] == sorted(found.lost), "others may have got one")


def _miscounted(facts: Facts, found: rules.Miscounted) -> None:
    if found.outermost is not None:
        outermost = facts[found.outermost]
        demand(outermost.f == "acquire", "it held since no acquire")
        demand(facts.token(outermost) == facts.token(facts[found.call]), "two owners")
    _demand_no_order(facts, found)


def _leases_too_long(facts: Facts, found: rules.LeasesTooLong) -> None:
    _demand_no_order(facts, found)


def _demand_no_order(facts: Facts, found: rules.Certificate) -> None:
    """Demand that the tokens that are named have no legal order by themselves.

    What of them only observes is left out if it is not named; so are all other tokens, as removing them
    forbids nothing to those that remain.
    """
    demand(facts.owned, "the model has no tokens, so that none may be left out")
    named = [facts[number] for number in rules.named(found)]
    seen = [one for one in named if not facts.changes(one)]
    demand(not any(facts.needs_holder(one) for one in seen), "others may have held")
    tokens = {facts.token(one) for one in named if not facts.saw_free(one)}
    model = facts.model
    if getattr(model, "consecutive", False):  # for others had the numbers in between
        model = evolve(model, consecutive=False)
    calls = [facts.part_call(one) for one in (*facts.flips(tokens), *seen)]
    demand(not has_order(_Alone(model), [model.initial()], calls), "they have a legal order")


class _Alone:
    """An owner's part of a lock whose other owners were left out: one of them may always hold."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def initial(self) -> Hashable:
        return self._model.initial()  # type: ignore[no-any-return]

    @property
    def functions(self) -> Mapping[str, str]:
        return self._model.functions  # type: ignore[no-any-return]

    def step(self, state: Hashable, call: Call, result: Result) -> Hashable | Refused:
        if call.f == "acquire" and isinstance(result, Fail) and not self._model.holders(state):
            return state
        return self._model.step(state, call, result)  # type: ignore[no-any-return]


def _too_many_flips(facts: Facts, found: rules.TooManyFlips) -> None:
    named = [facts[number] for number in dict.fromkeys(found.operations)]
    demand(not facts.owned, "the model has tokens")
    demand(facts[found.completion] in named, "it does not name what returned")
    demand(all(one.returned is not None for one in named), "one of them may not have happened")
    calls, starts = facts.window(named)
    demand(not has_order(facts.model, starts, calls), "they have a legal order")


def _outnumbered(facts: Facts, found: rules.Outnumbered) -> None:
    first, last = facts[found.first], facts[found.last]
    demand(not facts.owned, "the model has tokens")
    demand(first.f == last.f, "it counts different calls")
    demand(facts.changes(first) and facts.changes(last), "it counts what only sees")
    calls, starts = facts.window([first] if first is last else [first, last])
    begin, end = first.invoked, last.returned or 0
    within = [call for call in calls if begin <= call.invoked and call.returned <= end]
    those = sum(call.call.f == first.f for call in within)
    others = sum(call.call.f != first.f for call in calls)
    # Before the first acquire nothing can be given back; else as much as there are permits.
    more = 0 if first.f == "release" and len(starts) == 1 else facts.permits
    demand(found.least <= those, "there are not so many calls like these")
    demand(found.most >= others, "more of the others can have come between")
    demand(found.least > found.most + more, "as many of the others can have come between")


_CHECKS: Mapping[type, Callable[[Facts, Any], None]] = {
    rules.TooManyHolders: _too_many_holders,
    rules.NeverFree: _never_free,
    rules.TakenTwice: _taken_twice,
    rules.StrangersRelease: _stranger,
    rules.StrangersRead: _stranger,
    rules.DeniedHolder: _denied_holder,
    rules.FenceBackwards: _fence_backwards,
    rules.FenceSkipped: _fence_skipped,
    rules.Miscounted: _miscounted,
    rules.LeasesTooLong: _leases_too_long,
    rules.NeverHeld: check_never_held,
    rules.TooManyFlips: _too_many_flips,
    rules.Outnumbered: _outnumbered,
}
"""How each rule is checked."""
