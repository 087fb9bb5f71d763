#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mask.hpp"

namespace holdfast {

// How many operations of unknown outcome were taken to have happened, by class: each such multiset
// is kept once and known by a number, so that a configuration stays small whatever their variety.
class UsedSets {
public:
    static constexpr std::int32_t NONE = 0;
    static constexpr std::uint64_t ALL = ~std::uint64_t{0};
    // Stands for the class in a set of few bits; some classes share one.
    static std::uint64_t bit(std::int32_t cls) { return std::uint64_t{1} << (cls & 63); }

    std::int32_t count(std::int32_t set, std::int32_t cls) const {
        for (const auto& [known, count] : sets_[static_cast<std::size_t>(set)]) {
            if (known == cls) return count;
        }
        return 0;
    }

    // How many operations the set holds in all.
    std::int32_t total(std::int32_t set) const { return totals_[static_cast<std::size_t>(set)]; }

    // The set with one more of the class.
    std::int32_t with(std::int32_t set, std::int32_t cls) {
        const auto key = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(set)) << 32) |
                         static_cast<std::uint32_t>(cls);
        const auto known = steps_.find(key);
        if (known != steps_.end()) return known->second;
        Counts counts = sets_[static_cast<std::size_t>(set)];
        auto place = counts.begin();
        while (place != counts.end() && place->first < cls) ++place;
        if (place != counts.end() && place->first == cls) {
            ++place->second;
        } else {
            counts.insert(place, {cls, 1});
        }
        const auto [found, fresh] =
            numbers_.try_emplace(std::move(counts), static_cast<std::int32_t>(sets_.size()));
        if (fresh) {
            sets_.push_back(found->first);
            totals_.push_back(totals_[static_cast<std::size_t>(set)] + 1);
            bytes_ += 2 * found->first.size() * sizeof(Counts::value_type) + 160;
        }
        steps_.emplace(key, found->second);
        return found->second;
    }

    // Whether no class is used more often in one set than in the other. Only those are compared
    // whose bit(class) is among the bits.
    bool within(std::int32_t set, std::int32_t other, std::uint64_t bits = ALL) const {
        if (set == other || set == NONE || bits == 0) return true;
        const Counts& few = sets_[static_cast<std::size_t>(set)];
        const Counts& many = sets_[static_cast<std::size_t>(other)];
        auto place = many.begin();
        for (const auto& [cls, count] : few) {
            if ((bits & bit(cls)) == 0) continue;
            while (place != many.end() && place->first < cls) ++place;
            if (place == many.end() || place->first != cls || place->second < count) return false;
        }
        return true;
    }

    std::size_t bytes() const { return bytes_ + steps_.size() * 64; }

private:
    using Counts = std::vector<std::pair<std::int32_t, std::int32_t>>;

    struct Hash {
        std::size_t operator()(const Counts& counts) const {
            std::uint64_t result = 0;
            for (const auto& [cls, count] : counts) {
                result = mixed(result * 31 + (static_cast<std::uint64_t>(cls) << 32) +
                               static_cast<std::uint64_t>(count));
            }
            return static_cast<std::size_t>(result);
        }
    };

    std::vector<Counts> sets_{Counts{}};
    std::vector<std::int32_t> totals_{0};
    std::unordered_map<Counts, std::int32_t, Hash> numbers_{{Counts{}, NONE}};
    std::unordered_map<std::uint64_t, std::int32_t> steps_;
    std::size_t bytes_ = 0;
};

}  // namespace holdfast
