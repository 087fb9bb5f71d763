"""A program that records with several threads until it is killed, and says what it has recorded.

Arguments: the file, the number of threads, the length of a value in characters. After each append has
returned, one line goes to the standard output: the event's index, type, process and value.
"""

from __future__ import annotations

import os
import sys
import threading
from itertools import count

from holdfast.histories.operation import Event
from holdfast.histories.recorder import Recorder


def say(event: Event | None) -> None:
    assert event is not None
    value = str(event.value)[:40]
    # One write of less than 4096 bytes to a pipe arrives whole, whatever happens to us.
    os.write(1, f"{event.index} {event.type} {event.process} {value}\n".encode())


def record(recorder: Recorder, number: int, length: int) -> None:
    client = recorder.client(number)
    for turn in count():
        pending = client.invoke("write", f"{number}-{turn}-".ljust(length, "x"), key="x")
        say(pending.invocation)
        match turn % 3:
            case 0:
                say(pending.ok(turn))
            case 1:
                say(pending.fail("refused"))
            case _:
                say(pending.info("no answer"))


def main() -> None:
    path, threads, length = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    recorder = Recorder(path, clients=threads)
    for number in range(threads):
        threading.Thread(target=record, args=(recorder, number, length)).start()


if __name__ == "__main__":
    main()
