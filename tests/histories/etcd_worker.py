"""A client of an etcd cluster in a process of its own, told over its standard input what to call.

Run with the sockets, the seed and the time to live as JSON. Each line of input is a JSON list: a name of
``CALLS`` and its arguments. Each line of output is the result or the error, as JSON.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import attrs

from holdfast.histories.locks import etcd_requests
from holdfast.histories.locks.lock import Grant
from holdfast.histories.locks.transport import run
from holdfast.histories.outcome import NoAnswer
from holdfast.histories.systems import SYSTEMS


class Worker:
    """Carries out calls."""

    def __init__(self, sockets: dict[str, str], seed: str, ttl: float) -> None:
        system = SYSTEMS["etcd"]()
        paths = {node: Path(path) for node, path in sockets.items()}
        self._transport = system.connect(paths, seed)
        self._lock = system.lock(self._transport, "lock", ttl)
        self._grants: dict[str, Grant] = {}

    def ask(self, node: str, request: str, arguments: dict[str, Any], timeout: float) -> Any:
        message = getattr(etcd_requests, request)(**arguments)
        return attrs.asdict(run(self._transport.call(node, message, timeout)))

    def ask_all(self, request: str, arguments: dict[str, Any], timeout: float) -> Any:
        message = getattr(etcd_requests, request)(**arguments)
        replies = run(self._transport.call_all(self._transport.nodes, message, timeout))
        return [
            type(reply).__name__ if isinstance(reply, Exception) else attrs.asdict(reply)
            for reply in replies
        ]

    def acquire(self, token: str, patience: float) -> int | None:
        self._grants[token] = run(self._lock.acquire(token, patience))
        return self._grants[token].fence

    def release(self, token: str) -> None:
        run(self._lock.release(self._grants.pop(token)))

    def contend(self, name: str, rounds: int) -> list[tuple[int | None, float, float]]:
        """Take the lock again and again; return (fence, held from, held until) for each grant."""
        holds = []
        for number in range(rounds):
            token = f"{name}-{number}"
            fence = self.acquire(token, patience=30)
            since = time.monotonic()
            time.sleep(0.002)
            holds.append((fence, since, time.monotonic()))
            # A node may be killed between the deed and the answer.
            with contextlib.suppress(NoAnswer):
                self.release(token)
        return holds


def main() -> None:
    worker = Worker(**json.loads(sys.argv[1]))
    for line in sys.stdin:
        call, *arguments = json.loads(line)
        try:
            answer = {"result": getattr(worker, call)(*arguments)}
        except Exception as error:
            answer = {"error": type(error).__name__, "words": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
