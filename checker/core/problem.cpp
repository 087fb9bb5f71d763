#include "problem.hpp"

#include <algorithm>
#include <stdexcept>

namespace holdfast {

namespace {

void demand(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

}  // namespace

Problem::Problem(std::span<const std::int32_t> op_class, std::span<const std::uint8_t> class_kind,
                 std::span<const std::int32_t> endpoints)
    : op_class(op_class), class_kind(class_kind), endpoints(endpoints) {
    const auto operations = static_cast<std::int32_t>(op_class.size());
    for (const std::int32_t cls : op_class) {
        demand(cls >= 0 && static_cast<std::size_t>(cls) < class_kind.size(), "no such class");
    }
    for (const std::uint8_t kind : class_kind) demand(kind <= 2, "no such kind");
    invoked_at.assign(op_class.size(), NEVER);
    returned_at.assign(op_class.size(), NEVER);
    slot.assign(op_class.size(), -1);
    std::int32_t invoked = 0;
    for (std::size_t at = 0; at < endpoints.size(); ++at) {
        const std::int32_t mark = endpoints[at];
        const std::int32_t op = mark >= 0 ? mark : ~mark;
        demand(op < operations, "no such operation");
        auto& place = (mark >= 0 ? invoked_at : returned_at)[static_cast<std::size_t>(op)];
        demand(place == NEVER, "an operation has two equal endpoints");
        demand(mark >= 0 || invoked_at[static_cast<std::size_t>(op)] != NEVER,
               "an operation returns before its invocation");
        demand(mark < 0 || mark == invoked++,
               "operations are not numbered in the order of their invocation");
        place = static_cast<std::int32_t>(at);
    }
    for (const std::int32_t at : invoked_at) demand(at != NEVER, "an operation is never invoked");
    std::vector<std::int32_t> free;
    for (const std::int32_t mark : endpoints) {
        const auto op = static_cast<std::size_t>(mark >= 0 ? mark : ~mark);
        if (mark < 0) {
            free.push_back(slot[op]);
        } else if (returned_at[op] != NEVER) {
            if (free.empty()) free.push_back(slots++);
            slot[op] = free.back();
            free.pop_back();
        }
    }
}

}  // namespace holdfast
