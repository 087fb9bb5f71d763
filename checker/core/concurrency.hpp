#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast {

// The largest number of operations open at one instant. Both arguments are int64 timestamps in
// the machine's byte order, at any alignment; the i-th of each belong to the i-th operation.
// Intervals are closed: one that completes at the instant another is invoked counts as concurrent.
// Throws std::invalid_argument when the lengths or the order of the timestamps make no sense.
std::int64_t peak_concurrency(std::span<const std::byte> invoked,
                              std::span<const std::byte> completed);

}  // namespace holdfast
