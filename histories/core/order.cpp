#include "order.hpp"

#include <functional>
#include <queue>
#include <stdexcept>
#include <utility>

namespace holdfast {

std::vector<std::int32_t> endpoints(std::span<const std::int64_t> invoked,
                                    std::span<const std::int64_t> completed,
                                    std::span<const std::uint8_t> returns) {
    if (completed.size() != invoked.size() || returns.size() != invoked.size()) {
        throw std::invalid_argument("the columns differ in length");
    }
    // Few operations are open at once, so this costs less than to sort all returns.
    using Return = std::pair<std::int64_t, std::int32_t>;
    std::priority_queue<Return, std::vector<Return>, std::greater<>> open;
    std::vector<std::int32_t> marks;
    marks.reserve(invoked.size() * 2);
    const auto let_return = [&] {
        marks.push_back(~open.top().second);
        open.pop();
    };
    for (std::size_t op = 0; op < invoked.size(); ++op) {
        if (op > 0 && invoked[op] < invoked[op - 1]) {
            throw std::invalid_argument("the operations are not in the order of their invocations");
        }
        while (!open.empty() && open.top().first < invoked[op]) let_return();
        marks.push_back(static_cast<std::int32_t>(op));
        if (returns[op]) open.emplace(completed[op], static_cast<std::int32_t>(op));
    }
    while (!open.empty()) let_return();
    return marks;
}

}  // namespace holdfast
