"""How much longer a round trip takes over a link that can be cut than straight to the server.

Both are measured in turns in one run, against one server that sends back what it receives. It and the
links run each in a process of its own, as in a live run.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from holdfast.histories.live.directory import RunDirectory
from holdfast.histories.live.network import Network
from holdfast.histories.systems.system import Link

ECHO = """
import selectors, socket, sys
selector, listener = selectors.DefaultSelector(), socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(512)
selector.register(listener, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        if key.fileobj is listener:
            selector.register(listener.accept()[0], selectors.EVENT_READ)
        elif received := key.fileobj.recv(1 << 20):
            key.fileobj.sendall(received)
        else:
            selector.unregister(key.fileobj)
            key.fileobj.close()
"""

ROUND_TRIPS_IN_A_TURN = 200


def round_trips(end: socket.socket, message: bytes) -> list[float]:
    """Return how long each round trip of one turn took, in microseconds."""
    took = []
    for _ in range(ROUND_TRIPS_IN_A_TURN):
        began = time.perf_counter_ns()
        end.sendall(message)
        missing = len(message)
        while missing:
            missing -= len(end.recv(1 << 20))
        took.append((time.perf_counter_ns() - began) / 1000)
    return took


def dial(path: Path) -> socket.socket:
    end = socket.socket(socket.AF_UNIX)
    end.connect(str(path))
    return end


def measure(directory: Path, links: int, message_bytes: int, seconds: float) -> dict[str, float]:
    """Return the medians, direct and over one of so many links that each carry a connection."""
    server = directory / f"echo-{links}-{message_bytes}"
    place = directory / f"links-{links}-{message_bytes}"
    place.mkdir()
    network = Network(place)
    with subprocess.Popen([sys.executable, "-c", ECHO, server], stdout=subprocess.PIPE) as echo:
        assert echo.stdout is not None
        try:
            echo.stdout.readline()
            network.start([Link(f"c{i}", "n1", place / f"c{i}", server) for i in range(links)])
            linked, *idle = [dial(place / f"c{i}") for i in range(links)]
            direct = dial(server)
            message = bytes(message_bytes)
            took: tuple[list[float], list[float]] = ([], [])
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                took[0].extend(round_trips(direct, message))
                took[1].extend(round_trips(linked, message))
            for way in (direct, linked, *idle):
                way.close()
        finally:
            network.stop()
            echo.kill()
    straight, over_link = map(statistics.median, took)
    return {
        "links": links,
        "message_bytes": message_bytes,
        "round_trips": len(took[1]),
        "direct_us": round(straight, 1),
        "link_us": round(over_link, 1),
        "added_us": round(over_link - straight, 1),
        "ratio": round(over_link / straight, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="in all; default: %(default)s")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    cases = [(1, 64), (40, 64), (40, 65536)]
    with RunDirectory() as directory:
        rows = [measure(directory, *case, arguments.seconds / len(cases)) for case in cases]
    if arguments.json:
        print(json.dumps(rows))
        return
    table = Table(*rows[0], title="median round trip")
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
