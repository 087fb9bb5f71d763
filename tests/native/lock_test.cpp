// Locks decided from columns: tables, small random histories beside brute force, and refusals.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "lock_pass.hpp"
#include "lock_tokens.hpp"

namespace {

using holdfast::Found;
using holdfast::LockAnswer;
using holdfast::LockColumns;
using holdfast::Says;

constexpr std::int64_t NO_RETURN = -1;
constexpr std::int32_t UNOWNED = 0;

struct Call {
    Says says;
    std::int32_t token;
    std::int64_t invoked;
    std::int64_t completed;

    bool known() const { return completed != NO_RETURN; }
};

// Columns with the memory that they stand for.
struct History {
    std::vector<std::uint8_t> says, outcome;
    std::vector<std::int32_t> token;
    std::vector<std::int64_t> invoked, completed;
    std::int32_t tokens = 0;

    explicit History(const std::vector<Call>& calls) {
        for (const Call& call : calls) {
            says.push_back(static_cast<std::uint8_t>(call.says));
            outcome.push_back(call.known() ? 0 : holdfast::UNKNOWN_OUTCOME);
            token.push_back(call.token);
            invoked.push_back(call.invoked);
            completed.push_back(call.completed);
            tokens = std::max(tokens, call.token + 1);
        }
    }
    LockColumns columns() const { return {says, outcome, token, invoked, completed, tokens}; }
};

LockAnswer decide(const std::vector<Call>& calls, std::int32_t permits, bool with_order = true) {
    const History history(calls);
    return permits == UNOWNED ? holdfast::decide_unowned_mutex(history.columns(), with_order)
                              : holdfast::decide_token_lock(history.columns(), permits, with_order);
}

// The sequential lock: who holds, or without owners how many do.
struct Lock {
    std::int32_t permits;
    std::multiset<std::int32_t> holders;

