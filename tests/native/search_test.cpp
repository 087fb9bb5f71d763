// Small problems made by hand, with every choice of shortcuts and patience; and one long enough
// that trails are forgotten on the way.

#include "search.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "brute_force.hpp"
#include "check.hpp"
#include "search_case.hpp"

namespace {

using Numbers = std::vector<std::int32_t>;

// A register of the values 0 and 1: classes read 0, read 1, write 0, write 1, and 0 changed to 1.
constexpr std::int32_t READ_0 = 0, READ_1 = 1, WRITE_0 = 2, WRITE_1 = 3, SWAP = 4;
const BruteForce::Rows REGISTER{{0, -1, 0, 1, 1}, {-1, 1, 0, 1, -1}};

struct Example {
    std::string name;
    Numbers op_class;
    Numbers endpoints;
    std::int32_t completion;  // or -1, if it is legal
};

const std::vector<Example> EXAMPLES{
    {"no operations", {}, {}, -1},
    {"a read of the initial value", {READ_0}, {0, ~0}, -1},
    {"a read of what was never written", {READ_1}, {0, ~0}, 0},
    {"a stale read", {WRITE_1, READ_0}, {0, ~0, 1, ~1}, 1},
    {"a read during a write", {WRITE_1, READ_0}, {0, 1, ~0, ~1}, -1},
    {"a write seen and then not", {WRITE_1, READ_1, READ_0}, {0, 1, ~1, 2, ~2, ~0}, 2},
    {"one swap wins", {SWAP, SWAP}, {0, 1, ~1, ~0}, 0},
    {"a write of unknown outcome, seen", {WRITE_1, READ_1}, {0, 1, ~1}, -1},
    {"a write of unknown outcome, never seen", {WRITE_1, READ_0}, {0, 1, ~1}, -1},
    {"seen once, gone, seen again",
     {WRITE_1, READ_1, WRITE_0, READ_0, READ_1},
     {0, 1, ~1, 2, ~2, 3, ~3, 4, ~4},
     4},
    {"two of unknown outcome can be seen twice",
     {SWAP, SWAP, READ_1, WRITE_0, READ_1},
     {0, 1, 2, ~2, 3, ~3, 4, ~4},
     -1},
    {"a write that passed unseen", {WRITE_0, WRITE_1, READ_1}, {0, 1, 2, ~2, ~1, ~0}, -1},
    {"a write after the only one that could hide it",
     {WRITE_1, WRITE_0, READ_1},
     {0, ~0, 1, ~1, 2, ~2},
     2},
};

void examples() {
    for (const Example& example : EXAMPLES) {
        for (int choice = 0; choice < 64; ++choice) {
            SearchCase given;
            given.rows = REGISTER;
            given.class_kind = {1, 1, 2, 2, 0};
            if ((choice & 4) != 0) given.class_kind.assign(5, 0);
            given.op_class = example.op_class;
            given.endpoints = example.endpoints;
            given.shortcuts = {(choice & 1) != 0, (choice & 2) != 0};
            given.patience =
                std::vector<std::int64_t>{0, 1, 5, 20'000}[static_cast<unsigned>(choice / 8 % 4)];
            if (choice >= 32) given.padding = 70;
            const BruteForce judge(given.rows, given.op_class, given.endpoints);
            const auto illegal = judge.first_illegal();
            require(
                illegal ? given.endpoints[*illegal] == ~example.completion : example.completion < 0,
                "brute force errs: " + example.name);
            const Verdict wanted = example.completion < 0 ? Verdict::legal : Verdict::illegal;
            require(compare(given) == wanted, example.name);
        }
    }
}

// Two ways lead to the same state. In both, an early write may pass unseen; only in the other one a
// later write may, too, as an overwriting operation came after it. The first does not cover it.
void what_may_pass_unseen_is_compared() {
    constexpr std::int32_t START = 0, P = 1, Q = 2, V = 3, X = 4;
    constexpr std::int32_t WRITE_P = 0, WRITE_V = 1, WRITE_X = 2, MOVE = 3, READ_P = 4, LATER = 5,
                           READ_Q = 6;
    SearchCase given;
    given.rows.assign(5, std::vector<int>(7, BruteForce::REFUSED));
    for (auto& row : given.rows) {
        row[WRITE_P] = P;
        row[WRITE_V] = V;
        row[WRITE_X] = X;
    }
    given.rows[P][MOVE] = given.rows[V][MOVE] = Q;
    given.rows[P][READ_P] = P;
    for (const int state : {Q, V}) given.rows[static_cast<std::size_t>(state)][LATER] = state;
    given.rows[Q][READ_Q] = Q;
    given.rows[START][READ_P] = BruteForce::REFUSED;
    given.class_kind = {2, 2, 2, 0, 1, 1, 1};
    //                 0        1        2       3        4     5      6       7
    given.op_class = {WRITE_P, WRITE_V, READ_P, WRITE_X, MOVE, LATER, READ_Q, READ_Q};
    given.endpoints = {0, 1, 2, ~2, ~0, 3, 4, 5, ~5, 6, ~6, ~1, ~3, ~4, 7, ~7};
    for (const std::int64_t patience : {0, 1, 5, 20'000}) {
        given.patience = patience;
        require(compare(given) == Verdict::legal, "what may pass unseen");
    }
}

// The way that uses fewest operations of unknown outcome uses the one that is needed later. Others
// keep the search from finding that out depth first.
void the_thriftiest_way_is_not_always_right() {
    constexpr std::int32_t NEEDED = 0, HALF = 1, OTHER_HALF = 2, SEE_1 = 3, MOVE = 4, SEE_5 = 5;
    constexpr std::int32_t DISTRACTIONS = 3;
    SearchCase given;
    given.rows.assign(7, std::vector<int>(6 + DISTRACTIONS, BruteForce::REFUSED));
    given.rows[0][NEEDED] = 1;
    given.rows[4][NEEDED] = 5;
    given.rows[0][HALF] = 2;
    given.rows[2][OTHER_HALF] = 1;
    given.rows[1][SEE_1] = 1;
    given.rows[1][MOVE] = 4;
    given.rows[5][SEE_5] = 5;
    given.class_kind.assign(6 + DISTRACTIONS, 0);
    given.op_class = {NEEDED, HALF, OTHER_HALF};
    for (std::size_t cls = 6; cls < 6 + DISTRACTIONS; ++cls) {
        given.rows[4][cls] = 6;
        given.rows[6][cls] = 4;
        given.op_class.insert(given.op_class.end(), 2, static_cast<std::int32_t>(cls));
    }
    for (const std::int32_t cls : {SEE_1, MOVE, SEE_5}) given.op_class.push_back(cls);
    given.endpoints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ~9, 10, ~10, 11, ~11};
    for (const std::int64_t patience : {0, 1, 5, 20'000}) {
        given.patience = patience;
        require(compare(given) == Verdict::legal, "two of unknown outcome instead of one");
    }
}

// Rounds of operations that are all open at once and all do the same: every subset is followed.
void trails_forgotten_on_the_way() {
    constexpr std::int32_t open = 11, rounds = 300, states = 7;
    BruteForce::Rows rows;
    for (int state = 0; state < states; ++state) rows.push_back({(state + 1) % states});
    Numbers endpoints;
    for (std::int32_t round = 0; round < rounds; ++round) {
        for (std::int32_t i = 0; i < open; ++i) endpoints.push_back(round * open + i);
        for (std::int32_t i = 0; i < open; ++i) endpoints.push_back(~(round * open + i));
    }
    const Numbers op_class(open * rounds, 0);
    const std::vector<std::uint8_t> kinds{0};
    const holdfast::Problem problem(op_class, kinds, endpoints);
    holdfast::Table table([&](holdfast::State state, std::int32_t) {
        return rows[static_cast<std::size_t>(state)][0];
    });
    std::size_t most = 0;
    const auto answer = holdfast::search(
        problem, table, {false, false},
        [&](std::int64_t, std::int32_t, std::size_t bytes) { most = std::max(most, bytes); }, 0);
    require(answer.linearizable, "increments are legal");
    const std::string fault =
        BruteForce(rows, op_class, endpoints).fault(answer.order, endpoints.size(), std::nullopt);
    require(fault.empty(), fault);
    require(most > 0 && most < 40'000'000, "trails are not forgotten");
}

// A counter has no last state: to let an increment of unknown outcome take effect any number of
// times must not go on for ever.
void a_model_with_states_without_end() {
    constexpr std::int32_t INCREMENT = 0, IMPOSSIBLE = 1;
    const Numbers op_class{INCREMENT, IMPOSSIBLE};
    const Numbers endpoints{0, 1, ~1};
    const std::vector<std::uint8_t> kinds{0, 1};
    for (const std::int64_t patience : {0, 1, 20'000}) {
        const holdfast::Problem problem(op_class, kinds, endpoints);
        holdfast::Table table([](holdfast::State state, std::int32_t cls) {
            require(state < 10'000, "goes on for ever");
            return cls == INCREMENT ? state + 1 : holdfast::REFUSED;
        });
        const auto answer = holdfast::search(problem, table, {}, [](auto, auto, auto) {}, patience);
        require(!answer.linearizable && answer.completion == 1, "the impossible one is the last");
    }
}

}  // namespace

int main() {
    a_model_with_states_without_end();
    examples();
    what_may_pass_unseen_is_compared();
    the_thriftiest_way_is_not_always_right();
    trails_forgotten_on_the_way();
}
