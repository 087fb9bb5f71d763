#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "problem.hpp"

namespace holdfast {

// What is open at one place among the endpoints, the same for every configuration there.
// Can be moved forward and back.
template <class Mask>
class Scene {
public:
    explicit Scene(const Problem& problem)
        : problem_(&problem),
          unknown_(problem.class_kind.size()),
          holder_(static_cast<std::size_t>(problem.slots)),
          observing_(problem.slots),
          overwriting_(problem.slots) {}

    // Operations that return, those that return first in front.
    const std::vector<std::int32_t>& open() const { return open_; }
    // The operation that holds a slot.
    std::int32_t holder(int slot) const { return holder_[static_cast<std::size_t>(slot)]; }
    // The slots of open operations that observe, and of those that overwrite.
    const Mask& observing() const { return observing_; }
    const Mask& overwriting() const { return overwriting_; }
    // Classes with operations of unknown outcome, in the order of their first invocation.
    const std::vector<std::int32_t>& unknown_classes() const { return unknown_classes_; }
    // How many operations of unknown outcome of a class were invoked.
    std::int32_t unknown(std::int32_t cls) const { return unknown_[static_cast<std::size_t>(cls)]; }

    // Goes past an endpoint.
    void forward(std::int32_t mark) {
        if (mark < 0) {
            leave(open_.front());
            open_.erase(open_.begin());
        } else if (problem_->returns(mark)) {
            open_.insert(place(mark), mark);
            enter(mark);
        } else if (unknown_[static_cast<std::size_t>(problem_->cls(mark))]++ == 0) {
            unknown_classes_.push_back(problem_->cls(mark));
        }
    }
    // Goes back before an endpoint.
    void back(std::int32_t mark) {
        if (mark < 0) {
            open_.insert(open_.begin(), ~mark);
            enter(~mark);
        } else if (problem_->returns(mark)) {
            open_.erase(place(mark));
            leave(mark);
        } else if (--unknown_[static_cast<std::size_t>(problem_->cls(mark))] == 0) {
            unknown_classes_.pop_back();
        }
    }

private:
    void enter(std::int32_t op) {
        const int slot = problem_->slot[static_cast<std::size_t>(op)];
        holder_[static_cast<std::size_t>(slot)] = op;
        if (problem_->kind(op) == Kind::observes) observing_.add(slot);
        if (problem_->kind(op) == Kind::overwrites) overwriting_.add(slot);
    }
    void leave(std::int32_t op) {
        const int slot = problem_->slot[static_cast<std::size_t>(op)];
        observing_.remove(slot);
        overwriting_.remove(slot);
    }
    std::vector<std::int32_t>::iterator place(std::int32_t op) {
        return std::lower_bound(open_.begin(), open_.end(), op, [this](auto left, auto right) {
            return problem_->returned_at[static_cast<std::size_t>(left)] <
                   problem_->returned_at[static_cast<std::size_t>(right)];
        });
    }

    const Problem* problem_;
    std::vector<std::int32_t> open_;
    std::vector<std::int32_t> unknown_classes_;
    std::vector<std::int32_t> unknown_;
    std::vector<std::int32_t> holder_;
    Mask observing_;
    Mask overwriting_;
};

}  // namespace holdfast
