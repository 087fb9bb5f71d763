#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace holdfast {

// Rows by number: equal ones have the same, and each different one has the next when it first
// appears.
struct NumberedRows {
    std::vector<std::int32_t> numbers;  // by row
    std::vector<std::int32_t> firsts;   // by number: the row where it first appears
};

// Columns have the same length, or std::invalid_argument is thrown.
NumberedRows numbered_rows(std::span<const std::int32_t> first,
                           std::span<const std::int32_t> second,
                           std::span<const std::int32_t> third,
                           std::span<const std::uint8_t> fourth);

// The places of the numbers that are not negative.
std::vector<std::int32_t> kept(std::span<const std::int32_t> numbers);

// The cells of a column, `width` bytes each, at some places. Throws std::out_of_range for a place
// that is none.
std::vector<std::byte> taken(std::span<const std::byte> column, std::size_t width,
                             std::span<const std::int32_t> places);

// Endpoints of which only the operations at the places kept remain, numbered anew.
std::vector<std::int32_t> renumbered(std::span<const std::int32_t> endpoints,
                                     std::span<const std::int32_t> kept);

}  // namespace holdfast
