#pragma once

#include <optional>

#include "lock_columns.hpp"

namespace holdfast {

// Decides a mutex by token in one pass. Nothing if the pass finds no order: the history is not
// linearizable, or a pass cannot decide it (a token has more than an acquire and one release after
// it, or a read of its own; rows are not in the order of invocation). What is found is an order.
std::optional<LockAnswer> pass_over_mutex(const LockColumns& rows, bool with_order);

}  // namespace holdfast
