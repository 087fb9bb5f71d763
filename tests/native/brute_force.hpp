#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Linearizability decided the long way, from the definition; shares nothing with the core.
class BruteForce {
public:
    static constexpr int REFUSED = -1;
    using Rows = std::vector<std::vector<int>>;  // the next state, by state and class

    BruteForce(const Rows& rows, std::span<const std::int32_t> op_class,
               std::span<const std::int32_t> endpoints)
        : rows_(rows), op_class_(op_class), endpoints_(endpoints) {}

    // Whether the endpoints before a place have a legal order: what returned by then takes effect,
    // in any order that respects real time; what was only invoked may take effect or not.
    bool legal(std::size_t end) const {
        std::vector<bool> seen(rows_.size() << op_class_.size());
        std::vector<std::pair<std::uint32_t, int>> pending{{0, 0}};
        const std::uint32_t demanded = marked(end, true);
        const std::uint32_t invoked = marked(end, false);
        while (!pending.empty()) {
            const auto [done, state] = pending.back();
            pending.pop_back();
            if ((demanded & ~done) == 0) return true;
            const auto place = done * rows_.size() + static_cast<std::size_t>(state);
            if (seen[place]) continue;
            seen[place] = true;
            for (std::size_t op = 0; op < op_class_.size(); ++op) {
                const std::uint32_t bit = std::uint32_t{1} << op;
                if ((invoked & bit) == 0 || (done & bit) != 0) continue;
                if ((returned_before(op) & ~done) != 0) continue;
                const int next = step(state, op);
                if (next != REFUSED) pending.emplace_back(done | bit, next);
            }
        }
        return false;
    }

    // The place of the first return that nothing survives, if there is one.
    std::optional<std::size_t> first_illegal() const {
        for (std::size_t at = 0; at < endpoints_.size(); ++at) {
            if (endpoints_[at] < 0 && !legal(at + 1)) return at;
        }
        return std::nullopt;
    }

    // What is wrong with an order of the endpoints before a place that leads to a state; empty if
    // nothing is. Works with any number of operations.
    std::string fault(const std::vector<std::int32_t>& order, std::size_t end,
                      std::optional<int> last_state) const {
        std::vector<std::size_t> invoked(op_class_.size(), end);
        std::vector<std::size_t> returned(op_class_.size(), end);
        for (std::size_t at = 0; at < end; ++at) {
            const std::int32_t mark = endpoints_[at];
            (mark < 0 ? returned : invoked)[static_cast<std::size_t>(mark < 0 ? ~mark : mark)] = at;
        }
        std::vector<bool> done(op_class_.size(), false);
        int state = 0;
        std::size_t latest_invoked = 0;
        for (const std::int32_t number : order) {
            const auto op = static_cast<std::size_t>(number);
            if (number < 0 || op >= op_class_.size()) return "an unknown operation takes effect";
            if (done[op]) return "an operation takes effect twice";
            if (invoked[op] == end) return "an operation takes effect that was not invoked";
            // None returned before the invocation of one that takes effect before it.
            latest_invoked = std::max(latest_invoked, invoked[op]);
            if (returned[op] < latest_invoked) return "an operation takes effect after its return";
            done[op] = true;
            state = step(state, op);
            if (state == REFUSED) return "the model refuses an operation";
        }
        for (std::size_t op = 0; op < op_class_.size(); ++op) {
            if (returned[op] < end && !done[op]) return "an operation that returned is left out";
        }
        if (last_state && state != *last_state) return "the order leads to another state";
        return "";
    }

private:
    int step(int state, std::size_t op) const {
        return rows_[static_cast<std::size_t>(state)][static_cast<std::size_t>(op_class_[op])];
    }

    std::uint32_t marked(std::size_t end, bool returns) const {
        std::uint32_t found = 0;
        for (const std::int32_t mark : endpoints_.first(end)) {
            if ((mark < 0) == returns) found |= std::uint32_t{1} << (returns ? ~mark : mark);
        }
        return found;
    }

    std::uint32_t returned_before(std::size_t op) const {
        std::size_t at = 0;
        while (endpoints_[at] != static_cast<std::int32_t>(op)) ++at;
        return marked(at, true);
    }

    const Rows& rows_;
    std::span<const std::int32_t> op_class_;
    std::span<const std::int32_t> endpoints_;
};
