#include "trail.hpp"

#include <algorithm>
#include <unordered_map>

namespace holdfast {

std::vector<std::int32_t> Trail::order(std::int32_t node, const Problem& problem) const {
    std::vector<Node> steps;
    for (; node != START; node = nodes_[static_cast<std::size_t>(node)].before) {
        steps.push_back(nodes_[static_cast<std::size_t>(node)]);
    }
    std::reverse(steps.begin(), steps.end());

    // Operations of unknown outcome and one class are alike: those invoked first are used first.
    std::unordered_map<std::int32_t, std::vector<std::int32_t>> unknown;
    for (auto op = static_cast<std::int32_t>(problem.op_class.size()); op-- > 0;) {
        if (!problem.returns(op)) unknown[problem.cls(op)].push_back(op);
    }
    std::vector<std::int32_t> visible;
    std::unordered_map<std::size_t, std::vector<std::int32_t>> hidden_before;
    std::size_t latest_overwrite = 0;
    for (const Node& step : steps) {
        if (step.step == Step::absorb) {
            hidden_before[latest_overwrite].push_back(step.what);
            continue;
        }
        std::int32_t op = step.what;
        if (step.step == Step::unknown) {
            op = unknown[step.what].back();
            unknown[step.what].pop_back();
        }
        if (problem.kind(op) == Kind::overwrites) latest_overwrite = visible.size();
        visible.push_back(op);
    }
    std::vector<std::int32_t> result;
    for (std::size_t place = 0; place < visible.size(); ++place) {
        const auto hidden = hidden_before.find(place);
        if (hidden != hidden_before.end()) {
            result.insert(result.end(), hidden->second.begin(), hidden->second.end());
        }
        result.push_back(visible[place]);
    }
    return result;
}

void Trail::keep(const std::vector<std::int32_t*>& nodes) {
    std::vector<std::int32_t> renumbered(nodes_.size(), START);
    for (const std::int32_t* node : nodes) {
        for (std::int32_t at = *node; at != START;
             at = nodes_[static_cast<std::size_t>(at)].before) {
            if (renumbered[static_cast<std::size_t>(at)] != START) break;
            renumbered[static_cast<std::size_t>(at)] = 0;
        }
    }
    std::int32_t kept = 0;
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
        if (renumbered[at] == START) continue;
        Node node = nodes_[at];
        if (node.before != START) node.before = renumbered[static_cast<std::size_t>(node.before)];
        renumbered[at] = kept;
        nodes_[static_cast<std::size_t>(kept++)] = node;
    }
    nodes_.truncate(static_cast<std::size_t>(kept));
    for (std::int32_t* node : nodes) {
        if (*node != START) *node = renumbered[static_cast<std::size_t>(*node)];
    }
}

}  // namespace holdfast
