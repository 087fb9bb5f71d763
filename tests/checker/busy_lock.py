"""A lock that is right, and clients that keep it busy: an endless history."""

from __future__ import annotations

import gc
import itertools
import random
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from holdfast.histories import Event
from holdfast.models import OwnedByToken
from holdfast.models.fenced_mutex import FencedMutex
from holdfast.models.reentrant_mutex import ReentrantMutex

CLIENTS = 5


class _Client:
    """What a client is at.

    Attributes:
        process: its process; another after an unknown outcome.
        token: of its latest acquire.
        doing: what it does.
    """

    def __init__(self, number: int) -> None:
        self.process = number
        self.token: Any = None
        self.doing = "nothing"


def busy_lock(model: Any, *, lost: float = 0.0, seed: int = 0) -> Iterator[Event]:
    """Yield the events of clients that wait for a lock, hold it, and give it back, without end.

    Args:
        model: the lock.
        lost: how often an answer is lost. An acquire whose answer is lost was not granted; a release
            whose answer is lost took effect.
        seed: the same seed, the same events.
    """
    source = random.Random(seed)
    clients = [_Client(number) for number in range(CLIENTS)]
    processes, tokens, fences = itertools.count(CLIENTS), itertools.count(), itertools.count(0, 2)
    permits: int = getattr(model, "permits", 1)
    holding = 0
    for time in itertools.count(0, 10):
        client = source.choice(clients)
        process, is_lost = client.process, source.random() < lost
        if client.doing == "nothing":
            client.token = f"t{next(tokens)}" if isinstance(model, OwnedByToken) else None
            if isinstance(model, ReentrantMutex):
                client.token = process
            client.doing = "acquire"
            yield Event("invoke", process, "acquire", client.token, time)
        elif client.doing == "acquire" and holding < permits:
            client.doing = "nothing" if is_lost else "hold"
            holding += not is_lost
            fence = next(fences) if isinstance(model, FencedMutex) and not is_lost else None
            yield Event("info" if is_lost else "ok", process, "acquire", fence, time)
        elif client.doing == "hold":
            client.doing = "release"
            yield Event("invoke", process, "release", client.token, time)
        elif client.doing == "release":
            client.doing = "nothing"
            holding -= 1
            yield Event("info" if is_lost else "ok", process, "release", None, time)
        if is_lost and client.doing == "nothing":
            client.process = next(processes)


def reachable(root: object) -> int:
    """Return how many objects are kept alive by one, those of the program itself left out."""
    program = (type, ModuleType, FunctionType, BuiltinFunctionType)
    seen = {id(root): root}
    stack = [root]
    while stack:
        for found in gc.get_referents(stack.pop()):
            if not isinstance(found, program) and id(found) not in seen:
                seen[id(found)] = found
                stack.append(found)
    return len(seen)
