#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace holdfast {

// The invocations and returns of operations in real-time order: i where operation i is invoked, ~i
// where it returns. At one instant, invocations come first: intervals are closed. returns: by
// operation, whether it returns at all. Throws std::invalid_argument unless the operations are in
// the order of their invocations.
std::vector<std::int32_t> endpoints(std::span<const std::int64_t> invoked,
                                    std::span<const std::int64_t> completed,
                                    std::span<const std::uint8_t> returns);

}  // namespace holdfast
