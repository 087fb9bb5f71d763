#include <algorithm>
#include <functional>
#include <utility>

#include "lock_tokens.hpp"

namespace holdfast {
namespace {

// Goes through the events once; an operation takes effect only when one that returns demands it.
class UnownedMutex {
public:
    UnownedMutex(const LockColumns& rows, bool with_order) : rows_(rows), with_order_(with_order) {
        if (with_order) answer_.order.reserve(rows.size());
    }

    LockAnswer run() {
        answer_.found = Found::order;
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            if (!serve_before(rows_.begin(row))) return std::move(answer_);
            invoke(row);
        }
        serve_before(AT_NO_TIME);
        return std::move(answer_);
    }

private:
    using Deadline = std::pair<Instant, std::int32_t>;
    using Heap = std::vector<Deadline>;

    static void push(Heap& heap, Deadline one) {
        heap.push_back(one);
        std::push_heap(heap.begin(), heap.end(), std::greater<Deadline>());
    }
    static std::int32_t pop(Heap& heap) {
        std::pop_heap(heap.begin(), heap.end(), std::greater<Deadline>());
        const auto row = heap.back().second;
        heap.pop_back();
        return row;
    }

    void invoke(std::size_t row) {
        const auto number = static_cast<std::int32_t>(row);
        const Instant end = rows_.end(row);
        const auto says = static_cast<Says>(rows_.says[row]);
        if (says == Says::acquire || says == Says::release) {
            const bool takes = says == Says::acquire;
            if (end == AT_NO_TIME) {
                lost_[takes].push_back(number);
            } else {
                push(pending_[takes], {end, number});
                next_ = std::min(next_, end);
            }
        } else if ((says == Says::held) == held_) {
            take_effect(number);
        } else if (end != AT_NO_TIME) {
            waiting_.push_back({end, number});
            next_ = std::min(next_, end);
        }
    }

    bool serve_before(Instant instant) {
        while (next_ < instant) {
            if (!serve()) return false;
            next_ = AT_NO_TIME;  // whatever was seen is served by now
            for (const Heap& heap : pending_) {
                if (!heap.empty()) next_ = std::min(next_, heap.front().first);
            }
        }
        return true;
    }

    // Lets the operation take effect that returns next, and what must have before it.
    bool serve() {
        for (const bool takes : {false, true}) {
            const Heap& heap = pending_[takes];
            if (heap.empty() || heap.front().first != next_) continue;
            const auto row = heap.front().second;
            return (held_ != takes || flip(row)) && flip(row);
        }
        const auto at = std::find_if(waiting_.begin(), waiting_.end(),
                                     [this](const Deadline& one) { return one.first == next_; });
        return flip(at->second);
    }

    // Lets the pending operation that changes the lock, and returns first, take effect; if there
    // is none, that refutes what a row's return demands.
    bool flip(std::int32_t row) {
        const bool takes = !held_;
        if (!pending_[takes].empty()) {
            take_effect(pop(pending_[takes]));
        } else if (!lost_[takes].empty()) {
            take_effect(lost_[takes].back());
            lost_[takes].pop_back();
        } else {
            answer_.found = Found::refuted;
            answer_.rows.push_back(row);
            answer_.order.clear();
            return false;
        }
        held_ = takes;
        for (const Deadline& one : waiting_) take_effect(one.second);
        waiting_.clear();
        return true;
    }

    void take_effect(std::int32_t row) {
        if (with_order_) answer_.order.push_back(row);
    }

    const LockColumns& rows_;
    const bool with_order_;
    Heap pending_[2];                    // releases, acquires; by their returns
    std::vector<std::int32_t> lost_[2];  // likewise, those of unknown outcome
    std::vector<Deadline> waiting_;      // observations of the lock as it is not now
    Instant next_ = AT_NO_TIME;          // the first return of all these
    bool held_ = false;
    LockAnswer answer_;
};

}  // namespace

LockAnswer decide_unowned_mutex(const LockColumns& rows, bool with_order) {
    return UnownedMutex(rows, with_order).run();
}

}  // namespace holdfast
