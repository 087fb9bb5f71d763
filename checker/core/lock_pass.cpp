#include "lock_pass.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

namespace holdfast {
namespace {

// What is known of a token: nothing, one more than the row of its acquire, or that it is done.
using Known = std::int32_t;
constexpr Known NOTHING = 0, DONE = -1;

// A table of zeros that takes memory only where it is written.
class Zeros {
public:
    explicit Zeros(std::size_t size)
        : numbers_(static_cast<Known*>(std::calloc(size + 1, sizeof(Known))), &std::free) {
        if (!numbers_) throw std::bad_alloc();
    }
    Known* begin() { return numbers_.get(); }

private:
    std::unique_ptr<Known, decltype(&std::free)> numbers_;
};

// Certain holds are met in the order of their ends, that of the releases' invocations. Disjoint
// ones are in the order of their beginnings as well, so the latest end is all that must be
// remembered of them. What came since then waits for the next: it settles whether that is within
// it.
template <bool with_order>
class Pass {
public:
    explicit Pass(const LockColumns& rows)
        : rows_(rows), known_(static_cast<std::size_t>(rows.tokens)) {
        if (with_order) order_.resize(rows.size() + 2);
    }

    std::optional<LockAnswer> run() {
        if (!pass() || !finish()) return std::nullopt;
        LockAnswer answer;
        answer.found = Found::order;
        if (with_order) order_.resize(written_);
        answer.order = std::move(order_);
        return answer;
    }

private:
    // What takes effect at one instant: a read, or an acquire and its release.
    struct Waiting {
        Instant begin;
        Instant end;
        std::int32_t row;
        std::int32_t acquire;  // or -1
    };

    // Acquires and releases are told apart without branches, which could not be predicted.
    bool pass() {
        Known* const known = known_.begin();
        const auto tokens = static_cast<std::uint32_t>(rows_.tokens);
        Instant latest = BEFORE_ALL;
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            const Instant now = rows_.begin(row);
            const auto token = static_cast<std::uint32_t>(rows_.token[row]);
            if (now < latest) return false;
            latest = now;
            const auto says = static_cast<Says>(rows_.says[row]);
            if ((token >= tokens) | (says > Says::release)) [[unlikely]] {
                if (!observe(row)) return false;
                continue;
            }
            const bool releases = says == Says::release;
            const Known its = known[token];
            const std::size_t acquire = its > 0 ? static_cast<std::size_t>(its - 1) : row;
            const Instant begin = rows_.end(acquire);
            const bool lasts = releases & (its > 0) & (begin < now);
            const bool begins = (says == Says::acquire) & (its == NOTHING);
            if (!(lasts | begins)) [[unlikely]] {
                if (!releases || its <= 0) return false;
                known[token] = DONE;
                wait_for_instant(row, acquire);
                continue;
            }
            if (lasts & (begin < end_)) [[unlikely]]
                return false;
            if (lasts & waiting_) [[unlikely]] {
                if (!settle(begin, now, acquire)) return false;
                write(lasts, row);
            } else {
                write(lasts, acquire, row);
            }
            known[token] = lasts ? DONE : static_cast<Known>(row) + 1;
            end_ = lasts ? now : end_;
        }
        return true;
    }

    // A hold without a release, if there is one, is the last.
    bool finish() {
        Known* const known = known_.begin();
        Instant begin = AT_NO_TIME;
        std::size_t acquire = 0;
        for (std::size_t token = 0; token < static_cast<std::size_t>(rows_.tokens); ++token) {
            if (known[token] <= 0) continue;
            const auto row = static_cast<std::size_t>(known[token] - 1);
            if (!rows_.known(row)) continue;
            if (begin != AT_NO_TIME || rows_.end(row) < end_) return false;
            begin = rows_.end(row);
            acquire = row;
        }
        if (begin != AT_NO_TIME) return settle(begin, AT_NO_TIME, acquire);
        for (const Waiting& one : needs_) write(one);
        return held_.empty();
    }

    bool observe(std::size_t row) {
        const auto says = static_cast<Says>(rows_.says[row]);
        if (says != Says::free && says != Says::held) return false;
        const auto number = static_cast<std::int32_t>(row);
        (says == Says::free ? needs_ : held_)
            .push_back({rows_.begin(row), rows_.end(row), number, -1});
        waiting_ = true;
        return true;
    }

    void wait_for_instant(std::size_t row, std::size_t acquire) {
        const Instant end = std::min(rows_.end(acquire), rows_.end(row));
        if (end == AT_NO_TIME) return;  // it never has to happen
        needs_.push_back({rows_.begin(row), end, static_cast<std::int32_t>(row),
                          static_cast<std::int32_t>(acquire)});
        waiting_ = true;
    }

    // Places what waits before, within or after a certain hold.
    bool settle(Instant begin, Instant end, std::size_t acquire) {
        std::size_t before = 0;
        while (before < needs_.size() && needs_[before].begin < begin) write(needs_[before++]);
        write(true, acquire);
        for (const Waiting& one : held_) {
            if (one.end < begin) return false;
            write(one);
        }
        held_.clear();
        needs_.erase(needs_.begin(), needs_.begin() + static_cast<std::ptrdiff_t>(before));
        for (const Waiting& one : needs_) {
            if (one.end < end) return false;
        }
        waiting_ = !needs_.empty();
        return true;
    }

    void write(bool really, std::size_t row) {
        if constexpr (with_order) {
            order_[written_] = static_cast<std::int32_t>(row);
            written_ += really;
        }
    }
    void write(bool really, std::size_t first, std::size_t second) {
        if constexpr (with_order) {
            order_[written_] = static_cast<std::int32_t>(first);
            order_[written_ + 1] = static_cast<std::int32_t>(second);
            written_ += 2 * static_cast<std::size_t>(really);
        }
    }
    void write(const Waiting& one) {
        if (one.acquire >= 0) write(true, static_cast<std::size_t>(one.acquire));
        write(true, static_cast<std::size_t>(one.row));
    }

    const LockColumns& rows_;
    Zeros known_;  // by token
    Instant end_ = BEFORE_ALL;
    bool waiting_ = false;
    std::vector<Waiting> needs_;  // an instant at which nobody holds, in the order of their begins
    std::vector<Waiting> held_;   // one at which somebody does
    std::vector<std::int32_t> order_;
    std::size_t written_ = 0;
};

}  // namespace

std::optional<LockAnswer> pass_over_mutex(const LockColumns& rows, bool with_order) {
    return with_order ? Pass<true>(rows).run() : Pass<false>(rows).run();
}

}  // namespace holdfast
