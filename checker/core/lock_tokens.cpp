#include "lock_tokens.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "lock_pass.hpp"

namespace holdfast {
namespace {

constexpr std::int32_t NONE = -1;

// What the calls of one token say.
struct Attempt {
    Instant acquired = AT_NO_TIME;  // its acquire's invocation
    Instant begin_max = AT_NO_TIME;
    Instant end_min = AT_NO_TIME;
    Instant end_max = AT_NO_TIME;
    std::int32_t acquire = NONE;
    std::int32_t release = NONE;
};

// A hold and the time in which it is certain.
struct Core {
    Instant begin;
    Instant end;
    std::int32_t token;
};

// A time that must contain an instant at which a permit is free.
struct Need {
    Instant begin;
    Instant end;
    std::int32_t row;    // a read, or none
    std::int32_t token;  // or a token for which an instant is enough
};

enum Rank : std::uint8_t { END_SEEN, END, IN_BETWEEN, BEGIN, BEGIN_SEEN };

// One step of the order: (instant, rank, turn, step) decide, then the row.
struct Step {
    Instant at;
    std::uint8_t rank;
    std::int32_t turn;
    std::uint8_t step;
    std::int32_t row;
    auto key() const { return std::tuple(at, rank, turn, step, row); }
    bool operator<(const Step& other) const { return key() < other.key(); }
};

class TokenLock {
public:
    TokenLock(const LockColumns& rows, std::int32_t permits)
        : rows_(rows), permits_(permits), attempts_(static_cast<std::size_t>(rows.tokens)) {}

    LockAnswer run(bool with_order) {
        if (read() && read_own() && weigh() && saturate() && free_enough() && held_enough()) {
            answer_.found = Found::order;
            if (with_order) write_order();
        }
        return std::move(answer_);
    }

private:
    Attempt& attempt(std::size_t row) {
        const auto token = rows_.token[row];
        if (token < 0 || token >= rows_.tokens) throw std::invalid_argument("no such token");
        return attempts_[static_cast<std::size_t>(token)];
    }

    bool refute(std::initializer_list<std::int32_t> tokens,
                std::initializer_list<std::int32_t> rows = {}) {
        answer_.found = Found::refuted;
        answer_.tokens.assign(tokens);
        answer_.rows.assign(rows);
        return false;
    }

    bool read() {
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            switch (static_cast<Says>(rows_.says[row])) {
                case Says::acquire: {
                    Attempt& its = attempt(row);
                    if (its.acquire != NONE) return false;  // outside
                    its.acquire = static_cast<std::int32_t>(row);
                    its.acquired = rows_.begin(row);
                    its.begin_max = rows_.end(row);
                    break;
                }
                case Says::release: {
                    Attempt& its = attempt(row);
                    const bool had_known = its.end_max != AT_NO_TIME;
                    const bool known = rows_.known(row);
                    if (known && had_known) second_release_ = rows_.token[row];
                    if (its.release == NONE || (known && !had_known)) {
                        its.release = static_cast<std::int32_t>(row);
                        its.end_min = rows_.begin(row);
                        its.end_max = rows_.end(row);
                    }
                    break;
                }
                case Says::held:
                case Says::free:
                    observations_.push_back(static_cast<std::int32_t>(row));
                    break;
                case Says::not_holder:
                case Says::holder:
                    attempt(row);
                    own_.push_back(static_cast<std::int32_t>(row));
                    break;
                default:
                    throw std::invalid_argument("no such kind of row");
            }
        }
        return second_release_ == NONE || refute({second_release_});
    }

    // Reads that told a token as the holder make its hold longer.
    bool read_own() {
        for (const auto row : own_) {
            const auto at = static_cast<std::size_t>(row);
            if (static_cast<Says>(rows_.says[at]) != Says::holder) continue;
            Attempt& its = attempt(at);
            if (its.acquire == NONE) return refute({rows_.token[at]});
            its.begin_max = std::min(its.begin_max, rows_.end(at));
            if (its.release == NONE) continue;
            its.end_min = std::max(its.end_min, rows_.begin(at));
        }
        return true;
    }

