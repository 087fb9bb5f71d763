// Scenes: against what is open by definition, forward and back again.

#include "scene.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "check.hpp"
#include "mask.hpp"
#include "problem.hpp"

namespace {

using Ops = std::vector<std::int32_t>;

template <class Mask>
void require_as_defined(const holdfast::Scene<Mask>& scene, const holdfast::Problem& problem,
                        std::int32_t at) {
    Ops open;
    Ops classes;
    Ops unknown(problem.class_kind.size());
    for (std::int32_t op = 0; op < static_cast<std::int32_t>(problem.op_class.size()); ++op) {
        const auto number = static_cast<std::size_t>(op);
        if (problem.invoked_at[number] >= at) continue;
        const std::int32_t cls = problem.cls(op);
        if (problem.returns(op)) {
            if (problem.returned_at[number] >= at) open.push_back(op);
        } else if (unknown[static_cast<std::size_t>(cls)]++ == 0) {
            classes.push_back(cls);
        }
    }
    std::sort(open.begin(), open.end(), [&](auto left, auto right) {
        return problem.returned_at[static_cast<std::size_t>(left)] <
               problem.returned_at[static_cast<std::size_t>(right)];
    });
    require(scene.open() == open, "open");
    Mask observing(problem.slots);
    Mask overwriting(problem.slots);
    for (const std::int32_t op : open) {
        const int slot = problem.slot[static_cast<std::size_t>(op)];
        require(scene.holder(slot) == op, "who holds a slot");
        if (problem.kind(op) == holdfast::Kind::observes) observing.add(slot);
        if (problem.kind(op) == holdfast::Kind::overwrites) overwriting.add(slot);
    }
    require(scene.observing() == observing, "observing");
    require(scene.overwriting() == overwriting, "overwriting");
    require(scene.unknown_classes() == classes, "unknown classes");
    for (std::size_t cls = 0; cls < unknown.size(); ++cls) {
        require(scene.unknown(static_cast<std::int32_t>(cls)) == unknown[cls], "unknown");
    }
}

Ops random_endpoints(std::mt19937_64& random, std::int32_t operations) {
    Ops endpoints;
    Ops open;
    for (std::int32_t op = 0; op < operations; ++op) {
        endpoints.push_back(op);
        if (random() % 3 > 0) open.push_back(op);
        while (!open.empty() && random() % 2 == 0) {
            std::swap(open[random() % open.size()], open.back());
            endpoints.push_back(~open.back());
            open.pop_back();
        }
    }
    for (const std::int32_t op : open) endpoints.push_back(~op);
    return endpoints;
}

template <class Mask>
void there_and_back() {
    std::mt19937_64 random(1);
    const std::vector<std::uint8_t> kinds{0, 1, 2};
    for (int round = 0; round < 100; ++round) {
        const Ops endpoints = random_endpoints(random, 12);
        Ops op_class(12);
        for (auto& cls : op_class) cls = static_cast<std::int32_t>(random() % 3);
        const holdfast::Problem problem(op_class, kinds, endpoints);
        holdfast::Scene<Mask> scene(problem);
        std::size_t at = 0;
        for (int step = 0; step < 300; ++step) {
            const bool onward = at == 0 || (at < endpoints.size() && random() % 9 < 5);
            if (onward) {
                scene.forward(endpoints[at++]);
            } else {
                scene.back(endpoints[--at]);
            }
            require_as_defined(scene, problem, static_cast<std::int32_t>(at));
        }
    }
}

}  // namespace

int main() {
    there_and_back<holdfast::SmallMask>();
    there_and_back<holdfast::WideMask>();
}
