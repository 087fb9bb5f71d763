#include "search_case.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "check.hpp"

namespace {

using holdfast::Kind;

class Bytes {
public:
    explicit Bytes(std::span<const std::uint8_t> left) : left_(left) {}
    bool empty() const { return left_.empty(); }
    int next() {
        if (left_.empty()) return 0;
        const int value = left_.front();
        left_ = left_.subspan(1);
        return value;
    }
    int below(int bound) { return next() % bound; }

private:
    std::span<const std::uint8_t> left_;
};

// Fills one column of the table: what a class of operations does in each state.
void decode_class(Bytes& bytes, BruteForce::Rows& rows, std::size_t cls) {
    const int states = static_cast<int>(rows.size());
    const int shape = bytes.below(4);
    const int first = bytes.below(states);
    const int second = shape == 2 ? bytes.below(states) : 0;
    for (int state = 0; state < states; ++state) {
        int& next = rows[static_cast<std::size_t>(state)][cls];
        if (shape == 0) next = state == first ? state : BruteForce::REFUSED;   // read
        if (shape == 1) next = first;                                          // write
        if (shape == 2) next = state == first ? second : BruteForce::REFUSED;  // compare and set
        if (shape == 3) next = bytes.below(states + 1) - 1;                    // anything
    }
}

std::vector<bool> reachable(const BruteForce::Rows& rows) {
    std::vector<bool> found(rows.size(), false);
    std::vector<int> pending{0};
    while (!pending.empty()) {
        const auto state = static_cast<std::size_t>(pending.back());
        pending.pop_back();
        if (found[state]) continue;
        found[state] = true;
        for (const int next : rows[state]) {
            if (next != BruteForce::REFUSED) pending.push_back(next);
        }
    }
    return found;
}

// The kinds that are true of a class in every state that can come about.
std::pair<bool, bool> true_kinds(const BruteForce::Rows& rows, std::size_t cls) {
    const auto found = reachable(rows);
    bool observes = true;
    bool overwrites = true;
    for (std::size_t state = 0; state < rows.size(); ++state) {
        if (!found[state]) continue;
        const int next = rows[state][cls];
        observes = observes && (next == BruteForce::REFUSED || next == static_cast<int>(state));
        overwrites = overwrites && next != BruteForce::REFUSED && next == rows[0][cls];
    }
    return {observes, overwrites};
}

Kind declared(const BruteForce::Rows& rows, std::size_t cls, int choice) {
    const auto [observes, overwrites] = true_kinds(rows, cls);
    if (choice == 0) return Kind::other;
    if (observes && (choice != 1 || !overwrites)) return Kind::observes;
    return overwrites ? Kind::overwrites : Kind::other;
}

// Runs clients one step at a time. What an operation does is settled when it takes effect, mostly
// so that the model accepts it: what comes out is legal or nearly so, which is where faults show.
class Recording {
public:
    Recording(Bytes& bytes, SearchCase& made, std::size_t operations_max)
        : bytes_(bytes), made_(made), operations_max_(operations_max) {}

    void run() {
        while (!bytes_.empty()) step(bytes_.next());
        while (!open_.empty()) leave(0, true);
    }

private:
    void step(int action) {
        if (open_.empty() || action % 5 < 2) {
            if (made_.op_class.size() < operations_max_) invoke();
            return;
        }
        const auto chosen = static_cast<std::size_t>(action / 5) % open_.size();
        if (action % 5 == 2) take_effect(open_[chosen]);
        if (action % 5 > 2) leave(chosen, action % 5 == 3 || action % 2 == 0);
    }

    void invoke() {
        open_.push_back(static_cast<std::int32_t>(made_.op_class.size()));
        made_.endpoints.push_back(open_.back());
        made_.op_class.push_back(UNSETTLED);
    }

    void take_effect(std::int32_t op) {
        std::int32_t& settled = made_.op_class[static_cast<std::size_t>(op)];
        if (settled != UNSETTLED) return;
        const auto& row = made_.rows[static_cast<std::size_t>(state_)];
        const int choice = bytes_.next();
        auto cls = static_cast<std::size_t>(choice) % row.size();
        for (std::size_t i = 0; i < row.size() && choice < 250; ++i) {
            if (row[cls] != BruteForce::REFUSED) break;
            cls = (cls + 1) % row.size();
        }
        settled = static_cast<std::int32_t>(cls);
        if (row[cls] != BruteForce::REFUSED) state_ = row[cls];
    }

    // Returns, or is never heard of again.
    void leave(std::size_t place, bool returns) {
        const std::int32_t op = open_[place];
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(place));
        take_effect(op);
        if (returns) made_.endpoints.push_back(~op);
    }

    static constexpr std::int32_t UNSETTLED = -1;
    Bytes& bytes_;
    SearchCase& made_;
    std::size_t operations_max_;
    std::vector<std::int32_t> open_;
    int state_ = 0;
};

