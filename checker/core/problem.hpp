#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace holdfast {

// What is known of every operation of a class, whatever the state.
enum class Kind : std::uint8_t {
    other = 0,
    observes = 1,    // leaves every state unchanged in which it is accepted
    overwrites = 2,  // is accepted in every state and always leads to the same one
};

// Which of the sound shortcuts are taken; each can be left out, to measure and to test it.
struct Shortcuts {
    bool dominance = true;
    bool deadlines = true;
};

inline constexpr std::int32_t NEVER = std::numeric_limits<std::int32_t>::max();

// A history in integers. Operations are numbered in the order of invocation.
struct Problem {
    // Throws std::invalid_argument when the parts do not fit together.
    Problem(std::span<const std::int32_t> op_class, std::span<const std::uint8_t> class_kind,
            std::span<const std::int32_t> endpoints);

    std::int32_t cls(std::int32_t op) const { return op_class[static_cast<std::size_t>(op)]; }
    Kind kind(std::int32_t op) const {
        return static_cast<Kind>(class_kind[static_cast<std::size_t>(cls(op))]);
    }
    bool returns(std::int32_t op) const {
        return returned_at[static_cast<std::size_t>(op)] != NEVER;
    }

    std::span<const std::int32_t> op_class;
    std::span<const std::uint8_t> class_kind;
    // i where operation i is invoked, ~i where it returns.
    std::span<const std::int32_t> endpoints;
    std::vector<std::int32_t> invoked_at;   // by operation: its place among the endpoints
    std::vector<std::int32_t> returned_at;  // likewise, or NEVER
    std::vector<std::int32_t> slot;         // by operation that returns: taken while it is open
    int slots = 0;
};

}  // namespace holdfast
