#pragma once

#include "lock_columns.hpp"

namespace holdfast {

// Decides a lock by token where every hold may be as short as it can be: what
// holdfast.checker.locks.tokens says at length. Outside are tokens used for several attempts, and
// observations that somebody held when nobody certainly did.
LockAnswer decide_token_lock(const LockColumns& rows, std::int32_t permits, bool with_order);

// Decides a mutex without owners: what holdfast.checker.locks.unowned says at length.
LockAnswer decide_unowned_mutex(const LockColumns& rows, bool with_order);

}  // namespace holdfast
