// Depth first alone, with as much patience as it takes: it comes exactly as far as brute force,
// with many operations of unknown outcome too, of which its dead ends say which were lacking.

#include "depth_first.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "search_case.hpp"

namespace {

using Mask = holdfast::SmallMask;
using holdfast::Outcome;

// The same history, in which some operations are never heard of again.
void forget_returns(SearchCase& given, std::mt19937_64& random) {
    std::erase_if(given.endpoints, [&](std::int32_t mark) { return mark < 0 && random() % 5 < 2; });
}

bool compare_depth_first(const SearchCase& given, const std::string& name) {
    const holdfast::Problem problem(given.op_class, given.class_kind, given.endpoints);
    RowTable table(given.rows);
    const holdfast::Table::Lease lease(table.table(), given.class_kind.size());
    const holdfast::Poll poll = [](auto, auto, auto) {};
    holdfast::Pace pace(poll);
    holdfast::Tools tools{problem, table.table(), given.shortcuts, given.limits, pace};
    const auto end = static_cast<std::int32_t>(given.endpoints.size());
    holdfast::DepthFirst<Mask> depth(tools, holdfast::Scene<Mask>(problem), 0, end);
    depth.from(holdfast::Configuration<Mask>(problem.slots));
    const Outcome outcome = depth.run(std::numeric_limits<std::int64_t>::max() / 2);
    const BruteForce judge(given.rows, given.op_class, given.endpoints);
    const auto illegal = judge.first_illegal();
    require(outcome == (illegal ? Outcome::exhausted : Outcome::reached),
            name + (illegal ? ": should be illegal" : ": should be legal"));
    const auto reached = illegal ? *illegal : given.endpoints.size();
    require(depth.deepest() == static_cast<std::int32_t>(reached),
            name + ": it comes as far as possible");
    const auto& furthest = depth.furthest();
    const auto fault = judge.fault(tools.trail.order(furthest.trail, problem), reached,
                                   table.state(furthest.state));
    require(fault.empty(), name + ": the furthest: " + fault);
    return !illegal;
}

bool attempt(unsigned seed) {
    std::mt19937_64 random(seed);
    std::vector<std::uint8_t> bytes(40 + random() % 60);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    SearchCase given = decoded(bytes, 12);
    forget_returns(given, random);
    if (random() % 4 != 0) given.limits = {};
    return compare_depth_first(given, "seed " + std::to_string(seed));
}

// Two operations one after the other, the second of which needs a state that only one way leads to;
// and before them one operation of unknown outcome of each other class.
struct Step {
    int from;
    std::int32_t cls;
    int to;
};

void example(std::int32_t unknown, const std::vector<Step>& steps, const std::string& name) {
    SearchCase given;
    int states = 0;
    for (const Step& step : steps) states = std::max(states, std::max(step.from, step.to) + 1);
    const auto classes = static_cast<std::size_t>(unknown) + 2;
    given.rows.assign(static_cast<std::size_t>(states), std::vector<int>(classes, -1));
    for (const Step& step : steps) {
        given.rows[static_cast<std::size_t>(step.from)][static_cast<std::size_t>(step.cls)] =
            step.to;
    }
    given.class_kind.assign(classes, 0);
    for (std::int32_t op = 0; op < unknown + 2; ++op) {
        given.op_class.push_back(op);
        given.endpoints.push_back(op);
        if (op >= unknown) given.endpoints.push_back(~op);
    }
    require(compare_depth_first(given, name), name + ": it is legal");
}

// With NEEDED used early, it goes round from X over Y and Z to X again, and is at a dead end at all
// three: at Y and Z only because of X, and what is lacking at X is known last. Without it, there is
// a way on from Y.
void what_rests_on_another_is_not_learnt() {
    constexpr std::int32_t NEEDED = 0, OTHER = 1, TO_Y = 2, TO_Z = 3, TO_X = 4, FIRST = 5,
                           SECOND = 6;
    enum { START, EARLY, LATE, X, Y, Z, END };
    example(5,
            {{START, NEEDED, EARLY},
             {EARLY, FIRST, X},
             {START, OTHER, LATE},
             {LATE, FIRST, Y},
             {X, TO_Y, Y},
             {Y, TO_Z, Z},
             {Z, TO_X, X},
             {X, NEEDED, END},
             {END, SECOND, END}},
            "what rests on another");
}

// With NEEDED used early, X is a dead end; then Y, as it leads to X only. Without it, there is a
// way on from Y.
void what_was_lacking_in_a_known_one_is_passed_on() {
    constexpr std::int32_t NEEDED = 0, AGAIN = 1, OTHER = 2, TO_X = 3, FIRST = 4, SECOND = 5;
    enum { START, EARLY, LATER, LATE, X, Y, END };
    example(4,
            {{START, NEEDED, EARLY},
             {EARLY, FIRST, X},
             {EARLY, AGAIN, LATER},
             {LATER, FIRST, Y},
             {START, OTHER, LATE},
             {LATE, FIRST, Y},
             {Y, TO_X, X},
             {X, NEEDED, END},
             {END, SECOND, END}},
            "what was lacking in a known one");
}

}  // namespace

int main(int argc, char** argv) {
    what_rests_on_another_is_not_learnt();
    what_was_lacking_in_a_known_one_is_passed_on();
    const unsigned begin = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 0;
    const unsigned end = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 60'000;
    int legal = 0;
    for (unsigned seed = begin; seed < end; ++seed) legal += attempt(seed) ? 1 : 0;
    const int illegal = static_cast<int>(end - begin) - legal;
    std::printf("depth_first_test: %d legal, %d illegal\n", legal, illegal);
    require(legal > 100 && illegal > 100, "hardly any legal or hardly any illegal ones");
}
