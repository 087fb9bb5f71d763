"""Plants faults in a copy of the compiled procedures for locks, one at a time: `lock_test` must notice each.

It ends with exit code 1 if a fault goes unnoticed, or if the place where it was to be planted has changed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


class Fault(NamedTuple):
    """A file, its words, and what stands there instead."""

    file: str
    words: str
    instead: str


PASS, TOKENS, UNOWNED = "lock_pass.cpp", "lock_tokens.cpp", "lock_unowned.cpp"

FAULTS = (
    Fault(PASS, "if (lasts & (begin < end_)) [[unlikely]]", "if (false)"),
    Fault(PASS, "if (begin != AT_NO_TIME || rows_.end(row) < end_) return false;", ""),
    Fault(PASS, "if (one.end < begin) return false;", ""),
    Fault(PASS, "if (one.end < end) return false;", ""),
    Fault(PASS, "if (!rows_.known(row)) continue;", ""),
    Fault(PASS, "return held_.empty();", "return true;"),
    Fault(PASS, "if (!releases || its <= 0) return false;", "if (!releases || its <= 0) continue;"),
    Fault(TOKENS, "if (known && had_known) second_release_ = rows_.token[row];", ""),
    Fault(TOKENS, "if (its.acquire != NONE) return false;  // outside", ""),
    Fault(TOKENS, "if (released) return refute({number});", ""),
    Fault(TOKENS, "if (its.begin_max == AT_NO_TIME && !released) continue;", ""),
    Fault(TOKENS, "if (its.acquire == NONE) return refute({rows_.token[at]});", ""),
    Fault(TOKENS, "its.begin_max = std::min(its.begin_max, rows_.end(at));", ""),
    Fault(TOKENS, "its.end_min = std::max(its.end_min, rows_.begin(at));", ""),
    Fault(TOKENS, "if (its.begin_max < its.acquired ||", "if ("),
    Fault(TOKENS, "std::max(its.acquired, its.end_min)", "its.acquired"),
    Fault(TOKENS, "std::min(its.begin_max, its.end_max), NONE", "its.begin_max, NONE"),
    Fault(TOKENS, "rows_.begin(at) > its.begin_max && rows_.end(at) < its.end_min", "false"),
    Fault(TOKENS, "if (cores_[at - 1].end > cores_[at].begin) {", "if (false) {"),
    Fault(TOKENS, "if (size > permits_) {", "if (false) {"),
    Fault(TOKENS, "holding.front().first <= core.begin", "false"),
    Fault(TOKENS, "if (size == permits_) full_.push_back", "if (false) full_.push_back"),
    Fault(TOKENS, "if (free_instant(need.begin) <= need.end) continue;", "continue;"),
    Fault(TOKENS, "held_instant(rows_.begin(at)) > rows_.end(at)", "false"),
    Fault(UNOWNED, "for (const Deadline& one : waiting_) take_effect(one.second);", ""),
    Fault(UNOWNED, "} else if ((says == Says::held) == held_) {", "} else if (false) {"),
    Fault(UNOWNED, "std::greater<Deadline>()", "std::less<Deadline>()"),
    Fault(UNOWNED, "lost_[takes].pop_back();", ""),
    Fault(UNOWNED, "serve_before(AT_NO_TIME);", ""),
)


def noticed(fault: Fault | None, compiler: str) -> str:
    """Return how the test notices a fault, or ``""`` if it does not.

    Raises:
        LookupError: the fault cannot be planted, or what it makes does not compile.
    """
    with tempfile.TemporaryDirectory() as directory:
        core = Path(directory) / "core"
        shutil.copytree(ROOT / "checker/core", core, ignore=shutil.ignore_patterns("__pycache__"))
        if fault is not None:
            file = core / fault.file
            text = file.read_text()
            if fault.words not in text:
                raise LookupError(f"{fault.file} no longer says {fault.words!r}")
            file.write_text(text.replace(fault.words, fault.instead))
        binary, here = Path(directory) / "lock", ROOT / "tests/native"
        build = [compiler, "-std=c++20", "-O1", "-w", f"-I{core}", f"-I{here}"]
        parts = [str(here / "lock_test.cpp"), *map(str, sorted(core.glob("lock_*.cpp")))]
        built = subprocess.run(
            [*build, *parts, "-o", str(binary)], capture_output=True, text=True, check=False
        )
        if built.returncode:
            raise LookupError(f"it does not compile: {built.stderr[:500]}")
        try:
            ran = subprocess.run(
                [str(binary)], capture_output=True, text=True, check=False, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return "it does not end"
        said = (ran.stderr or ran.stdout).strip().splitlines()[-1:]
        return f"{said}" if ran.returncode else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--processes", type=int, default=2, help="at work at once (default: 2)")
    options = parser.parse_args()
    if without := noticed(None, options.compiler):
        print(f"the test fails without any fault: {without}")
        return 1
    unnoticed = 0

    def tried(fault: Fault) -> str:
        try:
            return noticed(fault, options.compiler)
        except LookupError as error:
            return f"CHANGED: {error}"

    with ThreadPoolExecutor(options.processes) as pool:
        for fault, how in zip(FAULTS, pool.map(tried, FAULTS), strict=True):
            failed = not how or how.startswith("CHANGED")
            unnoticed += failed
            word = "UNNOTICED" if failed else "noticed  "
            print(f"{word}  {fault.file}: {fault.words}  {how}", flush=True)
    print(f"{len(FAULTS) - unnoticed} of {len(FAULTS)} faults were noticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    raise SystemExit(main())
