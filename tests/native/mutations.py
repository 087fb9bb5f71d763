"""Plants faults in a copy of the compiled core, one at a time, and demands that its tests notice each.

Every one takes away what makes a shortcut of the search sound. The tests of search are built of the copy;
most compare it with brute force. It ends with exit code 1 if a fault goes unnoticed,
or if the place where it was to be planted has changed.

Not among them, because no answer could be wrong for it, only slower:

- After an overwriting operation of unknown outcome, nothing may have passed unseen: a configuration that
  lets less pass covers fewer others. Where the overwriting one returns, it covers too many.
- A proof of impossibility in which each unknown operation takes effect once: none is taken to be used before
  it begins, so there are at least as many as there were.
- One in which an overwriting operation that may be done holds back none that do the same: that only adds
  moves. Or in which the one that returns next does so: it can pass unseen at once.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
TESTED = (
    "used",
    "nogoods",
    "configuration",
    "search",
    "depth_first",
    "impossible",
    "random_search",
)
SECONDS = 120
"""Longer than this a test never takes: the fault made the search endless, which is noticed too."""


class Fault(NamedTuple):
    """What is wrong, and where: the file, its words, and what stands there instead."""

    name: str
    file: str
    words: str
    instead: str


FAULTS = (
    Fault(
        "dominance: what is done is not compared",
        "configuration.hpp",
        "return config.done.but(scene.observing()).but(scene.overwriting());",
        "return config.done.but(config.done).but(scene.overwriting());",
    ),
    Fault(
        "dominance: fewer observations cover more",
        "configuration.hpp",
        "return second.done.both(scene.observing()).within(first.done) &&",
        "return first.done.both(scene.observing()).within(second.done) &&",
    ),
    Fault(
        "dominance: observations are not compared",
        "configuration.hpp",
        "return second.done.both(scene.observing()).within(first.done) &&",
        "return",
    ),
    Fault(
        "dominance: what has overwritten is not compared",
        "configuration.hpp",
        "first.done.both(scene.overwriting()).within(second.done) &&",
        "true &&",
    ),
    Fault(
        "dominance: what may pass unseen is not compared",
        "configuration.hpp",
        "second.spare.within(first.spare)",
        "true",
    ),
    Fault(
        "dominance, breadth first: more used covers fewer",
        "antichain.hpp",
        "return tools_->used.within(first.used, second.used);",
        "return tools_->used.within(second.used, first.used);",
    ),
    Fault(
        "dominance, breadth first: what was used is not compared",
        "antichain.hpp",
        "return tools_->used.within(first.used, second.used);",
        "return true;",
    ),
    Fault(
        "dominance, depth first: what was used is not compared",
        "depth_first.hpp",
        "return covers(first, second, scene_) && tools_.used.within(first.used, second.used, bits);",
        "return covers(first, second, scene_) && (bits == 0 || bits != 0);",
    ),
    Fault(
        "dominance, depth first: the weaker covers the stronger",
        "depth_first.hpp",
        "return covers(first, second, scene_) && tools_",
        "return covers(second, first, scene_) && tools_",
    ),
    Fault(
        "dead ends: what was lacking is forgotten",
        "depth_first.hpp",
        "before.lacking |= frame.lacking;",
        "",
    ),
    Fault(
        "dead ends: what was lacking in a known one is forgotten",
        "depth_first.hpp",
        "frames_.back().lacking |= *lacking;",
        "",
    ),
    Fault(
        "dead ends: what was lacking here is not noted",
        "moves.hpp",
        "lacking |= UsedSets::bit(cls);",
        "",
    ),
    Fault(
        "dead ends: one that rests on another is learnt",
        "depth_first.hpp",
        "if (!rests || tools_.unknowns == Unknowns::lenient) {",
        "if (!rests || tools_.unknowns != Unknowns::thrifty) {",
    ),
    Fault(
        "dead ends: what rests on what is not passed on",
        "depth_first.hpp",
        "if (rests) before.rests_on",
        "if (false) before.rests_on",
    ),
    Fault(
        "dead ends: the place is not compared",
        "nogoods.hpp",
        "entry.tag == tag && entry.at == at &&",
        "entry.tag == tag && at >= 0 &&",
    ),
    Fault(
        "deadlines: all operations are taken to be alike",
        "moves.hpp",
        "if (seen(problem.cls(op)) && tools_.shortcuts.deadlines) continue;",
        "if (round_ > 0 && tools_.shortcuts.deadlines) continue;",
    ),
    Fault(
        "deadlines: the operation that returns last goes first",
        "scene.hpp",
        "return problem_->returned_at[static_cast<std::size_t>(left)] <",
        "return problem_->returned_at[static_cast<std::size_t>(left)] >",
    ),
    Fault(
        "deadlines: one of unknown outcome goes before one that must return",
        "moves.hpp",
        "            if (seen(problem.cls(op)) && tools_.shortcuts.deadlines) continue;",
        "            if (scene_.unknown(problem.cls(op)) > 0) continue;\n"
        "            if (seen(problem.cls(op)) && tools_.shortcuts.deadlines) continue;",
    ),
    Fault(
        "deadlines: one that is done holds others back",
        "moves.hpp",
        "            if (config.done.has(slot(op))) continue;\n",
        "            if (config.done.has(slot(op))) {\n"
        "                mark(problem.cls(op));\n"
        "                continue;\n"
        "            }\n",
    ),
    Fault(
        "unknown: one more takes effect than there are",
        "moves.hpp",
        "tools_.used.count(config.used, cls) >= scene_.unknown(cls)",
        "tools_.used.count(config.used, cls) > scene_.unknown(cls)",
    ),
    Fault(
        "unknown: only one of each class takes effect",
        "moves.hpp",
        "tools_.used.count(config.used, cls) >= scene_.unknown(cls)",
        "tools_.used.count(config.used, cls) >= 1",
    ),
    Fault(
        "unknown: what was used is not counted",
        "moves.hpp",
        "next.used = tools_.used.with(config.used, move.what);",
        "",
    ),
    Fault(
        "unknown: sets are compared but for one class",
        "used.hpp",
        "if (place == many.end() || place->first != cls || place->second < count) return false;",
        "if (place == many.end() || place->first != cls) return false;",
    ),
    Fault(
        "unknown: the one invoked last is used first",
        "trail.cpp",
        "for (auto op = static_cast<std::int32_t>(problem.op_class.size()); op-- > 0;) {",
        "for (std::int32_t op = 0; op < static_cast<std::int32_t>(problem.op_class.size()); ++op) {",
    ),
    Fault(
        "a lenient answer is taken as exact",
        "search.cpp",
        "follow(Unknowns::exact, 0)",
        "follow(Unknowns::lenient, 0)",
    ),
    Fault(
        "a thrifty answer is taken as exact",
        "search.cpp",
        "follow(Unknowns::exact, 0)",
        "follow(Unknowns::thrifty, 0)",
    ),
    Fault(
        "a thrifty answer is trusted without proof",
        "search.cpp",
        "if (unknowns == Unknowns::thrifty &&\n            impossible_",
        "if (unknowns == Unknowns::lenient &&\n            impossible_",
    ),
    Fault(
        "a search that stalled is taken to have ended",
        "search.cpp",
        "if (left > patience * persistence) return false;",
        "if (left > patience * persistence) break;",
    ),
    Fault(
        "impossible: what stalled is taken as proved",
        "search.cpp",
        "if (beyond == Outcome::exhausted) break;",
        "if (beyond != Outcome::reached) break;",
    ),
    Fault(
        "impossible: what survived is taken as proved",
        "search.cpp",
        "if (beyond == Outcome::exhausted) break;",
        "if (beyond != Outcome::stalled) break;",
    ),
    Fault(
        "impossible: it begins in the initial state alone",
        "impossible.hpp",
        "for (const State state : start == 0 ? std::vector<State>{0} : *states_) {",
        "for (const State state : std::vector<State>{0}) {",
    ),
    Fault(
        "impossible: nothing has taken effect before",
        "impossible.hpp",
        "config.spare.add(problem_.slot[static_cast<std::size_t>(op)]);",
        "",
    ),
    Fault(
        "impossible: no observation was made before",
        "impossible.hpp",
        "config.done = scene.observing();",
        "",
    ),
    Fault(
        "impossible: an operation that may be done holds others back",
        "moves.hpp",
        "if (!free(config, op)) mark(problem.cls(op));",
        "mark(problem.cls(op));",
    ),
    Fault(
        "impossible: it begins one endpoint too late",
        "impossible.hpp",
        "depth(tools, scene, start, at + 1);",
        "depth(tools, scene, start + 1, at + 1);",
    ),
    Fault(
        "impossible: the return itself is not demanded",
        "impossible.hpp",
        "depth(tools, scene, start, at + 1);",
        "depth(tools, scene, start, at);",
    ),
    Fault(
        "impossible: states are reached by one operation at most",
        "impossible.hpp",
        "for (std::size_t place = 0; place < states.size(); ++place) {",
        "for (std::size_t place = 0; place < 1; ++place) {",
    ),
    Fault(
        "impossible: it begins in the initial state where there are too many",
        "impossible.hpp",
        "if (start > 0 && states_->empty()) continue;",
        "if (start > 0 && states_->empty()) states_->push_back(0);",
    ),
    Fault(
        "impossible: one window that survives ends it",
        "impossible.hpp",
        "if (start == 0 || outcome != Outcome::reached) return outcome;",
        "return Outcome::exhausted;",
    ),
    Fault(
        "observations: a false one is made",
        "moves.hpp",
        "if (tools_.table.next(config.state, tools_.problem.cls(op)) == REFUSED) return;",
        "tools_.table.next(config.state, tools_.problem.cls(op));",
    ),
    Fault(
        "observations: none is made at its invocation, breadth first",
        "breadth_first.hpp",
        "if (now_.alive(place)) moves_.observe(now_[place], op);",
        "",
    ),
    Fault(
        "observations: none is made when the state changes",
        "moves.hpp",
        "if (next.state != config.state) {",
        "if (next.state == REFUSED) {",
    ),
    Fault(
        "observations: what overwrites is taken for one",
        "moves.hpp",
        "problem.kind(op) == Kind::observes) continue;",
        "problem.kind(op) != Kind::other) continue;",
    ),
    Fault(
        "overwriting: one passes unseen before it was invoked",
        "moves.hpp",
        "            if (tools_.problem.kind(move.what) == Kind::overwrites) {\n",
        "            next.spare = next.spare.either(scene_.overwriting());\n"
        "            if (tools_.problem.kind(move.what) == Kind::overwrites) {\n",
    ),
    Fault(
        "overwriting: none passes unseen",
        "moves.hpp",
        "            if (tools_.problem.kind(move.what) == Kind::overwrites) {\n",
        "            if (tools_.problem.kind(move.what) == Kind::observes) {\n",
    ),
    Fault(
        "overwriting: what hides comes before what it hides",
        "trail.cpp",
        "if (problem.kind(op) == Kind::overwrites) latest_overwrite = visible.size();",
        "if (problem.kind(op) == Kind::overwrites) latest_overwrite = visible.size() + 1;",
    ),
    Fault(
        "slots: what passed unseen stays with the slot",
        "moves.hpp",
        "config.spare.remove(slot(op));",
        "",
    ),
    Fault(
        "slots: what is done stays with the slot",
        "moves.hpp",
        "config.done.remove(slot(op));",
        "",
    ),
    Fault(
        "quiescence: only one configuration goes on",
        "breadth_first.hpp",
        "        std::swap(now_, after_);\n        scene_.forward(~op);",
        "        std::swap(now_, after_);\n        scene_.forward(~op);\n"
        "        if (scene_.open().empty()) {\n"
        "            const Config kept = survivor();\n"
        "            now_.begin();\n"
        "            now_.add(kept);\n"
        "        }",
    ),
    Fault(
        "trails: a kept node loses what came before",
        "trail.cpp",
        "if (node.before != START) node.before = renumbered",
        "if (node.before == START) node.before = renumbered",
    ),
    Fault(
        "more than 64 open operations: the second word is not compared",
        "mask.hpp",
        "if ((words_[i] & ~other.words_[i]) != 0) return false;",
        "if (i == 0 && (words_[i] & ~other.words_[i]) != 0) return false;",
    ),
)


def sources(core: Path) -> list[str]:
    named = [
        core / f"{name}.cpp" for name in ("problem", "search", "trail", "table", "concurrency")
    ]
    return [str(file) for file in named if file.exists()]


def compiled(build: Sequence[str], fault: Fault | None) -> None:
    """Build something, or raise ``LookupError``."""
    built = subprocess.run(build, capture_output=True, text=True, check=False)
    if built.returncode:
        raise LookupError(f"{fault and fault.name}: it does not compile: {built.stderr[:1000]}")


def noticed(fault: Fault | None, compiler: str) -> str:
    """Return how the tests notice a fault, or ``""`` if they do not."""
    with tempfile.TemporaryDirectory() as directory:
        core = Path(directory) / "core"
        shutil.copytree(ROOT / "checker/core", core, ignore=shutil.ignore_patterns("__pycache__"))
        if fault is not None:
            file = core / fault.file
            text = file.read_text() if file.exists() else ""
            if text.count(fault.words) < 1:
                raise LookupError(f"{fault.name}: {fault.file} no longer says {fault.words!r}")
            file.write_text(text.replace(fault.words, fault.instead, 1))
        here = ROOT / "tests/native"
        options = ["-std=c++20", "-O1", "-w", "-pthread", f"-I{core}", f"-I{here}"]
        shared = [str(here / "search_case.cpp"), *sources(core)]
        objects = [f"{directory}/{Path(source).stem}.o" for source in shared]
        builds = [
            [compiler, *options, "-c", source, "-o", built]
            for source, built in zip(shared, objects, strict=True)
        ]
        for build in builds:
            compiled(build, fault)
        for test in TESTED:
            binary = Path(directory) / test
            own = [str(here / f"{test}_test.cpp"), *objects]
            compiled([compiler, *options, *own, "-o", str(binary)], fault)
            try:
                ran = subprocess.run(
                    [str(binary)], capture_output=True, text=True, check=False, timeout=SECONDS
                )
            except subprocess.TimeoutExpired:
                return f"{test} does not end"
            if ran.returncode:
                return f"{test}: {(ran.stderr or ran.stdout).strip().splitlines()[-1:]}"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--processes", type=int, default=2, help="at work at once (default: 2)")
    parser.add_argument("--only", default="", help="faults with these words in their names")
    options = parser.parse_args(arguments)
    faults = [fault for fault in FAULTS if options.only in fault.name]
    without = noticed(None, options.compiler)
    if without:
        sys.exit(f"the tests fail without any fault: {without}")
    unnoticed = 0

    def tried(fault: Fault) -> str:
        try:
            return noticed(fault, options.compiler)
        except LookupError as error:
            return f"CHANGED: {error}"

    with ThreadPoolExecutor(options.processes) as pool:
        for fault, how in zip(faults, pool.map(tried, faults), strict=True):
            failed = not how or how.startswith("CHANGED")
            unnoticed += failed
            print(f"{'UNNOTICED' if failed else 'noticed  '}  {fault.name}  {how}", flush=True)
    print(f"{len(faults) - unnoticed} of {len(faults)} faults were noticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    raise SystemExit(main())
