// Trails: the order they stand for, and that forgetting others leaves it as it was.

#include "trail.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "check.hpp"

namespace {

using holdfast::Trail;
using Step = Trail::Step;
using Order = std::vector<std::int32_t>;

// Class 0 overwrites. Operations 3, 4 and 5 are of unknown outcome.
const std::vector<std::int32_t> op_class{0, 0, 1, 1, 0, 1};
const std::vector<std::uint8_t> class_kind{2, 0};
const std::vector<std::int32_t> endpoints{0, 1, 2, 3, 4, 5, ~0, ~1, ~2};
const holdfast::Problem problem(op_class, class_kind, endpoints);

Order order(const std::vector<std::pair<Step, std::int32_t>>& steps) {
    Trail trail;
    std::int32_t node = Trail::START;
    for (const auto& [step, what] : steps) node = trail.add(node, step, what);
    return trail.order(node, problem);
}

void orders() {
    require(order({}).empty(), "no steps");
    require(order({{Step::linearize, 2}, {Step::linearize, 0}}) == Order{2, 0}, "as they come");
    require(order({{Step::unknown, 1}, {Step::linearize, 2}, {Step::unknown, 1}}) == Order{3, 2, 5},
            "unknown ones in the order of invocation");
    require(
        order({{Step::linearize, 2}, {Step::linearize, 0}, {Step::absorb, 1}}) == Order{2, 1, 0},
        "unseen before what overwrote it");
    require(
        order(
            {{Step::linearize, 0}, {Step::unknown, 0}, {Step::linearize, 2}, {Step::absorb, 1}}) ==
            Order{0, 1, 4, 2},
        "unseen before the latest overwriting one, of unknown outcome or not");
}

void forgetting_changes_no_order() {
    std::mt19937_64 random(1);
    for (int round = 0; round < 200; ++round) {
        Trail trail;
        std::vector<std::int32_t> nodes{Trail::START};
        for (int i = 0; i < 60; ++i) {
            nodes.push_back(trail.add(nodes[random() % nodes.size()], Step::linearize,
                                      static_cast<std::int32_t>(random() % 6)));
        }
        std::vector<std::int32_t> kept;
        std::vector<Order> before;
        for (int i = 0; i < 5; ++i) {
            kept.push_back(nodes[random() % nodes.size()]);
            before.push_back(trail.order(kept.back(), problem));
        }
        std::vector<std::int32_t*> live;
        std::size_t most = 0;
        for (std::size_t i = 0; i < kept.size(); ++i) {
            live.push_back(&kept[i]);
            most += before[i].size();
        }
        trail.keep(live);
        require(trail.size() <= most, "kept what none came from");
        for (std::size_t i = 0; i < kept.size(); ++i) {
            require(trail.order(kept[i], problem) == before[i], "another order after forgetting");
        }
        trail.keep({});
        require(trail.size() == 0, "nothing is left when nothing is kept");
    }
}

}  // namespace

int main() {
    orders();
    forgetting_changes_no_order();
}
