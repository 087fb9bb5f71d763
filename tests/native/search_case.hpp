#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "brute_force.hpp"
#include "search.hpp"

// A small problem together with how it is to be searched.
struct SearchCase {
    BruteForce::Rows rows;
    std::vector<std::uint8_t> class_kind;
    std::vector<std::int32_t> op_class;
    std::vector<std::int32_t> endpoints;
    holdfast::Shortcuts shortcuts;
    holdfast::Limits limits;
    std::int64_t patience = 0;
    int padding = 0;                    // operations without effect, open from first to last
    std::int64_t polls_until_end = -1;  // ends the search at that poll, unless negative
};

enum class Verdict { legal, illegal, ended };

// Makes a problem of any bytes.
SearchCase decoded(std::span<const std::uint8_t> bytes, std::size_t operations_max = 10);

// The rows as a table of the core, which wants states numbered as it meets them, the initial one 0.
class RowTable {
public:
    explicit RowTable(const BruteForce::Rows& rows)
        : table_([this, &rows](holdfast::State number, std::int32_t cls) {
              const auto from = static_cast<std::size_t>(state(number));
              return numbered(rows.at(from).at(static_cast<std::size_t>(cls)));
          }) {}
    holdfast::Table& table() { return table_; }
    int state(holdfast::State number) const { return states_.at(static_cast<std::size_t>(number)); }

private:
    holdfast::State numbered(int state) {
        if (state == BruteForce::REFUSED) return holdfast::REFUSED;
        const auto found = std::find(states_.begin(), states_.end(), state);
        const auto place = static_cast<holdfast::State>(found - states_.begin());
        if (found == states_.end()) states_.push_back(state);
        return place;
    }

    std::vector<int> states_{0};
    holdfast::Table table_;
};

// Searches, and aborts unless brute force agrees with all that the search answers.
Verdict compare(const SearchCase& searched);