    bool weigh() {
        for (std::size_t token = 0; token < attempts_.size(); ++token) {
            const Attempt& its = attempts_[token];
            const auto number = static_cast<std::int32_t>(token);
            const bool released = its.end_max != AT_NO_TIME;
            if (its.acquire == NONE) {
                if (released) return refute({number});
                continue;
            }
            if (its.begin_max == AT_NO_TIME && !released) continue;  // it never has to happen
            if (its.begin_max < its.acquired || its.end_max < its.end_min ||
                its.end_max < its.acquired) {
                return refute({number});
            }
            if (its.begin_max < its.end_min) {
                cores_.push_back({its.begin_max, its.end_min, number});
            } else {
                needs_.push_back({std::max(its.acquired, its.end_min),
                                  std::min(its.begin_max, its.end_max), NONE, number});
            }
        }
        for (const auto row : own_) {
            const auto at = static_cast<std::size_t>(row);
            if (static_cast<Says>(rows_.says[at]) != Says::not_holder) continue;
            const Attempt& its = attempt(at);
            if (happened(its) && rows_.begin(at) > its.begin_max && rows_.end(at) < its.end_min) {
                return refute({rows_.token[at]});
            }
        }
        return true;
    }

    static bool happened(const Attempt& its) {
        return its.acquire != NONE && (its.begin_max != AT_NO_TIME || its.end_max != AT_NO_TIME);
    }

    // Cores come nearly in order, as tokens do: moving each to its place is fast.
    void sort_cores() {
        std::size_t moves = 0;
        for (std::size_t at = 1; at < cores_.size(); ++at) {
            if (cores_[at - 1].begin <= cores_[at].begin) continue;
            const Core core = cores_[at];
            std::size_t to = at;
            for (; to > 0 && cores_[to - 1].begin > core.begin; --to) cores_[to] = cores_[to - 1];
            cores_[to] = core;
            moves += at - to;
            if (moves > 32 * cores_.size()) {
                std::sort(cores_.begin(), cores_.end(),
                          [](const Core& a, const Core& b) { return a.begin < b.begin; });
                return;
            }
        }
    }

    // Finds when all permits are certainly taken, or more than there are.
    bool saturate() {
        sort_cores();
        if (permits_ == 1) {
            for (std::size_t at = 1; at < cores_.size(); ++at) {
                if (cores_[at - 1].end > cores_[at].begin) {
                    return refute({cores_[at - 1].token, cores_[at].token});
                }
            }
            return true;
        }
        using End = std::pair<Instant, std::int32_t>;
        std::vector<End> holding;
        for (const Core& core : cores_) {
            const auto later = std::greater<End>();
            while (!holding.empty() && holding.front().first <= core.begin) {
                std::pop_heap(holding.begin(), holding.end(), later);
                holding.pop_back();
            }
            holding.emplace_back(core.end, core.token);
            std::push_heap(holding.begin(), holding.end(), later);
            const auto size = static_cast<std::int32_t>(holding.size());
            if (size > permits_) {
                refute({});
                for (const auto& end : holding) answer_.tokens.push_back(end.second);
                return false;
            }
            if (size == permits_) full_.push_back({core.begin, holding.front().first, NONE});
        }
        return true;
    }

    const std::vector<Core>& full() const { return permits_ == 1 ? cores_ : full_; }

    // The first time at which all permits are taken that ends at an instant or later.
    std::vector<Core>::const_iterator full_from(Instant instant) const {
        return std::lower_bound(full().begin(), full().end(), instant,
                                [](const Core& core, Instant at) { return core.end < at; });
    }

    Instant free_instant(Instant instant) const {
        const auto at = full_from(instant);
        return at != full().end() && at->begin < instant ? at->end : instant;
    }

    Instant held_instant(Instant instant) const {
        const auto at = full_from(instant);
        return at == full().end() ? AT_NO_TIME : std::max(at->begin, instant);
    }

    bool free_enough() {
        for (const auto row : observations_) {
            const auto at = static_cast<std::size_t>(row);
            if (static_cast<Says>(rows_.says[at]) == Says::free) {
                needs_.push_back({rows_.begin(at), rows_.end(at), row, NONE});
            }
        }
        for (const Need& need : needs_) {
            if (free_instant(need.begin) <= need.end) continue;
            refute({});
            for (const Core& core : cores_) {
                if (core.begin < need.begin && need.end < core.end) {
                    answer_.tokens.push_back(core.token);
                }
            }
            if (need.row != NONE) answer_.rows.push_back(need.row);
            if (need.token != NONE) answer_.tokens.push_back(need.token);
            return false;
        }
        return true;
    }

    bool held_enough() {
        for (const auto row : observations_) {
            const auto at = static_cast<std::size_t>(row);
            if (static_cast<Says>(rows_.says[at]) == Says::held &&
                held_instant(rows_.begin(at)) > rows_.end(at)) {
                return false;  // outside
            }
        }
        return true;
    }

