#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "depth_first.hpp"

namespace holdfast {

// Proves that no configuration survives a return, whatever happened until shortly before.
//
// It goes back some way, and on from there with all that can have come about, and more: every state
// that the operations can lead to in any order; every open observation made; every other open
// operation free to take effect, or to have done so; no operation of unknown outcome used, and
// each, once invoked, free to take effect any number of times. If none of that survives the return,
// nothing does.
template <class Mask>
class Impossible {
public:
    Impossible(const Problem& problem, Table& table, Shortcuts shortcuts, const Limits& limits,
               Pace& pace)
        : problem_(problem), table_(table), shortcuts_(shortcuts), limits_(limits), pace_(pace) {}

    // Tries that for the return at a place, given what is open there: exhausted if it is proved,
    // stalled if patience ran out, reached if something survives.
    Outcome operator()(Scene<Mask> scene, std::int32_t at, std::int64_t patience) {
        if (!states_) states_ = reachable_states();
        std::int32_t start = at;
        for (const std::int32_t window : limits_.windows) {
            const std::int32_t before = std::max(at - window, 0);
            while (start > before)
                scene.back(problem_.endpoints[static_cast<std::size_t>(--start)]);
            if (start > 0 && states_->empty()) continue;
            Tools tools{problem_, table_, shortcuts_, limits_, pace_, Unknowns::lenient};
            DepthFirst<Mask> depth(tools, scene, start, at + 1);
            for (const State state : start == 0 ? std::vector<State>{0} : *states_) {
                depth.from(most(scene, state));
            }
            const Outcome outcome = depth.run(patience, table_.locals() * 2 + MORE_STATES);
            if (start == 0 || outcome != Outcome::reached) return outcome;
        }
        return Outcome::reached;
    }

private:
    static constexpr State MORE_STATES = 64;
    static constexpr std::size_t QUESTIONS_MAX = std::size_t{1} << 14;

    // What can do all that any configuration in that state can do.
    Configuration<Mask> most(const Scene<Mask>& scene, State state) const {
        Configuration<Mask> config(problem_.slots);
        config.state = state;
        config.done = scene.observing();
        for (const std::int32_t op : scene.open()) {
            if (problem_.kind(op) != Kind::observes) {
                config.spare.add(problem_.slot[static_cast<std::size_t>(op)]);
            }
        }
        return config;
    }

    // Every state that the operations lead to, in any order and number; none if there are many.
    std::vector<State> reachable_states() {
        std::vector<std::int32_t> classes(problem_.op_class.begin(), problem_.op_class.end());
        std::sort(classes.begin(), classes.end());
        classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
        std::vector<State> states{0};
        for (std::size_t place = 0; place < states.size(); ++place) {
            if (states.size() > limits_.states_max ||
                states.size() * classes.size() > QUESTIONS_MAX) {
                return {};
            }
            for (const std::int32_t cls : classes) {
                const State next = table_.next(states[place], cls);
                if (next == REFUSED) continue;
                if (std::find(states.begin(), states.end(), next) == states.end()) {
                    states.push_back(next);
                }
            }
        }
        return states;
    }

    const Problem& problem_;
    Table& table_;
    Shortcuts shortcuts_;
    const Limits& limits_;
    Pace& pace_;
    std::optional<std::vector<State>> states_;
};

}  // namespace holdfast
