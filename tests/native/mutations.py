"""Plants faults in a copy of the compiled core, one at a time, and demands that its tests notice each.

The tests are built of the copy; most compare the search with brute force. What a fault does not touch is
built only once. It ends with exit code 1 if a fault goes unnoticed, or if the place where it was to be
planted has changed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.native.planted_faults import PLANTED

HERE = Path(__file__).resolve().parent
CORE = HERE.parents[1] / "checker/core"
SEARCHING = ("search_case", "problem", "search", "trail")
TESTED = {
    "used": (),
    "nogoods": ("problem",),
    "configuration": ("problem",),
    "search": SEARCHING,
    "depth_first": SEARCHING,
    "impossible": SEARCHING,
    "random_search": SEARCHING,
}
"""By name of the test, what it is linked with."""

OPTIONS = ("-std=c++20", "-O1", "-w", "-pthread")
SECONDS = 120
"""Longer than this a test never takes: the fault made the search endless, which is noticed too."""


class Fault(NamedTuple):
    """What is wrong, and where: the file, its words, and what stands there instead."""

    name: str
    file: str
    words: str
    instead: str


class NativeTests:
    """The tests, built without any fault; what a fault touches is built again.

    Args:
        compiler: the command.
        directory: where to build.
        pool: does so.
    """

    def __init__(self, compiler: str, directory: Path, pool: Executor) -> None:
        self._compiler = compiler
        tests = [f"{name}_test" for name in TESTED]
        self._sources = [HERE / f"{name}.cpp" for name in ("search_case", *tests)]
        self._sources += [CORE / f"{name}.cpp" for name in SEARCHING[1:]]
        self._objects = {source.stem: directory / f"{source.stem}.o" for source in self._sources}
        list(pool.map(self._compile, self._sources, self._objects.values()))
        self._parts = {stem: _parts(built) for stem, built in self._objects.items()}
        failed = self._failed(self._objects, tuple(TESTED), directory)
        if failed:
            raise SystemExit(f"the tests fail without any fault: {failed}")

    def tried(self, fault: Fault) -> str:
        """Return how the tests notice a fault, or ``""`` if they do not."""
        text = (CORE / fault.file).read_text()
        if fault.words not in text:
            return f"CHANGED: {fault.file} no longer says {fault.words!r}"
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            core = directory / "core"
            shutil.copytree(CORE, core, ignore=shutil.ignore_patterns("python", "__pycache__"))
            (core / fault.file).write_text(text.replace(fault.words, fault.instead, 1))
            objects = dict(self._objects)
            for source in self._sources:
                if fault.file in self._parts[source.stem]:
                    objects[source.stem] = directory / f"{source.stem}.o"
                    planted = core / source.name if source.parent == CORE else source
                    try:
                        self._compile(planted, objects[source.stem], core)
                    except LookupError as error:
                        return f"CHANGED: it does not compile: {error}"
            concerned = (
                test
                for test, linked in TESTED.items()
                if any(objects[part] != self._objects[part] for part in (f"{test}_test", *linked))
            )
            return self._failed(objects, concerned, directory)

    def _compile(self, source: Path, built: Path, core: Path = CORE) -> None:
        self._run([*OPTIONS, f"-I{core}", f"-I{HERE}", "-MMD", "-c", str(source), "-o", str(built)])

    def _run(self, arguments: Sequence[str]) -> None:
        command = [self._compiler, *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise LookupError(ran.stderr[:1000])

    def _failed(self, objects: dict[str, Path], tests: Iterable[str], directory: Path) -> str:
        """Return how the first of some tests fails that does, or ``""``."""
        for test in tests:
            binary = directory / test
            parts = [str(objects[part]) for part in (f"{test}_test", *TESTED[test])]
            self._run([*OPTIONS, *parts, "-o", str(binary)])
            try:
                ran = subprocess.run(
                    [str(binary)], capture_output=True, text=True, check=False, timeout=SECONDS
                )
            except subprocess.TimeoutExpired:
                return f"{test} does not end"
            if ran.returncode:
                return f"{test}: {(ran.stderr or ran.stdout).strip().splitlines()[-1:]}"
        return ""


def _parts(built: Path) -> set[str]:
    """Return the names of the files that an object was compiled from, as the compiler noted them."""
    return {Path(part).name for part in built.with_suffix(".d").read_text().split()}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--processes", type=int, default=2, help="at work at once (default: 2)")
    parser.add_argument("--only", default="", help="faults with these words in their names")
    options = parser.parse_args(arguments)
    faults = [
        Fault(name, file, words, instead)
        for file, planted in PLANTED.items()
        for name, words, instead in planted
        if options.only in name
    ]
    unnoticed = 0
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(options.processes) as pool:
        tests = NativeTests(options.compiler, Path(directory), pool)
        for fault, how in zip(faults, pool.map(tests.tried, faults), strict=True):
            failed = not how or how.startswith("CHANGED")
            unnoticed += failed
            print(f"{'UNNOTICED' if failed else 'noticed  '}  {fault.name}  {how}", flush=True)
    print(f"{len(faults) - unnoticed} of {len(faults)} faults were noticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    raise SystemExit(main())