    void write_order() {
        std::vector<Step> extra;
        std::int32_t turn = 0;
        std::vector<std::pair<Instant, std::int32_t>> short_at;
        if (!own_.empty()) short_at.resize(attempts_.size(), {0, 0});
        for (const Need& need : needs_) {
            if (need.token == NONE) continue;
            const auto token = static_cast<std::size_t>(need.token);
            const Instant at = free_instant(need.begin);
            extra.push_back({at, IN_BETWEEN, ++turn, 0, attempts_[token].acquire});
            extra.push_back({at, IN_BETWEEN, turn, 2, attempts_[token].release});
            if (!own_.empty()) short_at[token] = {at, turn};
        }
        for (const auto row : observations_) {
            const Instant begin = rows_.begin(static_cast<std::size_t>(row));
            if (static_cast<Says>(rows_.says[static_cast<std::size_t>(row)]) == Says::free) {
                extra.push_back({free_instant(begin), IN_BETWEEN, 0, 0, row});
            } else {
                extra.push_back(while_held(held_instant(begin), row));
            }
        }
        for (const auto row : own_) extra.push_back(own_step(row, short_at));
        std::sort(extra.begin(), extra.end());
        merge(extra);
    }

    Step while_held(Instant at, std::int32_t row) const {
        const bool begins = at > rows_.begin(static_cast<std::size_t>(row));
        return {at, begins ? BEGIN_SEEN : END_SEEN, 0, 0, row};
    }

    Step own_step(std::int32_t row,
                  const std::vector<std::pair<Instant, std::int32_t>>& short_at) const {
        const auto at = static_cast<std::size_t>(row);
        const auto token = static_cast<std::size_t>(rows_.token[at]);
        const Attempt& its = attempts_[token];
        const Instant begin = rows_.begin(at);
        const bool lasts = happened(its) && its.begin_max < its.end_min;
        if (static_cast<Says>(rows_.says[at]) == Says::not_holder) {
            const bool inside = lasts && its.begin_max < begin && begin < its.end_min;
            return {inside ? its.end_min : begin, IN_BETWEEN, 0, 0, row};
        }
        if (lasts) return while_held(std::max(its.begin_max, begin), row);
        return {short_at[token].first, IN_BETWEEN, short_at[token].second, 1, row};
    }

    // Joins the beginnings and ends of the cores with all else, each of them sorted.
    void merge(const std::vector<Step>& extra) {
        std::vector<Core> by_end;
        if (permits_ > 1) {
            by_end = cores_;
            std::sort(by_end.begin(), by_end.end(),
                      [](const Core& a, const Core& b) { return a.end < b.end; });
        }
        const auto& ends = permits_ == 1 ? cores_ : by_end;
        auto& order = answer_.order;
        order.reserve(rows_.size());
        std::size_t begun = 0, ended = 0, added = 0;
        while (true) {
            while (ended < ends.size() && ends[ended].end == AT_NO_TIME) ++ended;
            const bool begins = begun < cores_.size();
            // A hold ends after it began: its end is not due before the beginnings are.
            const bool closes = ended < ends.size();
            const bool adds = added < extra.size();
            if (!begins && !closes && !adds) return;
            const auto key = [](Instant at, std::uint8_t rank) { return std::pair(at, rank); };
            const auto none = key(std::numeric_limits<Instant>::max(), 0);
            const auto first = begins ? key(cores_[begun].begin, BEGIN) : none;
            const auto last = closes ? key(ends[ended].end, END) : none;
            const auto other = adds ? key(extra[added].at, extra[added].rank) : none;
            if (adds && other < first && other < last) {
                order.push_back(extra[added++].row);
            } else if (closes && last < first) {
                order.push_back(attempts_[static_cast<std::size_t>(ends[ended++].token)].release);
            } else {
                order.push_back(attempts_[static_cast<std::size_t>(cores_[begun++].token)].acquire);
            }
        }
    }

    const LockColumns& rows_;
    std::int32_t permits_;
    std::vector<Attempt> attempts_;
    std::vector<std::int32_t> observations_;
    std::vector<std::int32_t> own_;
    std::vector<Core> cores_;
    std::vector<Core> full_;
    std::vector<Need> needs_;
    std::int32_t second_release_ = NONE;
    LockAnswer answer_;
};

}  // namespace

LockAnswer decide_token_lock(const LockColumns& rows, std::int32_t permits, bool with_order) {
    if (permits < 1) throw std::invalid_argument("a lock has at least one permit");
    if (permits == 1) {
        if (auto found = pass_over_mutex(rows, with_order)) return std::move(*found);
    }
    return TokenLock(rows, permits).run(with_order);
}

}  // namespace holdfast
