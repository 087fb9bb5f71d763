"""The command line: ``holdfast demo | record | simulate | replay | check | verify | list``."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from holdfast import __version__
from holdfast.checker.commands import (
    check,
    demo,
    list_registered,
    record,
    replay,
    simulate,
    verify,
)
from holdfast.checker.exit_codes import (
    BAD_INPUT,
    BUG,
    INTERRUPTED,
    OUTPUT_CLOSED,
    UNAVAILABLE,
    USAGE,
)
from holdfast.checker.options import UsageError
from holdfast.histories.errors import HistoryError, printable
from holdfast.histories.systems.system import ServerMissing
from holdfast.registry import UnknownName

LIVE = ("redis", "etcd3", "grpc")
"""What only the extra ``live`` installs."""

DESCRIPTION = "holdfast tells whether a distributed lock really locks."
EXIT_CODES = (
    "exit codes: 0 linearizable, 1 not linearizable, 2 unknown, 64 wrong usage, 65 bad input, "
    "69 a server program is missing or a fault could not strike, 70 a bug, 130 interrupted"
)
TRACEBACK = "HOLDFAST_TRACEBACK"
HOW_TO_SEE = f"set {TRACEBACK}=1 to see where"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    top = _Parser(prog="holdfast", description=DESCRIPTION, epilog=EXIT_CODES)
    top.add_argument("--version", action="version", version=f"holdfast {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (demo, record, simulate, replay, check, verify, list_registered):
        command.add_to(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` (by default the process's) ask for, and return its exit code."""
    parsed = parser().parse_args(arguments)
    if arguments is None:
        _prepare()
    try:
        return int(parsed.run(parsed))
    except BrokenPipeError:
        # Whoever read our output has enough; without this, Python complains while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OUTPUT_CLOSED
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> int:
    match error:
        case UsageError() | UnknownName():
            return _complain(error, USAGE)
        case HistoryError():
            return _complain(error, BAD_INPUT)
        case OSError(filename=str(name)):
            return _complain(f"{name}: {error.strerror}", BAD_INPUT)
        case OSError():
            return _complain(error, BAD_INPUT)
        case ModuleNotFoundError(name=str(name)) if name.partition(".")[0] in LIVE:
            return _complain(
                f"{name.partition('.')[0]} is not installed, which clients of real servers need; "
                'install holdfast with the extra "live"',
                UNAVAILABLE,
            )
        case ServerMissing():
            return _complain(error, UNAVAILABLE)
    # Exit code 1 means "not linearizable": a crash must never be taken for a verdict.
    if os.environ.get(TRACEBACK):
        raise error
    words = f"{type(error).__name__}: {error}"
    return _complain(f"a bug, in holdfast or in what it was given: {words}; {HOW_TO_SEE}", BUG)


def _prepare() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    # A model or system of the user's own, MODULE:CLASS, is looked for here too.
    if not {"", str(Path.cwd())} & set(sys.path):
        sys.path.append(str(Path.cwd()))
    if threading.current_thread() is threading.main_thread():
        # What ends us otherwise without a word ends us like Ctrl-C: cleanly, and servers with us.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _complain(problem: object, code: int) -> int:
    console = Console(stderr=True, highlight=False, emoji=False)
    console.print(f"holdfast: {printable(str(problem))}", markup=False, soft_wrap=True)
    return code
