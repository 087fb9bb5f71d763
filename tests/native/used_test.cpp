// Multisets known by numbers: against std::map.

#include "used.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "check.hpp"

namespace {

using Counts = std::map<std::int32_t, std::int32_t>;

void agrees_with_map() {
    std::mt19937_64 random(1);
    holdfast::UsedSets sets;
    std::vector<std::pair<std::int32_t, Counts>> known{{holdfast::UsedSets::NONE, {}}};
    for (int round = 0; round < 300; ++round) {
        auto [set, counts] = known[random() % known.size()];
        const auto cls = static_cast<std::int32_t>(random() % 5);
        set = sets.with(set, cls);
        ++counts[cls];
        known.emplace_back(set, counts);
    }
    for (const auto& [set, counts] : known) {
        for (std::int32_t cls = 0; cls < 6; ++cls) {
            const auto found = counts.find(cls);
            require(sets.count(set, cls) == (found == counts.end() ? 0 : found->second), "count");
        }
        for (const auto& [other, many] : known) {
            const bool within =
                std::all_of(counts.begin(), counts.end(), [&many = many](const auto& few) {
                    const auto found = many.find(few.first);
                    return found != many.end() && few.second <= found->second;
                });
            require(sets.within(set, other) == within, "within");
            require((set == other) == (counts == many), "equal sets have equal numbers");
        }
    }
}

void order_does_not_matter() {
    holdfast::UsedSets sets;
    const auto one = sets.with(sets.with(holdfast::UsedSets::NONE, 7), 3);
    const auto other = sets.with(sets.with(holdfast::UsedSets::NONE, 3), 7);
    require(one == other, "the same set by another way");
    const std::size_t bytes = sets.bytes();
    sets.with(sets.with(holdfast::UsedSets::NONE, 7), 3);
    require(sets.bytes() == bytes, "what is known takes no more memory");
}

}  // namespace

int main() {
    agrees_with_map();
    order_does_not_matter();
}
