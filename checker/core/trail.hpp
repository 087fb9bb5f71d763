#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "pool.hpp"
#include "problem.hpp"

namespace holdfast {

// How configurations came about: a tree of steps, each knowing the one before.
class Trail {
public:
    enum class Step : std::uint8_t {
        linearize,  // the operation takes effect
        unknown,    // one more of a class of operations of unknown outcome takes effect
        absorb,     // the operation took effect unseen, just before the latest overwriting one
    };
    static constexpr std::int32_t START = -1;

    std::int32_t add(std::int32_t before, Step step, std::int32_t what) {
        nodes_.push_back({before, what, step});
        return static_cast<std::int32_t>(nodes_.size()) - 1;
    }
    // Operations in an order of effect.
    std::vector<std::int32_t> order(std::int32_t node, const Problem& problem) const;
    // Forgets what none of the given nodes came from, and renumbers these.
    void keep(const std::vector<std::int32_t*>& nodes);
    std::size_t size() const { return nodes_.size(); }
    std::size_t bytes() const { return nodes_.bytes(); }

private:
    struct Node {
        std::int32_t before;
        std::int32_t what;
        Step step;
    };
    Pool<Node> nodes_;
};

}  // namespace holdfast
