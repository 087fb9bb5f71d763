#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace holdfast {

// Where a search turns to another way, or forgets. No answer depends on these: tests make them so
// small that short histories come to them.
struct Limits {
    // How many endpoints a proof of impossibility goes back.
    std::array<std::int32_t, 5> windows{4, 32, 128, 512, 2048};
    // From how many states it begins at most; with more, it goes back to the beginning only.
    std::size_t states_max = 64;
    // Trails that lead nowhere are forgotten when there are as many, dead ends when twice as many.
    std::size_t trails_kept = std::size_t{1} << 16;
    std::size_t nogoods_kept = std::size_t{1} << 20;
};

}  // namespace holdfast
