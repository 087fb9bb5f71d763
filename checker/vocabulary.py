"""What a model was ever asked, by number; kept from check to check, so that nothing is asked twice."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

from holdfast.histories.columns import FAIL, OK
from holdfast.models.model import (
    Call,
    Fail,
    Info,
    Model,
    ObservesFailures,
    Ok,
    OwnedByToken,
    Result,
    takes_instants,
)
from holdfast.models.value import Value

Asked = tuple[Call, Result]
"""What the model is asked: a call, and what was answered."""

DROPPED = -1
"""The number of a failed call that the model reads nothing into."""

Key = tuple[str, int, Hashable, Hashable]
"""A function, an outcome as columns number them, and the identities of argument and answer."""

KEPT_MAX = 32
"""How many models are remembered."""

ASKED_MAX = 20_000
"""A model that was asked more than this is not remembered: it would hold too much memory."""


class Vocabulary:
    """The calls and results that one model was asked about, each valid for it, with a number.

    Args:
        model: the sequential specification.

    Attributes:
        asked: by number, what the model is asked.
        numbers: the number of each, or ``DROPPED``.
        as_recorded: whether the model is given the recorded values as they are.
    """

    def __init__(self, model: Model[Any]) -> None:
        self.model = model
        self.asked: list[Asked] = []
        self._observed = model.observed_failures if isinstance(model, ObservesFailures) else ()
        self.as_recorded = not (isinstance(model, OwnedByToken) or takes_instants(model))
        self.numbers: dict[Key, int] = {}
        self._growing = threading.Lock()

    def add(self, key: Key, value: Value, answer: Value) -> int:
        """Return the number of a call with its outcome, or ``DROPPED``, and note it in ``numbers``.

        Args:
            key: what tells it from all others.
            value: its argument.
            answer: its result or its error.

        Raises:
            InvalidCall: the model does not know the call.
        """
        f, outcome, *_ = key
        call = Call(f, value)
        dropped = outcome == FAIL and f not in self._observed
        result: Result = Ok(answer) if outcome == OK else Fail(answer)
        if outcome not in (OK, FAIL):
            result = Info()
        # Asked once, so that a history of something else is refused before any search. What a failed
        # call answered is often nothing that the model knows; that the call exists is enough.
        self.model.step(self.model.initial(), call, Info() if outcome == FAIL else result)
        with self._growing:
            number = DROPPED if dropped else len(self.asked)
            # Another thread may have been here.
            kept = self.numbers.setdefault(key, number)
            if kept == number != DROPPED:
                self.asked.append((call, result))
            return kept


_kept: dict[Model[Any], Vocabulary] = {}


def vocabulary_of(model: Model[Any]) -> Vocabulary:
    """Return the vocabulary of ``model``; an equal model gets the same one, while it is small."""
    try:
        found = _kept.pop(model, None)
    except TypeError:  # not hashable
        return Vocabulary(model)
    if found is None or len(found.asked) > ASKED_MAX:
        found = Vocabulary(model)
    _kept[model] = found  # the one used last stands last
    while len(_kept) > KEPT_MAX:
        _kept.pop(next(iter(_kept)), None)
    return found
