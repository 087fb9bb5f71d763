// What a problem refuses, and which slots it gives out.

#include "problem.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"

namespace {

using Numbers = std::vector<std::int32_t>;

void refused(const std::string& why, const Numbers& op_class, const Numbers& endpoints,
             const std::vector<std::uint8_t>& kinds = {0, 1, 2}) {
    require_refused([&] { holdfast::Problem(op_class, kinds, endpoints); }, why);
}

void refusals() {
    constexpr auto least = std::numeric_limits<std::int32_t>::min();
    constexpr auto greatest = std::numeric_limits<std::int32_t>::max();
    refused("no such class", {3}, {0, ~0});
    refused("no such class", {-1}, {0, ~0});
    refused("no such kind", {0}, {0, ~0}, {3});
    refused("no such operation", {0}, {0, ~0, 1});
    refused("no such operation", {0}, {0, ~1});
    refused("no such operation", {0}, {0, least});
    refused("no such operation", {0}, {greatest});
    refused("an operation has two equal endpoints", {0}, {0, 0});
    refused("an operation has two equal endpoints", {0}, {0, ~0, ~0});
    refused("an operation returns before its invocation", {0}, {~0, 0});
    refused("an operation is never invoked", {0, 0}, {0, ~0});
    refused("no such operation", {}, {0});
    refused("operations are not numbered in the order of their invocation", {0, 0}, {1, 0, ~0, ~1});
}

void accepted() {
    const holdfast::Problem nothing({}, {}, {});
    require(nothing.slots == 0, "no operations, no slots");
    const Numbers op_class{2, 1, 0};
    const std::vector<std::uint8_t> kinds{0, 1, 2};
    const Numbers endpoints{0, 1, ~0, 2, ~2};
    const holdfast::Problem problem(op_class, kinds, endpoints);
    require(problem.returns(0) && !problem.returns(1) && problem.returns(2), "returns");
    require(problem.kind(0) == holdfast::Kind::overwrites, "kind");
    require(problem.invoked_at == Numbers{0, 1, 3}, "invoked_at");
    require(problem.returned_at == Numbers{2, holdfast::NEVER, 4}, "returned_at");
    require(problem.slot == Numbers{0, -1, 0} && problem.slots == 1, "a slot is used again");
}

// No two operations open at once share a slot, and there are no more slots than that needs.
void slots() {
    std::mt19937_64 random(1);
    for (int round = 0; round < 300; ++round) {
        Numbers endpoints;
        Numbers open;
        std::size_t most = 0;
        for (std::int32_t op = 0; op < 40; ++op) {
            endpoints.push_back(op);
            open.push_back(op);
            most = std::max(most, open.size());
            while (!open.empty() && (op == 39 || random() % 2 == 0)) {
                std::swap(open[random() % open.size()], open.back());
                endpoints.push_back(~open.back());
                open.pop_back();
            }
        }
        const Numbers op_class(40, 0);
        const std::vector<std::uint8_t> kinds{0};
        const holdfast::Problem problem(op_class, kinds, endpoints);
        require(problem.slots == static_cast<int>(most), "as many slots as open at once");
        std::vector<bool> taken(most, false);
        for (const std::int32_t mark : endpoints) {
            const auto slot = static_cast<std::size_t>(
                problem.slot[static_cast<std::size_t>(mark < 0 ? ~mark : mark)]);
            require(taken.at(slot) == (mark < 0), "a slot is taken twice");
            taken[slot] = mark >= 0;
        }
    }
}

}  // namespace

int main() {
    refusals();
    accepted();
    slots();
}
