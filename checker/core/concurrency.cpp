#include "concurrency.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace holdfast {
namespace {

// Copies, because the bytes may be unaligned and another thread may still write to them.
std::vector<std::int64_t> timestamps(std::span<const std::byte> bytes, const std::string& name) {
    if (bytes.size() % sizeof(std::int64_t) != 0) {
        throw std::invalid_argument(name + " is not a whole number of int64 timestamps: " +
                                    std::to_string(bytes.size()) + " bytes");
    }
    std::vector<std::int64_t> times(bytes.size() / sizeof(std::int64_t));
    if (!times.empty()) {  // memcpy must not be given the null pointer of an empty span
        std::memcpy(times.data(), bytes.data(), bytes.size());
    }
    return times;
}

}  // namespace

std::int64_t peak_concurrency(std::span<const std::byte> invoked,
                              std::span<const std::byte> completed) {
    std::vector<std::int64_t> opens = timestamps(invoked, "invoked");
    std::vector<std::int64_t> closes = timestamps(completed, "completed");
    if (opens.size() != closes.size()) {
        throw std::invalid_argument(
            "invoked and completed differ in length: " + std::to_string(opens.size()) + " and " +
            std::to_string(closes.size()));
    }
    for (std::size_t i = 0; i < opens.size(); ++i) {
        if (closes[i] < opens[i]) {
            throw std::invalid_argument("operation " + std::to_string(i) +
                                        " completes before its invocation");
        }
    }

    std::ranges::sort(opens);
    std::ranges::sort(closes);
    std::size_t closed = 0;  // never passes `opened`: no operation closes before it opens
    std::size_t peak = 0;
    for (std::size_t opened = 0; opened < opens.size(); ++opened) {
        while (closes[closed] < opens[opened]) {  // strictly before: intervals are closed
            ++closed;
        }
        peak = std::max(peak, opened + 1 - closed);
    }
    return static_cast<std::int64_t>(peak);
}

}  // namespace holdfast
