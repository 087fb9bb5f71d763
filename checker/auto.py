"""Which engine decides which key: the one that was asked for, or the one that the model suggests."""

from __future__ import annotations

from functools import cache
from typing import Any

from holdfast.checker.budget import Watch
from holdfast.checker.engines import ENGINES, Answer, Engine, Specialist
from holdfast.checker.problem import Problem
from holdfast.models.model import Model

GENERAL = "search"
"""The engine for all models that no specialist suits, and for what a specialist leaves."""


def engine_for(model: Model[Any]) -> str:
    """Return the name of the engine made for ``model``: the first specialist, or ``GENERAL``."""
    return next((name for name, engine in ENGINES if _was_made_for(engine, model)), GENERAL)


def _was_made_for(engine: type[Engine], model: Model[Any]) -> bool:
    specialist = _as_specialist(engine)
    return specialist is not None and specialist.suits(model)


@cache  # a protocol is slow to ask, and every check asks
def _as_specialist(engine: object) -> Specialist | None:
    return engine if isinstance(engine, Specialist) else None


class Chosen:
    """Decides each problem with the engine that was asked for, or else with the one made for its model.

    Args:
        name: the engine's name; ``None`` for a choice by model.

    Raises:
        UnknownName: there is no such engine.
    """

    def __init__(self, name: str | None) -> None:
        self.name = name
        self._engines: dict[str, Engine] = {}
        self._engine(name or GENERAL)

    def name_for(self, model: Model[Any]) -> str:
        """Return the name of the engine that decides histories of ``model``."""
        return self.name or engine_for(model)

    def decide(self, problem: Problem, watch: Watch) -> Answer:
        """Return whether the problem's operations have a legal order."""
        return self._engine(self.name_for(problem.model)).decide(problem, watch)

    def _engine(self, name: str) -> Engine:
        if name not in self._engines:
            self._engines[name] = ENGINES[name]()
        return self._engines[name]
