#pragma once

#include <cstdint>
#include <vector>

#include "configuration.hpp"
#include "limits.hpp"
#include "pace.hpp"
#include "problem.hpp"

namespace holdfast {

// How operations of unknown outcome are dealt with.
enum class Unknowns {
    exact,    // each may take effect once, and every way to use them is followed
    thrifty,  // each may take effect once; of ways that come to the same, one that used fewest is
              // kept: what is found is true, but something may be missed
    lenient,  // once one is invoked, it may take effect any number of times: what is impossible
              // even then is impossible
};

// What a search is made with, shared by all its parts.
struct Tools {
    const Problem& problem;
    Table& table;
    Shortcuts shortcuts;
    const Limits& limits;
    Pace& pace;
    Unknowns unknowns = Unknowns::exact;
    UsedSets used{};
    Trail trail{};

    std::size_t bytes() const { return used.bytes() + trail.bytes() + table.bytes(); }
};

// One thing that can happen to a configuration.
struct Move {
    Trail::Step step;
    std::int32_t what;  // the operation, or the class of those of unknown outcome
    State state;        // the one that it leads to
};

// What can happen to a configuration: just-in-time linearization (G. Lowe, Testing for
// Linearizability), in which an operation takes effect only on the way to one that must return.
template <class Mask>
class Moves {
public:
    using Config = Configuration<Mask>;

    Moves(Tools& tools, const Scene<Mask>& scene)
        : tools_(tools), scene_(scene), seen_(tools.problem.class_kind.size(), 0) {}

    // Adds the moves by which the operation that returns next has taken effect.
    void demand(const Config& config, std::vector<Move>& moves) {
        const std::int32_t op = scene_.open().front();
        const State state = tools_.table.next(config.state, tools_.problem.cls(op));
        if (state != REFUSED) moves.push_back({Trail::Step::linearize, op, state});
        if (config.spare.has(slot(op))) moves.push_back({Trail::Step::absorb, op, config.state});
    }

    // Adds the moves by which some other operation takes effect first. Returns the bits of the
    // classes of which one more operation of unknown outcome could have taken effect, had there
    // been one.
    std::uint64_t prepare(const Config& config, std::vector<Move>& moves) {
        prepare_open(config, moves);
        return prepare_unknown(config, moves);
    }

    // Of these only the moves of operations that return.
    void prepare_open(const Config& config, std::vector<Move>& moves) {
        const Problem& problem = tools_.problem;
        ++round_;
        if (!free(config, scene_.open().front())) mark(problem.cls(scene_.open().front()));
        for (const std::int32_t op : scene_.open()) {
            if (op == scene_.open().front() || problem.kind(op) == Kind::observes) continue;
            if (config.done.has(slot(op))) continue;
            // Of operations that do the same, the one that returns first goes first.
            if (seen(problem.cls(op)) && tools_.shortcuts.deadlines) continue;
            if (!free(config, op)) mark(problem.cls(op));
            const State state = tools_.table.next(config.state, problem.cls(op));
            if (state != REFUSED) moves.push_back({Trail::Step::linearize, op, state});
        }
    }

    // The configuration after a move, with all observations made that have become true.
    Config after(const Config& config, const Move& move) {
        Config next = config;
        next.state = move.state;
        next.trail = tools_.trail.add(config.trail, move.step, move.what);
        if (move.step == Trail::Step::unknown) {
            if (tools_.unknowns != Unknowns::lenient) {
                next.used = tools_.used.with(config.used, move.what);
            }
            if (kind(move.what) == Kind::overwrites) {
                next.spare = next.spare.either(scene_.overwriting());
            }
        } else {
            next.done.add(slot(move.what));
            if (move.step == Trail::Step::absorb) return next;
            if (tools_.problem.kind(move.what) == Kind::overwrites) {
                next.spare = next.spare.either(scene_.overwriting());
            }
        }
        if (next.state != config.state) {
            scene_.observing().but(next.done).each(
                [&](int place) { observe(next, scene_.holder(place)); });
        }
        return next;
    }

    // An observation that is true now is made now: it changes nothing, so it only leaves the list.
    void observe(Config& config, std::int32_t op) {
        if (tools_.table.next(config.state, tools_.problem.cls(op)) == REFUSED) return;
        config.done.add(slot(op));
        config.trail = tools_.trail.add(config.trail, Trail::Step::linearize, op);
    }

    // Forgets an operation that returns, as its slot will be another's.
    void forget(Config& config, std::int32_t op) {
        config.done.remove(slot(op));
        config.spare.remove(slot(op));
    }

    int slot(std::int32_t op) const { return tools_.problem.slot[static_cast<std::size_t>(op)]; }

private:
    std::uint64_t prepare_unknown(const Config& config, std::vector<Move>& moves) {
        std::uint64_t lacking = 0;
        for (const std::int32_t cls : scene_.unknown_classes()) {
            // One that must return goes before one that need not.
            if (seen(cls) && tools_.shortcuts.deadlines) continue;
            const State state = tools_.table.next(config.state, cls);
            if (state == REFUSED) continue;
            if (state == config.state && kind(cls) != Kind::overwrites) continue;
            if (tools_.unknowns != Unknowns::lenient &&
                tools_.used.count(config.used, cls) >= scene_.unknown(cls)) {
                lacking |= UsedSets::bit(cls);
            } else {
                moves.push_back({Trail::Step::unknown, cls, state});
            }
        }
        return lacking;
    }

    Kind kind(std::int32_t cls) const {
        return static_cast<Kind>(tools_.problem.class_kind[static_cast<std::size_t>(cls)]);
    }

    // Whether an operation need not take effect, although the next to do so will not hide it: it
    // may have done so before the search began. Then it matters which of those that do the same
    // goes first.
    bool free(const Config& config, std::int32_t op) const {
        return tools_.problem.kind(op) != Kind::overwrites && config.spare.has(slot(op));
    }

    void mark(std::int32_t cls) { seen_[static_cast<std::size_t>(cls)] = round_; }
    bool seen(std::int32_t cls) const { return seen_[static_cast<std::size_t>(cls)] == round_; }

    Tools& tools_;
    const Scene<Mask>& scene_;
    std::vector<std::uint32_t> seen_;
    std::uint32_t round_ = 0;
};

}  // namespace holdfast
