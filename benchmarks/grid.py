"""Good and bad histories of simulated registers and locks: long, as concurrent and uncertain as asked.

A good one is linearizable by construction (see virtual_time.py); a bad one has one wrong answer near
its end.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import msgspec
from simulated_lock import LockClients
from simulated_register import RegisterClients
from virtual_time import Case, World

from holdfast.histories import Event

OBJECTS: dict[str, Callable[[World], RegisterClients | LockClients]] = {
    "cas-register": RegisterClients,
    "mutex": lambda world: LockClients(world, owned=False),
    "owned-mutex": lambda world: LockClients(world, owned=True),
}


def events_of(case: Case) -> list[Event]:
    """Return the events of the history that ``case`` describes.

    Raises:
        ValueError: there is no such object, or there are too few clients or operations.
    """
    if case.model not in OBJECTS:
        raise ValueError(f"no object {case.model!r}; there are {', '.join(OBJECTS)}")
    if case.clients < 2:
        raise ValueError(f"{case.clients} clients; give two at least, as one has nobody to overlap")
    world = World(case)
    clients = OBJECTS[case.model](world)
    world.run()
    if not case.good and clients.fault_due:
        raise ValueError(
            f"{case.operations} operations leave no room for a wrong answer: give more"
        )
    return world.events


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="the JSONL file to write")
    parser.add_argument("--model", choices=OBJECTS, default="cas-register")
    parser.add_argument("--operations", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--unknown", type=float, default=0, help="percent; default: %(default)s")
    parser.add_argument("--bad", action="store_true", help="with one wrong answer near the end")
    parser.add_argument("--seed", type=int, default=0)
    options = vars(parser.parse_args())
    path = options.pop("path")
    events = events_of(Case(good=not options.pop("bad"), **options))
    encode = msgspec.json.encode
    with path.open("wb") as file:
        file.writelines(encode(event) + b"\n" for event in events)


if __name__ == "__main__":
    main()
