"""The command line: ``holdfast demo | record | check | list``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from rich.console import Console

from holdfast import __version__
from holdfast.checker.commands import check, demo, list_registered, record
from holdfast.checker.exit_codes import BAD_INPUT, INTERRUPTED, UNAVAILABLE, USAGE
from holdfast.checker.options import UsageError
from holdfast.histories.errors import HistoryError
from holdfast.histories.systems.system import ServerMissing
from holdfast.registry import UnknownName

DESCRIPTION = "holdfast tells whether a distributed lock really locks."
EXIT_CODES = (
    "exit codes: 0 linearizable, 1 not linearizable, 2 unknown, 64 wrong usage, 65 bad input, "
    "69 a server program is missing or a fault could not strike, 130 interrupted"
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    top = _Parser(prog="holdfast", description=DESCRIPTION, epilog=EXIT_CODES)
    top.add_argument("--version", action="version", version=f"holdfast {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (demo, record, check, list_registered):
        command.add_to(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` (by default the process's) ask for, and return its exit code."""
    parsed = parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except (UsageError, UnknownName) as error:
        return _complain(error, USAGE)
    except (HistoryError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            # Whoever read our output has enough; without this, Python complains while it shuts down.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return _complain(error, BAD_INPUT)
    except ServerMissing as error:
        return _complain(error, UNAVAILABLE)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)


def _complain(problem: object, code: int) -> int:
    Console(stderr=True, highlight=False).print(
        f"holdfast: {problem}", markup=False, soft_wrap=True
    )
    return code
