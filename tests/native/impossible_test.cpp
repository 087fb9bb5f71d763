// A proof of impossibility from shortly before, tried at every return of random histories and from
// every place before it: what it proves, brute force must find too.

#include "impossible.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "check.hpp"
#include "search_case.hpp"

namespace {

using holdfast::Outcome;

constexpr std::int32_t WINDOW_MAX = 7;
constexpr std::int64_t PATIENCE = 10'000;

struct Count {
    int proved = 0;    // from a place inside the history, of the first illegal return
    int survived = 0;  // from a place inside the history
    int legal = 0;     // histories
};

std::array<std::int32_t, 5> windows_from(std::int32_t window) {
    std::array<std::int32_t, 5> windows{};
    windows.fill(window);
    return windows;
}

template <class Mask>
Outcome tried(const SearchCase& given, const holdfast::Problem& problem, RowTable& table,
              std::int32_t at, std::int32_t window) {
    holdfast::Limits limits = given.limits;
    limits.windows = windows_from(window);
    const holdfast::Poll poll = [](auto, auto, auto) {};
    holdfast::Pace pace(poll);
    holdfast::Impossible<Mask> impossible(problem, table.table(), given.shortcuts, limits, pace);
    holdfast::Scene<Mask> scene(problem);
    for (std::int32_t place = 0; place < at; ++place) {
        scene.forward(problem.endpoints[static_cast<std::size_t>(place)]);
    }
    return impossible(scene, at, PATIENCE);
}

void attempt(const SearchCase& given, Count& count) {
    const holdfast::Problem problem(given.op_class, given.class_kind, given.endpoints);
    RowTable table(given.rows);
    const holdfast::Table::Lease lease(table.table(), given.class_kind.size());
    const auto illegal = BruteForce(given.rows, given.op_class, given.endpoints).first_illegal();
    const auto end = static_cast<std::int32_t>(given.endpoints.size());
    const std::int32_t last = illegal ? static_cast<std::int32_t>(*illegal) : end - 1;
    bool all_return = true;
    for (std::size_t op = 0; op < given.op_class.size(); ++op) {
        all_return = all_return && problem.returns(static_cast<std::int32_t>(op));
    }
    count.legal += illegal ? 0 : 1;
    for (std::int32_t at = 0; at <= last; ++at) {
        if (given.endpoints[static_cast<std::size_t>(at)] >= 0) continue;
        const bool possible = !illegal || at < last;
        for (std::int32_t window = 0; window <= WINDOW_MAX; ++window) {
            const bool whole = window == WINDOW_MAX;
            const std::int32_t back = whole ? end : window;
            const Outcome outcome = tried<holdfast::SmallMask>(given, problem, table, at, back);
            require(!possible || outcome != Outcome::exhausted,
                    "a return is survived that is proved to be impossible");
            if (whole && !possible && all_return) {
                require(outcome != Outcome::reached, "from the beginning it is exact");
            }
            if (at > back) {
                count.proved += outcome == Outcome::exhausted ? 1 : 0;
                count.survived += outcome == Outcome::reached ? 1 : 0;
            }
            if (at % 4 == 0) {
                require(outcome == tried<holdfast::WideMask>(given, problem, table, at, back),
                        "more than 64 open operations make a difference");
            }
        }
    }
}

// Of two that do the same, one has taken effect before the window and one takes effect in it, while
// both are open: the second must not wait for the first.
void one_that_is_done_holds_none_back() {
    constexpr std::int32_t UP = 0, DOWN = 1, READ_1 = 2;
    SearchCase given;
    given.rows = {{1, -1, -1}, {-1, 0, 1}};
    given.class_kind = {0, 0, 1};
    given.op_class = {UP, DOWN, UP, READ_1};
    given.endpoints = {0, 1, ~1, 2, 3, ~3, ~0, ~2};
    Count count;
    attempt(given, count);
    require(count.legal == 1 && count.survived > 0, "it is legal, up and down and up again");
}

}  // namespace

int main(int argc, char** argv) {
    one_that_is_done_holds_none_back();
    const unsigned begin = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 0;
    const unsigned end = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 12'000;
    const std::size_t longest = argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 10;
    Count count;
    for (unsigned seed = begin; seed < end; ++seed) {
        std::mt19937_64 random(seed);
        std::vector<std::uint8_t> bytes(30 + random() % (longest * 6));
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
        attempt(decoded(bytes, longest), count);
    }
    std::printf("impossible_test: %d proved, %d survived, %d legal histories\n", count.proved,
                count.survived, count.legal);
    require(count.proved > 1'000 && count.survived > 1'000, "hardly anything is proved");
}
