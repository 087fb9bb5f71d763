#include "lock_columns.hpp"

#include <stdexcept>

namespace holdfast {

LockColumns::LockColumns(std::span<const std::uint8_t> says_,
                         std::span<const std::uint8_t> outcome_,
                         std::span<const std::int32_t> token_,
                         std::span<const std::int64_t> invoked_,
                         std::span<const std::int64_t> completed_, std::int32_t tokens_)
    : says(says_),
      outcome(outcome_),
      token(token_),
      invoked(invoked_),
      completed(completed_),
      tokens(tokens_) {
    const auto rows = says.size();
    if (outcome.size() != rows || token.size() != rows || invoked.size() != rows ||
        completed.size() != rows) {
        throw std::invalid_argument("the columns differ in length");
    }
    if (rows > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) || tokens < 0) {
        throw std::invalid_argument("too many rows, or fewer than no tokens");
    }
}

}  // namespace holdfast
