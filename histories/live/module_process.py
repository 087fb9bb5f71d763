"""A module of holdfast's as a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from holdfast.histories.live.process import ServerProcess


def module_process(
    name: str,
    module: str,
    arguments: tuple[str | Path, ...],
    directory: Path,
    environment: Mapping[str, str] | None = None,
) -> ServerProcess:
    """Return the process, not yet started, that runs ``python -m MODULE ARGUMENTS``.

    Args:
        name: what to call it in messages.
        module: the module's full name.
        arguments: its command line.
        directory: its working directory.
        environment: variables that it gets besides those of this process.
    """
    # Where this process finds holdfast, so does that one, relative paths included.
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path)  # noqa: PTH100
    return ServerProcess(
        name,
        [sys.executable, "-m", module, *arguments],
        directory,
        {"PYTHONPATH": paths, **(environment or {})},
    )