// The same problem with more operations open than fit into one machine word.
SearchCase padded(const SearchCase& given) {
    SearchCase wide = given;
    const auto idle = static_cast<std::int32_t>(wide.class_kind.size());
    wide.class_kind.push_back(static_cast<std::uint8_t>(Kind::observes));
    for (std::size_t state = 0; state < wide.rows.size(); ++state) {
        wide.rows[state].push_back(static_cast<int>(state));
    }
    wide.op_class.assign(static_cast<std::size_t>(given.padding), idle);
    wide.op_class.insert(wide.op_class.end(), given.op_class.begin(), given.op_class.end());
    wide.endpoints.clear();
    for (std::int32_t op = 0; op < given.padding; ++op) wide.endpoints.push_back(op);
    for (const std::int32_t mark : given.endpoints) {
        wide.endpoints.push_back(mark < 0 ? mark - given.padding : mark + given.padding);
    }
    for (std::int32_t op = 0; op < given.padding; ++op) wide.endpoints.push_back(~op);
    return wide;
}

struct EndedEarly {};

holdfast::Answer searched_with_core(const SearchCase& given) {
    const holdfast::Problem problem(given.op_class, given.class_kind, given.endpoints);
    RowTable table(given.rows);
    std::int64_t polls = 0;
    auto answer = holdfast::search(
        problem, table.table(), given.shortcuts,
        [&](std::int64_t configurations, std::int32_t at, std::size_t bytes) {
            require(configurations >= 0 && at <= static_cast<std::int32_t>(given.endpoints.size()),
                    "a poll beyond the end");
            require(bytes > 0, "a poll without memory");
            if (polls++ == given.polls_until_end) throw EndedEarly();
        },
        given.patience, given.limits);
    for (auto& end : answer.dead_ends) end.state = table.state(end.state);
    return answer;
}

// So small that histories of a few operations come to them, for three choices of four.
holdfast::Limits small_limits(int choice) {
    holdfast::Limits limits;
    if (choice % 4 == 0) return limits;
    std::int32_t window = choice % 4;
    for (std::int32_t& each : limits.windows) each = std::exchange(window, window + choice / 4 % 4);
    if ((choice & 16) != 0) limits.nogoods_kept = 1 + static_cast<std::size_t>(choice / 32);
    if ((choice & 32) != 0) limits.trails_kept = 16;
    if ((choice & 192) == 0) limits.states_max = 1;
    return limits;
}

}  // namespace

SearchCase decoded(std::span<const std::uint8_t> given, std::size_t operations_max) {
    Bytes bytes(given);
    SearchCase made;
    const int switches = bytes.next();
    made.shortcuts = {(switches & 1) == 0, (switches & 2) == 0};
    made.patience = std::array<std::int64_t, 4>{0, 1, 5, 20'000}[(switches >> 2) & 3];
    if ((switches >> 4 & 3) == 3) made.padding = 60 + bytes.below(8);
    if (switches >> 6 == 3) made.polls_until_end = bytes.below(4);
    made.limits = small_limits(bytes.next());
    const auto states = static_cast<std::size_t>(1 + bytes.below(6));
    const auto classes = static_cast<std::size_t>(1 + bytes.below(6));
    made.rows.assign(states, std::vector<int>(classes, BruteForce::REFUSED));
    for (std::size_t cls = 0; cls < classes; ++cls) decode_class(bytes, made.rows, cls);
    for (std::size_t cls = 0; cls < classes; ++cls) {
        made.class_kind.push_back(
            static_cast<std::uint8_t>(declared(made.rows, cls, bytes.below(4))));
    }
    Recording(bytes, made, operations_max).run();
    return made;
}

Verdict compare(const SearchCase& given) {
    const SearchCase run = given.padding > 0 ? padded(given) : given;
    holdfast::Answer answer;
    try {
        answer = searched_with_core(run);
    } catch (const EndedEarly&) {
        return Verdict::ended;
    }
    const auto illegal = BruteForce(given.rows, given.op_class, given.endpoints).first_illegal();
    const BruteForce judge(run.rows, run.op_class, run.endpoints);
    require(answer.configurations >= 0, "a negative number of configurations");
    require(answer.linearizable == !illegal, illegal ? "should be illegal" : "should be legal");
    if (!illegal) {
        const std::string fault = judge.fault(answer.order, run.endpoints.size(), std::nullopt);
        require(fault.empty(), "the order: " + fault);
        require(answer.dead_ends.empty() && answer.completion == -1, "dead ends of a legal one");
        return Verdict::legal;
    }
    const auto at = *illegal + static_cast<std::size_t>(given.padding);
    require(answer.order.empty(), "an order of an illegal one");
    require(answer.completion == ~run.endpoints[at], "another return is the first without way on");
    require(!answer.dead_ends.empty(), "no dead ends");
    for (const auto& [order, state] : answer.dead_ends) {
        const std::string fault = judge.fault(order, at, state);
        require(fault.empty(), "a dead end: " + fault);
        require(std::find(order.begin(), order.end(), answer.completion) == order.end(),
                "a dead end after what it lacks");
    }
    return Verdict::illegal;
}
