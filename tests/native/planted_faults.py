"""Faults to plant in the compiled core, each of which takes away what makes a shortcut of the search sound.

Not among them, because no answer could be wrong for it, only slower:

- After an overwriting operation of unknown outcome, nothing may have passed unseen: a configuration that
  lets less pass covers fewer others. Where the overwriting one returns, it covers too many.
- A proof of impossibility in which each unknown operation takes effect once: none is taken to be used before
  it begins, so there are at least as many as there were.
- One in which an overwriting operation that may be done holds back none that do the same: that only adds
  moves. Or in which the one that returns next does so: it can pass unseen at once.
"""

from __future__ import annotations

# By file: the name of the fault, the words, and what stands there instead.
PLANTED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "configuration.hpp": (
        (
            "dominance: what is done is not compared",
            "return config.done.but(scene.observing()).but(scene.overwriting());",
            "return config.done.but(config.done).but(scene.overwriting());",
        ),
        (
            "dominance: fewer observations cover more",
            "return second.done.both(scene.observing()).within(first.done) &&",
            "return first.done.both(scene.observing()).within(second.done) &&",
        ),
        (
            "dominance: observations are not compared",
            "return second.done.both(scene.observing()).within(first.done) &&",
            "return",
        ),
        (
            "dominance: what has overwritten is not compared",
            "first.done.both(scene.overwriting()).within(second.done) &&",
            "true &&",
        ),
        (
            "dominance: what may pass unseen is not compared",
            "second.spare.within(first.spare)",
            "true",
        ),
    ),
    "antichain.hpp": (
        (
            "dominance, breadth first: more used covers fewer",
            "return tools_->used.within(first.used, second.used);",
            "return tools_->used.within(second.used, first.used);",
        ),
        (
            "dominance, breadth first: what was used is not compared",
            "return tools_->used.within(first.used, second.used);",
            "return true;",
        ),
    ),
    "depth_first.hpp": (
        (
            "dominance, depth first: what was used is not compared",
            "return covers(first, second, scene_) && tools_.used.within(first.used, second.used, bits);",
            "return covers(first, second, scene_) && (bits == 0 || bits != 0);",
        ),
        (
            "dominance, depth first: the weaker covers the stronger",
            "return covers(first, second, scene_) && tools_",
            "return covers(second, first, scene_) && tools_",
        ),
        ("dead ends: what was lacking is forgotten", "before.lacking |= frame.lacking;", ""),
        (
            "dead ends: what was lacking in a known one is forgotten",
            "frames_.back().lacking |= *lacking;",
            "",
        ),
        (
            "dead ends: one that rests on another is learnt",
            "if (!rests || tools_.unknowns == Unknowns::lenient) {",
            "if (!rests || tools_.unknowns != Unknowns::thrifty) {",
        ),
        (
            "dead ends: what rests on what is not passed on",
            "if (rests) before.rests_on",
            "if (false) before.rests_on",
        ),
    ),
    "moves.hpp": (
        ("dead ends: what was lacking here is not noted", "lacking |= UsedSets::bit(cls);", ""),
        (
            "deadlines: all operations are taken to be alike",
            "if (seen(problem.cls(op)) && tools_.shortcuts.deadlines) continue;",
            "if (round_ > 0 && tools_.shortcuts.deadlines) continue;",
        ),
        (
            "deadlines: one of unknown outcome goes before one that must return",
            "            if (seen(problem.cls(op)) && tools_.shortcuts.deadlines) continue;",
            (
                "            if (scene_.unknown(problem.cls(op)) > 0) continue;\n"
                "            if (seen(problem.cls(op)) && tools_.shortcuts.deadlines) continue;"
            ),
        ),
        (
            "deadlines: one that is done holds others back",
            "            if (config.done.has(slot(op))) continue;\n",
            (
                "            if (config.done.has(slot(op))) {\n"
                "                mark(problem.cls(op));\n"
                "                continue;\n"
                "            }\n"
            ),
        ),
        (
            "unknown: one more takes effect than there are",
            "tools_.used.count(config.used, cls) >= scene_.unknown(cls)",
            "tools_.used.count(config.used, cls) > scene_.unknown(cls)",
        ),
        (
            "unknown: only one of each class takes effect",
            "tools_.used.count(config.used, cls) >= scene_.unknown(cls)",
            "tools_.used.count(config.used, cls) >= 1",
        ),
        (
            "unknown: what was used is not counted",
            "next.used = tools_.used.with(config.used, move.what);",
            "",
        ),
        (
            "impossible: an operation that may be done holds others back",
            "if (!free(config, op)) mark(problem.cls(op));",
            "mark(problem.cls(op));",
        ),
        (
            "observations: a false one is made",
            "if (tools_.table.next(config.state, tools_.problem.cls(op)) == REFUSED) return;",
            "tools_.table.next(config.state, tools_.problem.cls(op));",
        ),
        (
            "observations: none is made when the state changes",
            "if (next.state != config.state) {",
            "if (next.state == REFUSED) {",
        ),
        (
            "observations: what overwrites is taken for one",
            "problem.kind(op) == Kind::observes) continue;",
            "problem.kind(op) != Kind::other) continue;",
        ),
        (
            "overwriting: one passes unseen before it was invoked",
            "            if (tools_.problem.kind(move.what) == Kind::overwrites) {\n",
            (
                "            next.spare = next.spare.either(scene_.overwriting());\n"
                "            if (tools_.problem.kind(move.what) == Kind::overwrites) {\n"
            ),
        ),
        (
            "overwriting: none passes unseen",
            "            if (tools_.problem.kind(move.what) == Kind::overwrites) {\n",
            "            if (tools_.problem.kind(move.what) == Kind::observes) {\n",
        ),
        ("slots: what passed unseen stays with the slot", "config.spare.remove(slot(op));", ""),
        ("slots: what is done stays with the slot", "config.done.remove(slot(op));", ""),
    ),
    "nogoods.hpp": (
        (
            "dead ends: the place is not compared",
            "entry.tag == tag && entry.at == at &&",
            "entry.tag == tag && at >= 0 &&",
        ),
    ),
    "scene.hpp": (
        (
            "deadlines: the operation that returns last goes first",
            "return problem_->returned_at[static_cast<std::size_t>(left)] <",
            "return problem_->returned_at[static_cast<std::size_t>(left)] >",
        ),
    ),
    "used.hpp": (
        (
            "unknown: sets are compared but for one class",
            "if (place == many.end() || place->first != cls || place->second < count) return false;",
            "if (place == many.end() || place->first != cls) return false;",
        ),
    ),
    "trail.cpp": (
        (
            "unknown: the one invoked last is used first",
            "for (auto op = static_cast<std::int32_t>(problem.op_class.size()); op-- > 0;) {",
            "for (std::int32_t op = 0; op < static_cast<std::int32_t>(problem.op_class.size()); ++op) {",
        ),
        (
            "overwriting: what hides comes before what it hides",
            "if (problem.kind(op) == Kind::overwrites) latest_overwrite = visible.size();",
            "if (problem.kind(op) == Kind::overwrites) latest_overwrite = visible.size() + 1;",
        ),
        (
            "trails: a kept node loses what came before",
            "if (node.before != START) node.before = renumbered",
            "if (node.before == START) node.before = renumbered",
        ),
    ),
    "search.cpp": (
        (
            "a lenient answer is taken as exact",
            "follow(Unknowns::exact, 0)",
            "follow(Unknowns::lenient, 0)",
        ),
        (
            "a thrifty answer is taken as exact",
            "follow(Unknowns::exact, 0)",
            "follow(Unknowns::thrifty, 0)",
        ),
        (
            "a thrifty answer is trusted without proof",
            ("if (unknowns == Unknowns::thrifty &&\n            impossible_"),
            ("if (unknowns == Unknowns::lenient &&\n            impossible_"),
        ),
        (
            "a search that stalled is taken to have ended",
            "if (left > patience * persistence) return false;",
            "if (left > patience * persistence) break;",
        ),
        (
            "impossible: what stalled is taken as proved",
            "if (beyond == Outcome::exhausted) break;",
            "if (beyond != Outcome::reached) break;",
        ),
        (
            "impossible: what survived is taken as proved",
            "if (beyond == Outcome::exhausted) break;",
            "if (beyond != Outcome::stalled) break;",
        ),
    ),
    "impossible.hpp": (
        (
            "impossible: it begins in the initial state alone",
            "for (const State state : start == 0 ? std::vector<State>{0} : *states_) {",
            "for (const State state : std::vector<State>{0}) {",
        ),
        (
            "impossible: nothing has taken effect before",
            "config.spare.add(problem_.slot[static_cast<std::size_t>(op)]);",
            "",
        ),
        ("impossible: no observation was made before", "config.done = scene.observing();", ""),
        (
            "impossible: it begins one endpoint too late",
            "depth(tools, scene, start, at + 1);",
            "depth(tools, scene, start + 1, at + 1);",
        ),
        (
            "impossible: the return itself is not demanded",
            "depth(tools, scene, start, at + 1);",
            "depth(tools, scene, start, at);",
        ),
        (
            "impossible: states are reached by one operation at most",
            "for (std::size_t place = 0; place < states.size(); ++place) {",
            "for (std::size_t place = 0; place < 1; ++place) {",
        ),
        (
            "impossible: it begins in the initial state where there are too many",
            "if (start > 0 && states_->empty()) continue;",
            "if (start > 0 && states_->empty()) states_->push_back(0);",
        ),
        (
            "impossible: one window that survives ends it",
            "if (start == 0 || outcome != Outcome::reached) return outcome;",
            "return Outcome::exhausted;",
        ),
    ),
    "breadth_first.hpp": (
        (
            "observations: none is made at its invocation, breadth first",
            "if (now_.alive(place)) moves_.observe(now_[place], op);",
            "",
        ),
        (
            "quiescence: only one configuration goes on",
            ("        std::swap(now_, after_);\n        scene_.forward(~op);"),
            (
                "        std::swap(now_, after_);\n"
                "        scene_.forward(~op);\n"
                "        if (scene_.open().empty()) {\n"
                "            const Config kept = survivor();\n"
                "            now_.begin();\n"
                "            now_.add(kept);\n"
                "        }"
            ),
        ),
    ),
    "mask.hpp": (
        (
            "more than 64 open operations: the second word is not compared",
            "if ((words_[i] & ~other.words_[i]) != 0) return false;",
            "if (i == 0 && (words_[i] & ~other.words_[i]) != 0) return false;",
        ),
    ),
}