    bool step(const Call& call) {
        const auto most = static_cast<std::size_t>(std::max(permits, 1));
        const auto its = holders.find(permits == UNOWNED ? 0 : call.token);
        switch (call.says) {
            case Says::acquire:
                if (holders.size() == most || (permits != UNOWNED && its != holders.end())) {
                    return false;
                }
                holders.insert(permits == UNOWNED ? 0 : call.token);
                return true;
            case Says::release:
                if (its == holders.end()) return false;
                holders.erase(its);
                return true;
            case Says::held:
                return holders.size() == most;
            case Says::free:
                return holders.size() < most;
            case Says::holder:
                return its != holders.end();
            default:
                return its == holders.end();
        }
    }
};

bool precedes(const Call& first, const Call& second) {
    return first.known() && first.completed < second.invoked;
}

bool has_order(const std::vector<Call>& calls, std::uint32_t done, const Lock& lock) {
    bool complete = true;
    for (std::size_t at = 0; at < calls.size(); ++at) {
        if (done >> at & 1 || !calls[at].known()) continue;
        complete = false;
    }
    if (complete) return true;
    for (std::size_t at = 0; at < calls.size(); ++at) {
        if (done >> at & 1) continue;
        bool may = true;
        for (std::size_t other = 0; other < calls.size(); ++other) {
            may = may && (done >> other & 1 || !precedes(calls[other], calls[at]));
        }
        Lock after = lock;
        if (may && after.step(calls[at]) && has_order(calls, done | 1U << at, after)) return true;
    }
    return false;
}

// An order must hold each known call once, keep real-time order, and be legal.
void require_order(const std::vector<Call>& calls, const std::vector<std::int32_t>& order,
                   std::int32_t permits) {
    Lock lock{permits, {}};
    std::vector<bool> done(calls.size(), false);
    for (const auto row : order) {
        const auto at = static_cast<std::size_t>(row);
        require(!done[at], "twice in the order");
        for (std::size_t later = 0; later < calls.size(); ++later) {
            require(!done[later] || !precedes(calls[at], calls[later]), "against real time");
        }
        done[at] = true;
        require(lock.step(calls[at]), "an illegal order");
    }
    for (std::size_t at = 0; at < calls.size(); ++at) {
        require(done[at] || !calls[at].known(), "a known call is missing");
    }
}

// Calls of a few tokens at few instants, most with an acquire that comes first.
std::vector<Call> random_calls(std::mt19937_64& random, bool owned) {
    const auto draw = [&random](std::uint64_t below) {
        return static_cast<std::int64_t>(random() % below);
    };
    std::vector<Call> calls;
    const auto span = static_cast<std::uint64_t>(6 + draw(20));
    const auto add = [&](Says says, std::int32_t token, std::int64_t from) {
        const auto invoked = from + draw(4);
        const bool lost = draw(6) == 0 && says <= Says::release;
        calls.push_back({says, token, invoked, lost ? NO_RETURN : invoked + draw(6)});
        return invoked;
    };
    for (std::int32_t token = 0; calls.size() < 7; ++token) {
        const auto began = add(Says::acquire, token, draw(span));
        if (draw(8) != 0) add(Says::release, token, began + draw(5));
        if (draw(12) == 0) add(Says::release, token, draw(span));
        if (draw(4) == 0) add(draw(2) == 0 ? Says::free : Says::held, -1, draw(span));
        if (owned && draw(6) == 0) {
            add(draw(2) == 0 ? Says::holder : Says::not_holder, token, draw(span));
        }
        if (draw(40) == 0) add(Says::acquire, token, draw(span));
    }
    std::stable_sort(calls.begin(), calls.end(),
                     [](const Call& a, const Call& b) { return a.invoked < b.invoked; });
    return calls;
}

void agrees_with_brute_force() {
    std::mt19937_64 random(1);
    for (const std::int32_t permits : {UNOWNED, 1, 2, 3}) {
        int found[3] = {0, 0, 0};
        for (int round = 0; round < 4000; ++round) {
            const auto calls = random_calls(random, permits != UNOWNED);
            const LockAnswer answer = decide(calls, permits);
            ++found[static_cast<int>(answer.found)];
            require(decide(calls, permits, false).found == answer.found, "the order changes it");
            if (answer.found == Found::order) require_order(calls, answer.order, permits);
            if (answer.found != Found::refuted) continue;
            require(!has_order(calls, 0, {permits, {}}), "refuted, but there is an order");
            if (permits == UNOWNED) continue;
            std::vector<Call> named;
            for (std::size_t at = 0; at < calls.size(); ++at) {
                const auto is = [](const auto& all, auto one) {
                    return std::find(all.begin(), all.end(), one) != all.end();
                };
                if (is(answer.tokens, calls[at].token) ||
                    is(answer.rows, static_cast<std::int32_t>(at))) {
                    named.push_back(calls[at]);
                }
            }
            require(!has_order(named, 0, {permits, {}}), "what is named does not refute it");
        }
        require(found[0] > 400 && found[1] > 400, "only one answer");
        require(permits != UNOWNED || found[2] == 0, "a mutex without owners is never outside");
    }
}

// Where one pass finds no order, the longer way finds none either, unless the pass cannot decide
// it.
void one_pass_decides_plain_calls() {
    std::mt19937_64 random(2);
    int orders = 0;
    for (int round = 0; round < 4000; ++round) {
        const auto calls = random_calls(random, false);
        const History history(calls);
        std::set<std::pair<Says, std::int32_t>> seen;
        bool plain = true;
        for (const Call& call : calls) {
            // Of those that saw it held, it leaves some to the longer way.
            plain = plain && call.says != Says::held;
            if (call.token < 0) continue;
            plain = plain && seen.insert({call.says, call.token}).second &&
                    (call.says == Says::acquire || seen.count({Says::acquire, call.token}) > 0);
        }
        const auto found = holdfast::pass_over_mutex(history.columns(), true);
        if (found) require_order(calls, found->order, 1);
        orders += found.has_value();
        if (!plain || found) continue;
        require(decide(calls, 1).found != Found::order, "the pass overlooked an order");
    }
    require(orders > 400, "hardly any order");
}

void tables() {
    constexpr auto A = Says::acquire, R = Says::release, F = Says::free, H = Says::held;
    struct Case {
        std::string name;
        std::vector<Call> calls;
        Found expected;
    };
    const std::vector<Case> cases{
        {"nothing", {}, Found::order},
        {"one hold", {{A, 0, 1, 2}, {R, 0, 3, 4}}, Found::order},
        {"a release alone", {{R, 0, 1, 2}}, Found::refuted},
        {"a holder that never took it", {{Says::holder, 0, 1, 2}}, Found::refuted},
        {"a release of unknown outcome alone", {{R, 0, 1, NO_RETURN}}, Found::order},
        {"given back before it was taken", {{R, 0, 1, 2}, {A, 0, 3, 4}}, Found::refuted},
        {"two that never give back", {{A, 0, 1, 2}, {A, 1, 3, 4}}, Found::refuted},
        {"the first may have", {{A, 0, 1, 2}, {R, 0, 3, NO_RETURN}, {A, 1, 4, 5}}, Found::order},
        {"certain at one instant only", {{A, 0, 0, 3}, {A, 1, 1, 3}, {R, 0, 3, 4}}, Found::order},
        {"certain together",
         {{A, 0, 0, 2}, {A, 1, 1, 3}, {R, 0, 4, 5}, {R, 1, 4, 5}},
         Found::refuted},
        {"free within a hold", {{A, 0, 0, 1}, {F, -1, 2, 3}, {R, 0, 4, 5}}, Found::refuted},
        {"rows in no order", {{A, 0, 0, 1}, {R, 0, 4, 5}, {F, -1, 2, 3}}, Found::refuted},
        {"free as it ends", {{A, 0, 0, 1}, {F, -1, 2, 4}, {R, 0, 4, 5}}, Found::order},
        {"held within a hold", {{A, 0, 0, 1}, {H, -1, 2, 3}, {R, 0, 4, 5}}, Found::order},
        {"held by nobody certain", {{A, 0, 0, 3}, {H, -1, 1, 2}, {R, 0, 4, 5}}, Found::outside},
        {"a token again", {{A, 0, 0, 1}, {R, 0, 2, 3}, {A, 0, 4, 5}}, Found::outside},
        {"an instant within another's hold",
         {{A, 0, 0, 1}, {A, 1, 2, 4}, {R, 1, 3, 5}, {R, 0, 6, 7}},
         Found::refuted},
    };
    for (const Case& one : cases) {
        require(decide(one.calls, 1).found == one.expected, one.name);
    }
    const std::vector<Call> third{{A, 0, 0, 1}, {A, 1, 0, 1}, {A, 2, 2, 3}};
    require(decide(third, 2).tokens.size() == 3, "three holders of two permits");
    require(decide(third, 3).found == Found::order, "three holders of three permits");
}

void misuse() {
    const std::vector<std::uint8_t> says{0}, outcome{0}, none, kinds{9};
    const std::vector<std::int32_t> token{0}, other{1};
    const std::vector<std::int64_t> instants{0};
    require_refused([&] { LockColumns(says, none, token, instants, instants, 1); },
                    "the columns differ in length");
    require_refused([&] { LockColumns(says, outcome, token, instants, instants, -1); },
                    "too many rows, or fewer than no tokens");
    const LockColumns good(says, outcome, token, instants, instants, 1);
    require_refused([&] { holdfast::decide_token_lock(good, 0, true); },
                    "a lock has at least one permit");
    const LockColumns stranger(says, outcome, other, instants, instants, 1);
    require_refused([&] { holdfast::decide_token_lock(stranger, 1, true); }, "no such token");
    const LockColumns unheard_of(kinds, outcome, token, instants, instants, 1);
    require_refused([&] { holdfast::decide_token_lock(unheard_of, 1, true); },
                    "no such kind of row");
}

}  // namespace

int main() {
    tables();
    misuse();
    agrees_with_brute_force();
    one_pass_decides_plain_calls();
}
