#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace holdfast {

// What a call says about a lock, as holdfast.checker.locks.rows.Kind numbers it.
enum class Says : std::uint8_t { acquire, release, held, free, not_holder, holder };

using Instant = std::int64_t;
inline constexpr Instant AT_NO_TIME = Instant{1} << 62;
inline constexpr Instant BEFORE_ALL = -AT_NO_TIME;
inline constexpr std::uint8_t UNKNOWN_OUTCOME = 2;

// A lock's calls, one column for each property, in the order of invocation.
struct LockColumns {
    // Throws std::invalid_argument when the columns do not fit together.
    LockColumns(std::span<const std::uint8_t> says, std::span<const std::uint8_t> outcome,
                std::span<const std::int32_t> token, std::span<const std::int64_t> invoked,
                std::span<const std::int64_t> completed, std::int32_t tokens);

    std::size_t size() const { return says.size(); }
    // Instants are doubled, and returns get one more: an invocation and a return at one instant are
    // concurrent, and events of the two kinds are never at the same number.
    Instant begin(std::size_t row) const { return 2 * invoked[row]; }
    Instant end(std::size_t row) const {
        return outcome[row] == UNKNOWN_OUTCOME ? AT_NO_TIME : 2 * completed[row] + 1;
    }
    bool known(std::size_t row) const { return outcome[row] != UNKNOWN_OUTCOME; }

    std::span<const std::uint8_t> says;
    std::span<const std::uint8_t> outcome;
    std::span<const std::int32_t> token;  // from 0 to tokens - 1, or -1
    std::span<const std::int64_t> invoked;
    std::span<const std::int64_t> completed;
    std::int32_t tokens;
};

enum class Found : std::uint8_t {
    order,    // linearizable
    refuted,  // not linearizable: the rows of these tokens, and these rows, suffice to see it
    outside,  // not decided here
};

struct LockAnswer {
    Found found = Found::outside;
    std::vector<std::int32_t> order;   // rows that take effect, in order; only if asked for
    std::vector<std::int32_t> tokens;  // those that refute it
    std::vector<std::int32_t> rows;    // likewise
};

}  // namespace holdfast
