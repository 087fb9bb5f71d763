"""Whether a simulated run violates what its system claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from holdfast.checker.at_a_glance import in_order
from holdfast.checker.budget import Budget
from holdfast.checker.check import check
from holdfast.checker.options import parse_model
from holdfast.checker.verdict import NotLinearizable
from holdfast.histories.history import History
from holdfast.histories.operation import Event, Process
from holdfast.histories.workload import LOCK

JUDGING_SECONDS = 10.0
"""How long to think about one run; one that takes longer is not taken for a violation."""


@frozen
class Violation:
    """A key whose part of a history is not linearizable."""

    key: str
    model: str
    history: History
    verdict: NotLinearizable


def violation_of(
    events: Sequence[Event], keys: Iterable[str], *, source: str = "simulation"
) -> Violation | None:
    """Return the violation that a recording shows, if it shows one.

    Args:
        events: the recording, its header first.
        keys: whose part of the history is judged; keys that do not occur are passed over.
        source: where it stands.
    """
    models = events[0].value["models"]
    for key in keys:
        model = models[key]
        if in_order(events, key, model):
            continue
        history = History.from_lines(enumerate(events, start=1), source=source)
        if all(operation.key != key for operation in history):
            continue
        verdict = check(
            history, parse_model(model), keys=[key], budget=Budget(seconds=JUDGING_SECONDS)
        )
        if isinstance(verdict, NotLinearizable):
            return Violation(key, model, history, verdict)
    return None


def longest_overlap(events: Sequence[Event]) -> int:
    """Return for how many nanoseconds at a time two clients were certain to hold the lock.

    A client is certain to hold from the return of its acquire to the call of its release.
    """
    held: dict[Process, int] = {}
    longest = 0
    for event in events:
        if event.key != LOCK or event.time is None:
            continue
        if event.f == "acquire" and event.type == "ok":
            held[event.process] = event.time
        elif event.f == "release" and event.type == "invoke":
            since = held.pop(event.process)
            others = [event.time - max(since, other) for other in held.values()]
            longest = max(longest, *others, 0)
    return longest
