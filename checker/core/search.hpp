#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "limits.hpp"
#include "pace.hpp"
#include "problem.hpp"
#include "table.hpp"

namespace holdfast {

// Where nothing could come next: what had taken effect, in order, and the state.
struct DeadEnd {
    std::vector<std::int32_t> order;
    State state;
};

struct Answer {
    bool linearizable = false;
    std::vector<std::int32_t> order;  // a legal order, if there is one
    std::int32_t completion = -1;     // else the operation whose return nothing survives
    std::vector<DeadEnd> dead_ends;
    std::int64_t configurations = 0;
};

// Decides whether a problem has a legal order: depth first for as long as that makes progress, and
// then breadth first, which proves that there is none.
//
// patience: how many configurations without progress make it turn to breadth; 0 turns at once.
Answer search(const Problem& problem, Table& table, Shortcuts shortcuts, const Poll& poll,
              std::int64_t patience, const Limits& limits = {});

}  // namespace holdfast
