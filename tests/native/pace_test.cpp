// When a search polls: soon at first, then more and more seldom, and always with all that it
// counted.

#include "pace.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "check.hpp"

namespace {

using Polled = std::tuple<std::int64_t, std::int32_t, std::size_t>;

void polls_with_what_was_counted() {
    std::vector<Polled> polled;
    const holdfast::Poll poll = [&](auto configurations, auto at, auto bytes) {
        polled.emplace_back(configurations, at, bytes);
    };
    holdfast::Pace pace(poll);
    for (int i = 1; i <= 100'000; ++i) {
        if (pace.due()) pace.report(i % 1'000, static_cast<std::size_t>(i));
    }
    require(pace.configurations() == 100'000, "all are counted");
    require(std::get<0>(polled.front()) == 256, "the first poll is soon");
    for (std::size_t i = 0; i < polled.size(); ++i) {
        const auto [configurations, at, bytes] = polled[i];
        require(bytes == static_cast<std::size_t>(configurations), "what was reported");
        if (i == 0) continue;
        const auto [before, at_before, bytes_before] = polled[i - 1];
        require(configurations > before && configurations - before <= 4'096, "steps between");
        require(at >= at_before, "how far it came never shrinks");
    }
}

void polls_by_the_clock_before_the_model_is_asked() {
    std::vector<Polled> polled;
    const holdfast::Poll poll = [&](auto configurations, auto at, auto bytes) {
        polled.emplace_back(configurations, at, bytes);
    };
    holdfast::Pace pace(poll);
    pace.report(7, 50);
    pace.due();
    const auto begin = std::chrono::steady_clock::now();
    while (polled.size() == 1) {
        const auto passed = std::chrono::steady_clock::now() - begin;
        require(passed < std::chrono::seconds(10), "it never polls");
        pace.before_asking(40);
    }
    require(std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(9), "too soon");
    require(polled.back() == Polled(1, 7, 50), "as far as it came, with the memory of the last");
}

void what_a_poll_throws_ends_the_search() {
    const holdfast::Poll poll = [](auto, auto, auto) { throw std::invalid_argument("enough"); };
    holdfast::Pace pace(poll);
    require_refused([&] { pace.report(0, 0); }, "enough");
}

}  // namespace

int main() {
    polls_with_what_was_counted();
    polls_by_the_clock_before_the_model_is_asked();
    what_a_poll_throws_ends_the_search();
}
