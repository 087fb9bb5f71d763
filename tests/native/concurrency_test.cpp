// The peak of concurrency: random operations against counting by hand.

#include "concurrency.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "check.hpp"

namespace {

using Times = std::vector<std::int64_t>;

std::int64_t peak(const Times& invoked, const Times& completed) {
    return holdfast::peak_concurrency(std::as_bytes(std::span(invoked)),
                                      std::as_bytes(std::span(completed)));
}

// The peak is reached at some invocation, so it is enough to count there.
std::int64_t counted_peak(const Times& invoked, const Times& completed) {
    std::int64_t most = 0;
    for (const std::int64_t instant : invoked) {
        std::int64_t open = 0;
        for (std::size_t i = 0; i < invoked.size(); ++i) {
            open += invoked[i] <= instant && instant <= completed[i] ? 1 : 0;
        }
        most = std::max(most, open);
    }
    return most;
}

void random_operations() {
    std::mt19937_64 random(1);
    for (int round = 0; round < 20'000; ++round) {
        Times invoked(random() % 9);
        Times completed(invoked.size());
        for (std::size_t i = 0; i < invoked.size(); ++i) {
            invoked[i] = static_cast<std::int64_t>(random() % 12) - 6;
            completed[i] = invoked[i] + static_cast<std::int64_t>(random() % 6);
        }
        require(peak(invoked, completed) == counted_peak(invoked, completed),
                "random operations, round " + std::to_string(round));
    }
}

void extreme_and_unaligned_times() {
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
    require(peak({}, {}) == 0, "no operations");
    require(peak({least, greatest}, {least, greatest}) == 1, "extreme instants");
    require(peak({least, greatest}, {greatest, greatest}) == 2, "extreme intervals");

    std::vector<std::byte> shifted(1 + 2 * sizeof(std::int64_t));
    const auto unaligned = std::span(shifted).subspan(1);
    require(holdfast::peak_concurrency(unaligned, unaligned) == 2, "unaligned timestamps");
}

void refusals() {
    require_refused([] { peak({1}, {}); }, "invoked and completed differ in length: 1 and 0");
    require_refused([] { peak({1, 2}, {1, 1}); }, "operation 1 completes before its invocation");
    const std::vector<std::byte> odd(9);
    require_refused([&] { holdfast::peak_concurrency(odd, odd); },
                    "invoked is not a whole number of int64 timestamps: 9 bytes");
}

}  // namespace

int main() {
    random_operations();
    extreme_and_unaligned_times();
    refusals();
}
